import type { Observation, ObservationAttributes } from "@spanwise/core";
import { now, RunMap } from "@spanwise/core/adapter";
import { arrayOf, classNameOf, defined, fieldsOf, isObject, stringOf } from "./fields.ts";
import { describeResponse, StreamedAnswer } from "./llm-answer.ts";
import { describeInput, describeModel } from "./llm-request.ts";
import type { Recorder } from "./recorder.ts";
import type { Run, RunSpec } from "./run.ts";
import { answerOf, describeNodes, nodeIds, queryOf } from "./values.ts";

/** The events that begin and end something, by the word before `-start` and `-end`. */
export const PAIRS = ["query", "retrieve", "synthesize", "llm", "node-parsing", "chunking", "agent"] as const;
export type Pair = (typeof PAIRS)[number];

/** Who an event says called: an id for each call, the object, and who called that. */
export interface EventReason {
  id: string;
  caller: unknown;
  parent: EventReason | null;
}

interface EventRun {
  run: Run;
  answer: StreamedAnswer | undefined;
  seenFirst: boolean;
}

/** Open observations of one caller. Calls nest a few deep. */
const MAX_OPEN_PER_CALLER = 64;

/**
 * Makes observations of LlamaIndex's own events. They have no errors, no parameters and no embeddings, so that this is for what
 * no wrapper sees. Only ids of callers are kept: an event's reason holds whole engines.
 */
