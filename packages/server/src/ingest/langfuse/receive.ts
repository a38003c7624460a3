import type { Context } from "hono";
import type { Score } from "../../api/types.ts";
import { withBody } from "../../http/body.ts";
import { TOO_DEEP } from "../../http/json-body.ts";
import { nestsDeeper } from "../../http/json-depth.ts";
import { projectOf } from "../../http/project.ts";
import { Turns } from "../../http/turns.ts";
import type { StoredObservation } from "../../model/observation.ts";
import type { IngestContext } from "../context.ts";
import { storeBatch } from "../store-batch.ts";
import { MAX_EVENT_DEPTH, readBatchBody } from "./batch-body.ts";
import { EventError } from "./body.ts";
import { eventIdOf, readEvent } from "./event.ts";
import { KeyedLock, lockKey } from "./keyed-lock.ts";
import { mergePatches, reachesAll } from "./merge.ts";
import { BatchSilence } from "./silence.ts";
import { traceNodeId, type ObservationPatch } from "./patch.ts";

interface BatchAnswer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
}

const ERROR_WORDS = { 400: "bad_request", 401: "unauthorized", 404: "not_found", 501: "not_implemented" } as const;

/** What a batch's events come to: those of a trace are together, in their order. */
interface BatchContent {
  patches: Map<string, ObservationPatch[]>;
  scores: Score[];
}

/** Events that are merged and committed together. Each event stands alone, so that a larger batch is stored in parts: others have their turn in between. */
const MAX_PART_EVENTS = 500;

/** A part of a batch: events by trace. */
type Part = [traceId: string, patches: ObservationPatch[]][];

/** `POST /api/public/ingestion`: Langfuse's batches. */
export class LangfuseBatches {
  readonly #ingest: IngestContext;
  /** Events are merged into what is stored: two batches of one trace may not both read before either has written. */
  readonly #lock = new KeyedLock();
  readonly #silence: BatchSilence;

  constructor(ingest: IngestContext, onError: (error: unknown) => void) {
    this.#ingest = ingest;
    this.#silence = new BatchSilence(ingest, this.#lock, onError);
    this.#silence.start();
  }

  /** Ends its checks. */
  close(): Promise<void> {
    return this.#silence.close();
  }

  /** 207, with an answer for each event, when what was accepted is committed. Each event stands alone. */
  receive(context: Context): Promise<Response> {
    const { limits, budget } = this.#ingest;
    const projectId = projectOf(context);
    return withBody(context.req.raw, limits, budget, async (body) => {
      const turns = new Turns();
      const { events, tooDeep } = await readBatchBody(body, turns);
      const answer: BatchAnswer = { successes: [], errors: [] };
      const scoresOnly = context.get("access")?.scoresOnly === true;
      const bytesPerEvent = body.byteLength / Math.max(1, events.length);
      const { patches, scores } = await readContent(events, answer, { scoresOnly, tooDeep, turns });
      for (const part of partsOf(patches)) {
        const keys = part.map(([traceId]) => lockKey(projectId, traceId));
        await this.#lock.run(keys, async () => {
          const some = scores.splice(0, MAX_PART_EVENTS);
          const { committed } = await this.#take(projectId, part.splice(0), some, bytesPerEvent);
          await committed;
        });
        if (turns.isOver) await turns.next();
      }
      while (scores.length > 0)
        await (
          await this.#take(projectId, [], scores.splice(0, MAX_PART_EVENTS), bytesPerEvent)
        ).committed;
      return context.json(answer, 207);
    });
  }

  /** When it resolves, the store has the rows and nothing here holds them; an object, since a promise would be waited for. */
  async #take(
    projectId: string,
    part: Part,
    scores: Score[],
    bytesPerEvent: number,
  ): Promise<{ committed: Promise<void> }> {
    const merged = await Promise.all(part.map(([traceId, patches]) => this.#mergeTrace(projectId, traceId, patches)));
    const observations = merged.flat();
    await this.#ingest.prices.addCosts(projectId, observations);
    const events = part.reduce((sum, [, patches]) => sum + patches.length, scores.length);
    return { committed: storeBatch(this.#ingest, projectId, { observations, scores, bytes: events * bytesPerEvent }) };
  }

  async #mergeTrace(projectId: string, traceId: string, patches: ObservationPatch[]): Promise<StoredObservation[]> {
    const { store } = this.#ingest;
    const nodeId = traceNodeId(traceId);
    const ids = [...new Set([nodeId, ...patches.map((patch) => patch.id)])];
    const stored = await store.readRows(projectId, traceId, ids);
    const node = stored.find((row) => row.id === nodeId);
    const all = reachesAll(node, patches) ? await store.readRows(projectId, traceId) : stored;
    return mergePatches(all, patches);
  }
}

/** In their order: what comes first of a trace is merged first. */
function* partsOf(patches: BatchContent["patches"]): Iterable<Part> {
  let part: Part = [];
  let free = MAX_PART_EVENTS;
  for (const [traceId, ofTrace] of patches) {
    // A trace's own events change what all its rows carry: first, while there are few.
    const waiting = [...ofTrace.filter((patch) => patch.isTrace), ...ofTrace.filter((patch) => !patch.isTrace)];
    patches.delete(traceId);
    while (waiting.length > 0) {
      const some = waiting.splice(0, free);
      part.push([traceId, some]);
      free -= some.length;
      if (free > 0) continue;
      yield part;
      part = [];
      free = MAX_PART_EVENTS;
    }
  }
  if (part.length > 0) yield part;
}

interface Reading {
  scoresOnly: boolean;
  /** Something in the body nests too deep, in an event or beside them. */
  tooDeep: boolean;
  turns: Turns;
}

async function readContent(
  events: readonly unknown[],
  answer: BatchAnswer,
  { scoresOnly, tooDeep, turns }: Reading,
): Promise<BatchContent> {
  const content: BatchContent = { patches: new Map(), scores: [] };
  for (const event of events) {
    if (turns.isOver) await turns.next();
    const id = eventIdOf(event) ?? "";
    try {
      if (tooDeep && nestsDeeper(event, MAX_EVENT_DEPTH))
        throw new EventError(`With this event the body has ${TOO_DEEP}.`);
      const read = readEvent(event);
      if (scoresOnly && read.kind === "patch") {
        throw new EventError("A public key by itself sends scores only: send both keys as Basic auth.", 401);
      }
      if (read.kind === "score") content.scores.push(read.score);
      if (read.kind === "patch") {
        const { traceId } = read.patch;
        const ofTrace = content.patches.get(traceId);
        if (ofTrace === undefined) content.patches.set(traceId, [read.patch]);
        else ofTrace.push(read.patch);
      }
      answer.successes.push({ id, status: 201 });
    } catch (error) {
      if (!(error instanceof EventError)) throw error;
      answer.errors.push({ id, status: error.status, error: ERROR_WORDS[error.status], message: error.message });
    }
  }
  return content;
}
