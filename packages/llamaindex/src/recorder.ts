import type { Observation, ObservationAttributes, Tracer } from "@spanwise/core";
import { claimedObservation, followPromise, getTracer, isThenable, RunMap, safely } from "@spanwise/core/adapter";
import type { LlamaIndexOptions } from "./options.ts";
import { Run, type OpenRun, type RunKind, type RunSpec } from "./run.ts";
import { followStream, isStream, type StreamObserver } from "./stream.ts";

export const DEFAULT_NODE_TEXT_CHARS = 2_000;

/** What becomes of a stream that a call returned: a description of each item's part, and of the end. */
export interface StreamReading {
  onItem(item: unknown): "hide" | void;
  attributes(): ObservationAttributes;
}

export interface CallObserver {
  /** Describes a plain result. `output` is left out without `captureOutput`; what else tells of content looks at it. */
  onResult: (result: unknown, captureOutput: boolean) => ObservationAttributes;
  /** Reads a streamed one; the observation stays open until the stream ends. */
  onStream?: (run: OpenRun) => StreamReading;
}

/**
 * Open runs by the id of their observation, of all instrumentations: a call that one has recorded is not recorded by another.
 * Observations that never end are closed by the tracer's own bounds.
 */
const runs = new RunMap<Run>();

/** Parsing is over before its events are delivered. Events come within a tick. */
const endedParses = new RunMap<Run>({ maxRuns: 1_000, maxAgeMs: 60_000 });

/** Starts, nests and ends the observations of one instrumentation. */
export class Recorder {
  readonly options: LlamaIndexOptions;
  readonly captureInput: boolean;
  readonly captureOutput: boolean;
  readonly maxNodeTextChars: number;
  /** Told of a run that failed, so that what was started in it by events ends too. */
  onFail: ((run: Run, error: unknown) => void) | undefined;

  constructor(options: LlamaIndexOptions) {
    this.options = options;
    this.captureInput = options.captureInput !== false;
    this.captureOutput = options.captureOutput !== false;
    this.maxNodeTextChars = options.maxNodeTextChars ?? DEFAULT_NODE_TEXT_CHARS;
  }

  get tracer(): Tracer {
    return this.options.tracer ?? getTracer();
  }

  /** Undefined when nothing would be recorded. `parent` is for events, whose context does not tell it. */
  start(spec: RunSpec, parent?: Observation): Run | undefined {
    const { tracer } = this;
    if (!tracer.enabled) return undefined;
    const { name, parent: givenParent, trace } = this.options;
    const isOutermost = parent === undefined && !this.#isInside(tracer);
    const attributes: ObservationAttributes = {
      ...spec.attributes,
      ...(this.captureInput && spec.input !== undefined && { input: spec.input }),
    };
    const observation = tracer.startObservation(
      (isOutermost ? name : undefined) ?? spec.name,
      attributes,
      isOutermost ? { type: spec.type, parent: givenParent, trace } : { type: spec.type, parent },
    );
    const run = new Run(observation, tracer, spec, this.captureOutput, (ended, error) => {
      runs.take(ended.observation.id);
      if (ended.kind === "parse") endedParses.set(ended.observation.id, ended);
      if (error !== undefined) this.onFail?.(ended, error);
    });
    runs.set(observation.id, run);
    return run;
  }

  /** The observation that is active here, if it is an open one of ours. */
  activeRun(): Run | undefined {
    const active = this.tracer.getActiveObservation();
    return active && runs.get(active.id);
  }

  /** A wrapper records what an event of that kind, delivered here, tells of. */
  isWrapped(kind: RunKind): boolean {
    const active = this.tracer.getActiveObservation();
    return active !== undefined && (runs.get(active.id) ?? endedParses.get(active.id))?.kind === kind;
  }

  /** The nearest open run of that kind above the active observation. */
  enclosing(kind: RunKind): Run | undefined {
    for (const observation of this.#ancestors(this.tracer)) {
      const run = runs.get(observation.id);
      if (run?.kind === kind) return run;
    }
    return undefined;
  }

  /** The call is part of one that the same object is recorded with: a method that calls another one of its own. */
  isPartOf(kind: RunKind, target: object): boolean {
    return this.activeRun()?.isOf(kind, target) === true;
  }

  /** Our run that has claimed the model call in progress, `foreign` for another adapter's, undefined for none. */
  claim(): Run | "foreign" | undefined {
    const claimed = claimedObservation(this.tracer);
    return claimed && (runs.get(claimed.id) ?? "foreign");
  }

  /** Runs somebody's call and records how it ends. What the host gets is what the call gives. */
  observe(spec: RunSpec, call: () => unknown, observer: CallObserver): unknown {
    const run = safely("start of an observation", () => this.start(spec));
    return run ? this.follow(run, call, observer) : call();
  }

  follow(run: OpenRun, call: () => unknown, observer: CallObserver): unknown {
    let result: unknown;
    try {
      result = run.scope(call);
    } catch (error) {
      safely("end of an observation", () => run.fail(error));
      throw error;
    }
    if (!isThenable(result)) {
      settle(run, result, observer, this.captureOutput);
      return result;
    }
    return followPromise(result, {
      onResult: (value) => settle(run, value, observer, this.captureOutput),
      onError: (error) => run.fail(error),
    });
  }

  #isInside(tracer: Tracer): boolean {
    for (const { id } of this.#ancestors(tracer)) {
      if (runs.get(id)) return true;
    }
    return false;
  }

  *#ancestors(tracer: Tracer): Generator<Observation> {
    let at = tracer.getActiveObservation();
    for (let depth = 0; at && depth < MAX_DEPTH; depth += 1) {
      yield at;
      at = at.parentId === undefined ? undefined : tracer.findObservation(at.parentId);
    }
  }
}

/** How far up the open observations are followed. */
const MAX_DEPTH = 256;

function settle(run: OpenRun, value: unknown, observer: CallObserver, captureOutput: boolean): void {
  const settled = safely("result of a call", () => {
    if (observer.onStream && isStream(value)) {
      return followStream(value, streamObserver(run, observer.onStream(run)));
    }
    run.end(observer.onResult(value, captureOutput));
    return true;
  });
  if (!settled) safely("end of an observation", () => run.end());
}

/** Made where the stream is not in sight: what is kept for a stream must not keep it from being collected. */
function streamObserver(run: OpenRun, reading: StreamReading): StreamObserver {
  let seenFirst = false;
  return {
    scope: (fn) => run.scope(fn),
    onItem: (item) => {
      const seen = reading.onItem(item);
      // Not before: an observed client that a lazy stream calls for its first item tells of its own, and the last one counts.
      if (!seenFirst) run.whenLetGo(() => reading.attributes());
      seenFirst = true;
      return seen;
    },
    onEnd: (reason, error) => run.endStream(reason, error, safely("stream's end", () => reading.attributes()) ?? {}),
  };
}