export class EventRecorder {
  readonly #recorder: Recorder;
  readonly #runs = new RunMap<EventRun>({
    onEvict: ({ run, answer }) => run.end({ ...answer?.attributes(), status: "incomplete" }),
  });
  /** Open runs by the caller's id, the newest last. */
  readonly #byCaller = new RunMap<Run[]>();
  /** Pairs without an id, by kind and context. */
  readonly #unnamed = new RunMap<Run[]>();
  readonly #children = new RunMap<Set<Run>>();

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  /** What a wrapper has seen is not started again: its observation is the active one, or has claimed the call. */
  start(pair: Pair, detail: unknown, reason: EventReason | null): void {
    const spec = this.#describeStart(pair, detail, reason);
    if (this.#recorder.claim() !== undefined || this.#recorder.isWrapped(spec.kind)) return;
    const parent = this.#openRunOf(reason)?.observation;
    const run = this.#recorder.start(spec, parent);
    if (!run) return;
    if (reason) this.#push(this.#byCaller, reason.id, run);
    const { parentId } = run.observation;
    if (parentId !== undefined) {
      const siblings = this.#children.get(parentId) ?? new Set();
      this.#children.set(parentId, siblings.add(run));
    }
    const id = stringOf(fieldsOf(detail)["id"]);
    if (id !== undefined) this.#runs.set(`${pair}:${id}`, { run, answer: undefined, seenFirst: false });
    else this.#push(this.#unnamed, this.#contextKey(pair, reason), run);
  }

  end(pair: Pair, detail: unknown, reason: EventReason | null): void {
    const id = stringOf(fieldsOf(detail)["id"]);
    const entry = id === undefined ? undefined : this.#runs.take(`${pair}:${id}`);
    const run = entry?.run ?? (id === undefined ? this.#pop(this.#contextKey(pair, reason)) : undefined);
    if (!run) return;
    this.#release(run, reason);
    run.end(entry?.answer?.attributes() ?? this.#describeEnd(pair, detail));
  }

  /** A chunk comes in the context of whoever reads the stream, so that only its id tells what it belongs to. */
  chunk(detail: unknown): void {
    const { id, chunk } = fieldsOf(detail);
    const entry = this.#runs.get(`llm:${String(id)}`);
    if (!entry) return;
    if (!entry.answer) {
      const answer = (entry.answer = new StreamedAnswer());
      entry.run.whenLetGo(() => answer.attributes());
    }
    if (entry.answer.accept(chunk) && !entry.seenFirst) {
      entry.seenFirst = true;
      entry.run.update({ completionStartTime: now() });
    }
  }

  /** No event tells of errors: what is still open below an observation that has failed has failed too. */
  failBelow(observation: Observation, error: unknown): void {
    for (const run of this.#children.take(observation.id) ?? []) {
      this.failBelow(run.observation, error);
      run.fail(error);
    }
  }

  #release(run: Run, reason: EventReason | null): void {
    const { parentId } = run.observation;
    const siblings = parentId === undefined ? undefined : this.#children.get(parentId);
    siblings?.delete(run);
    if (siblings?.size === 0 && parentId !== undefined) this.#children.take(parentId);
    const open = reason ? this.#byCaller.get(reason.id) : undefined;
    if (!reason || !open) return;
    const left = open.filter((other) => other !== run);
    if (left.length > 0) this.#byCaller.set(reason.id, left);
    else this.#byCaller.take(reason.id);
  }

  /** The newest open observation of the caller, or of who called it. */
  #openRunOf(reason: EventReason | null): Run | undefined {
    for (let at = reason; at; at = at.parent) {
      const run = this.#byCaller.get(at.id)?.findLast(({ ended }) => !ended);
      if (run) return run;
    }
    return undefined;
  }

  #push(map: RunMap<Run[]>, key: string, run: Run): void {
    map.set(key, [...(map.get(key) ?? []), run].slice(-MAX_OPEN_PER_CALLER));
  }

  #pop(key: string): Run | undefined {
    const open = this.#unnamed.take(key) ?? [];
    const run = open.pop();
    if (open.length > 0) this.#unnamed.set(key, open);
    return run;
  }

  #contextKey(pair: Pair, reason: EventReason | null): string {
    return `${pair}:${reason?.id ?? this.#recorder.tracer.getActiveObservation()?.id ?? ""}`;
  }

  #describeStart(pair: Pair, detail: unknown, reason: EventReason | null): RunSpec {
    const fields = fieldsOf(detail);
    const caller = isObject(reason?.caller) ? reason.caller : undefined;
    const query = fields["query"];
    switch (pair) {
      case "query":
        return { kind: "query", type: "chain", name: `${classNameOf(caller, "engine")}.query`, input: queryOf(query) };
      case "retrieve":
        return { kind: "retrieve", type: "retriever", name: "retrieve", input: queryOf(query) };
      case "synthesize": {
        const input = { query: queryOf(query), nodes: nodeIds(fieldsOf(query)["nodes"]) };
        return { kind: "synthesize", type: "span", name: "synthesize", input };
      }
      case "llm":
        return {
          kind: "llm",
          type: "generation",
          name: `${classNameOf(caller, "LLM")}.chat`,
          input: describeInput(fields),
          // With one manager on two copies of the core the caller is the engine.
          attributes:
            caller && "metadata" in caller
              ? defined({ ...describeModel(caller, undefined, this.#recorder.captureInput) })
              : undefined,
        };
      case "agent":
        return { kind: "step", type: "agent", name: `${classNameOf(caller, "agent")} step` };
      case "node-parsing":
        return {
          kind: "parse",
          type: "span",
          name: "node parsing",
          input: { documents: arrayOf(fields["documents"]).length },
        };
      default:
        return { kind: "chunk", type: "span", name: "chunking", input: { texts: arrayOf(fields["text"]).length } };
    }
  }

  #describeEnd(pair: Pair, detail: unknown): ObservationAttributes {
    const fields = fieldsOf(detail);
    switch (pair) {
      case "query":
      case "synthesize":
        return { output: answerOf(fields["response"]) };
      case "retrieve": {
        const { nodes, metadata } = describeNodes(fields["nodes"], this.#recorder.maxNodeTextChars);
        return { output: nodes, metadata };
      }
      case "llm":
        return describeResponse(fields["response"]);
      case "node-parsing":
        return { output: { nodes: arrayOf(fields["nodes"]).length } };
      case "chunking":
        return { output: { chunks: arrayOf(fields["chunks"]).length } };
      default:
        return {};
    }
  }
}
