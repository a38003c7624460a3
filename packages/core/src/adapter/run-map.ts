import { SpanwiseConfigError } from "../errors.ts";
import { safely } from "../util/safely.ts";
import { RecentMap } from "../util/recent-map.ts";
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
  readonly #runs = new RecentMap<Run>();
  readonly #maxRuns: number;
  readonly #maxAgeMs: number;
  readonly #onEvict: ((run: Run) => void) | undefined;
  #isSweeping = false;

  /** @throws SpanwiseConfigError for a bound that bounds nothing. */
  constructor({ maxRuns = 10_000, maxAgeMs = 3_600_000, onEvict }: RunMapOptions<Run> = {}) {
    if (!(maxRuns > 0 && maxAgeMs > 0)) throw new SpanwiseConfigError("maxRuns and maxAgeMs must be above 0");
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
    this.#runs.take(id);
    this.#runs.add(id, run);
    if (this.#runs.size > this.#maxRuns) this.#evict(1);
    this.#scheduleSweep();
  }

  /** The run, which now counts as used; a child's look-up of its parent. */
  get(id: string): Run | undefined {
    return this.#runs.use(id);
  }

  /** Removes and returns a run; the end callback's look-up. */
  take(id: string): Run | undefined {
    return this.#runs.take(id);
  }

  #scheduleSweep(): void {
    if (this.#isSweeping) return;
    this.#isSweeping = true;
    setQuietTimeout(() => {
      this.#isSweeping = false;
      this.#evict(undefined, performance.now() - this.#maxAgeMs);
      if (this.#runs.size > 0) this.#scheduleSweep();
    }, this.#maxAgeMs / SWEEPS_PER_AGE);
  }

  /** Lets go of the oldest, at most `count`, or of those that were not used after `until`, by `performance.now()`. */
  #evict(count: number | undefined, until?: number): void {
    for (const { id } of this.#runs.oldest(count, until)) {
      const run = this.#runs.take(id);
      // `set` is called from the framework's own call.
      if (run !== undefined) safely("onEvict", () => this.#onEvict?.(run));
    }
  }
}
