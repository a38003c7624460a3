import { safely } from "../util/safely.ts";
import { setQuietTimeout } from "../util/timers.ts";

export interface RunMapOptions<Run> {
  /** Above it the oldest run is let go. Default 10 000. */
  maxRuns?: number | undefined;
  /** A run that was not looked up for so long is let go. Default one hour. */
  maxAgeMs?: number | undefined;
  /** Told of a run that a bound let go, not of one that was taken. */
  onEvict?: ((run: Run) => void) | undefined;
}

/** How often, in parts of `maxAgeMs`, the map looks for runs that are too old. */
const SWEEPS_PER_AGE = 4;

/**
 * What an adapter keeps between a framework's start and end callbacks, by the framework's run id. Bounded in number and in
 * age, since frameworks forget end callbacks. Keep handles and small facts in it, never the framework's objects.
 */
export class RunMap<Run> {
  readonly #runs = new Map<string, { run: Run; usedAtMs: number }>();
  readonly #maxRuns: number;
  readonly #maxAgeMs: number;
  readonly #onEvict: ((run: Run) => void) | undefined;
  #isSweeping = false;

  constructor({ maxRuns = 10_000, maxAgeMs = 3_600_000, onEvict }: RunMapOptions<Run> = {}) {
    this.#maxRuns = maxRuns;
    this.#maxAgeMs = maxAgeMs;
    this.#onEvict = onEvict;
  }

  /** Runs that have started and not ended. */
  get size(): number {
    return this.#runs.size;
  }

  /** Keeps a run. One that had the same id is forgotten, without `onEvict`. */
  set(id: string, run: Run): void {
    this.#runs.delete(id);
    this.#runs.set(id, { run, usedAtMs: Date.now() });
    while (this.#runs.size > this.#maxRuns) this.#evictOldest();
    this.#scheduleSweep();
  }

  /** The run, which now counts as used; a child's look-up of its parent. */
  get(id: string): Run | undefined {
    const entry = this.#runs.get(id);
    if (!entry) return undefined;
    entry.usedAtMs = Date.now();
    // Moved to the end: the map is in the order of use.
    this.#runs.delete(id);
    this.#runs.set(id, entry);
    return entry.run;
  }

  /** Removes and returns a run; the end callback's look-up. */
  take(id: string): Run | undefined {
    const entry = this.#runs.get(id);
    this.#runs.delete(id);
    return entry?.run;
  }

  #evictOldest(): void {
    for (const [id, { run }] of this.#runs) {
      this.#runs.delete(id);
      // `set` is called from the framework's own call.
      safely("onEvict", () => this.#onEvict?.(run));
      return;
    }
  }

  #scheduleSweep(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    setQuietTimeout(() => {
      this.#isSweeping = false;
      this.#sweep();
      if (this.#runs.size > 0) this.#scheduleSweep();
    }, this.#maxAgeMs / SWEEPS_PER_AGE);
  }

  #sweep(): void {
    const oldestMs = Date.now() - this.#maxAgeMs;
    for (const { usedAtMs } of this.#runs.values()) {
      if (usedAtMs > oldestMs) return;
      this.#evictOldest();
    }
  }
}
