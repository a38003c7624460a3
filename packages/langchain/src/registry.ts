import type { Observation, Tracer } from "@spanwise/core";
import { activeContext, contextWith, RunMap, type ContextStore } from "@spanwise/core/adapter";
import { RecentRuns, type EndedRun } from "./recent-runs.ts";
import type { Run } from "./run.ts";

/** Runs that have started and not ended, in the whole process. Above it the one that was quiet for longest is ended. */
export const MAX_RUNS = 10_000;
/** A run of which nothing was heard for so long is ended. */
export const MAX_QUIET_MS = 3_600_000;
/** Tracers whose runs are looked for when code of the application runs; one is usual. */
const MAX_TRACERS = 16;
/** Levels between an observation of the application's and the run that it stands in. */
const MAX_LEVELS = 64;

/** Of all handlers of the process. */
export interface RunStats {
  /** Runs that have started and not ended. */
  open: number;
  /**
   * Runs whose end LangChain never told (a stream was broken off), or that a bound ended: {@link MAX_RUNS} open ones,
   * {@link MAX_QUIET_MS} without an event.
   */
  abandoned: number;
}

/**
 * The runs of the process, whatever handlers saw them: two handlers of one tracer record a run once. Run ids are LangChain's
 * and unique; two tracers each record the run.
 */
class RunRegistry {
  readonly #open: RunMap<Run>;
  /** The context of each run that has ended; undefined for one that had none. */
  readonly #ended = new RecentRuns();
  readonly #byObservation = new Map<string, Run>();
  readonly #tracerIds = new Set<string>();
  #abandoned = 0;
  /** Ends a run whose end nobody will tell. */
  onAbandoned: (run: Run) => void = () => {};

  readonly #collected =
    typeof FinalizationRegistry === "function"
      ? new FinalizationRegistry<string>((key) => {
          const run = this.#open.take(key);
          if (run) this.#abandon(run);
        })
      : undefined;

  constructor() {
    this.#open = new RunMap<Run>({ maxRuns: MAX_RUNS, maxAgeMs: MAX_QUIET_MS, onEvict: (run) => this.#abandon(run) });
  }

  get stats(): RunStats {
    return { open: this.#open.size, abandoned: this.#abandoned };
  }

  /**
   * `owner`: an object that LangChain keeps as long as it can tell of the run's end. When it is collected no end will come:
   * that is how a stream is found that was broken off.
   */
  add(run: Run, owner: unknown): void {
    const { key } = run;
    this.#open.set(key, run);
    if (!run.isHidden && run.observation) this.#byObservation.set(run.observation.id, run);
    this.#tracerIds.add(run.tracer.id);
    if (this.#tracerIds.size > MAX_TRACERS) this.#tracerIds.delete(this.#tracerIds.values().next().value!);
    if (typeof owner === "object" && owner !== null) this.#collected?.register(owner, key, run);
  }

  find(tracer: Tracer, runId: string): Run | undefined {
    return this.#open.get(keyOf(tracer, runId));
  }

  findEnded(tracer: Tracer, runId: string): EndedRun | undefined {
    return this.#ended.find(keyOf(tracer, runId));
  }

  /** The open runs of this id: one for each tracer that records it. */
  everywhere(runId: string): Run[] {
    const runs: Run[] = [];
    for (const tracerId of this.#tracerIds) {
      const run = this.#open.get(keyUnder(tracerId, runId));
      if (run) runs.push(run);
    }
    return runs;
  }

  remove(run: Run): void {
    this.#open.take(run.key);
    this.#forget(run);
  }

  #forget(run: Run): void {
    this.#collected?.unregister(run);
    if (!run.isHidden && run.observation) this.#byObservation.delete(run.observation.id);
    this.#ended.add(run.key, contextOf(run));
  }

  #abandon(run: Run): void {
    this.#forget(run);
    this.#abandoned += 1;
    this.onAbandoned(run);
  }

  /** The open run that this observation stands for. */
  ofObservation(id: string): Run | undefined {
    return this.#byObservation.get(id);
  }

  /**
   * The active observation, where it is the application's own and stands below `observation`: what it calls is its child, even
   * if LangChain was told another parent.
   */
  activeBelow(tracer: Tracer, observation: Observation): Observation | undefined {
    const active = this.#isOwn(tracer, activeContext()) ? undefined : tracer.getActiveObservation();
    if (!active || active.traceId !== observation.traceId || this.#byObservation.has(active.id)) return undefined;
    return this.#climb(tracer, active, (id) => id === observation.id) ? active : undefined;
  }

  /** The usual case, told without a handle. */
  #isOwn(tracer: Tracer, context: ContextStore | undefined): boolean {
    const { observationId, tracerId } = context ?? NO_CONTEXT;
    if (observationId === undefined) return context === undefined;
    return tracerId === tracer.id && this.#byObservation.has(observationId);
  }

  /** Whether the code that is running was called by a run. */
  isInsideRun(tracer: Tracer): boolean {
    const active = tracer.getActiveObservation();
    if (!active) return false;
    return this.#byObservation.has(active.id) || this.#climb(tracer, active, (id) => this.#byObservation.has(id));
  }

  #climb(tracer: Tracer, from: Observation, isFound: (id: string) => boolean): boolean {
    let at: Observation | undefined = from;
    for (let level = 0; at?.parentId !== undefined && level < MAX_LEVELS; level += 1) {
      if (isFound(at.parentId)) return true;
      at = tracer.findObservation(at.parentId);
    }
    return false;
  }
}

const NO_CONTEXT: ContextStore = {};

export function keyOf(tracer: Tracer, runId: string): string {
  return keyUnder(tracer.id, runId);
}

let lastTracerId = "";
let lastRunId = "";
let lastKey = "";

/** A callback looks for its run several times: a text that has been looked for has its hash already. */
function keyUnder(tracerId: string, runId: string): string {
  if (runId !== lastRunId || tracerId !== lastTracerId) {
    lastTracerId = tracerId;
    lastRunId = runId;
    lastKey = `${tracerId}/${runId}`;
  }
  return lastKey;
}

/** Plain data: it may be kept longer than the run. */
export function contextOf(run: Run): ContextStore | undefined {
  const { observation, tracer } = run;
  if (!observation) return run.context;
  return (run.context ??= contextWith(tracer, observation));
}

export const registry = new RunRegistry();
