import type { ContextStore } from "@spanwise/core/adapter";

/** Runs that have ended are known by their ids for a while: a child may start late, an end may be told twice. At least half as many. */
const MAX_ENDED_RUNS = 2_000;
const MAX_ENDED_MS = 300_000;

/** What is kept of a run that has ended: plain data. */
export interface EndedRun {
  readonly context: ContextStore | undefined;
}

/** The runs that ended last, in two halves of which the older one goes as a whole: each run ends here, and few are asked for. */
export class RecentRuns {
  #younger = new Map<string, EndedRun>();
  #older = new Map<string, EndedRun>();
  /** Of `performance.now()`: a wall clock that is set neither forgets runs nor keeps them. */
  #youngerSinceMs = 0;

  add(key: string, context: ContextStore | undefined): void {
    this.#turn();
    this.#younger.set(key, { context });
  }

  find(key: string): EndedRun | undefined {
    this.#turn();
    return this.#younger.get(key) ?? this.#older.get(key);
  }

  #turn(): void {
    const nowMs = performance.now();
    const ageMs = nowMs - this.#youngerSinceMs;
    if (ageMs < MAX_ENDED_MS / 2 && this.#younger.size < MAX_ENDED_RUNS / 2) return;
    this.#older = ageMs < MAX_ENDED_MS ? this.#younger : new Map();
    this.#younger = new Map();
    this.#youngerSinceMs = nowMs;
  }
}
