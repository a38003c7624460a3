import { SpanwiseConfigError } from "../errors.ts";
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

/** In a ring in the order of use, which starts and ends at one that stands for none. */
interface Entry<Run> {
  readonly id: string;
  readonly run: Run;
  usedAtMs: number;
  older: Entry<Run>;
  newer: Entry<Run>;
}

function unlink<Run>({ older, newer }: Entry<Run>): void {
  older.newer = newer;
  newer.older = older;
}

/** How often, in parts of `maxAgeMs`, the map looks for runs that are too old. */
const SWEEPS_PER_AGE = 4;

/**
 * What an adapter keeps between a framework's start and end callbacks, by the framework's run id. Bounded in number and in
 * age, since frameworks forget end callbacks. Keep handles and small facts in it, never the framework's objects.
 */
export class RunMap<Run> {
  readonly #runs = new Map<string, Entry<Run>>();
  // Beside the map: to move a run within a `Map` at each look-up costs several times the look-up.
  readonly #ring: Entry<Run>;
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
    const ring = { id: "", run: undefined, usedAtMs: 0 } as unknown as Entry<Run>;
    ring.older = ring;
    ring.newer = ring;
    this.#ring = ring;
  }

  /** Runs that have started and not ended. */
  get size(): number {
    return this.#runs.size;
  }

  /** Keeps a run. One that had the same id is forgotten, without `onEvict`. */
  set(id: string, run: Run): void {
    this.take(id);
    const entry: Entry<Run> = { id, run, usedAtMs: 0, older: this.#ring, newer: this.#ring };
    this.#runs.set(id, entry);
    this.#use(entry);
    if (this.#runs.size > this.#maxRuns) this.#evict(this.#ring.newer);
    this.#scheduleSweep();
  }

  /** The run, which now counts as used; a child's look-up of its parent. */
  get(id: string): Run | undefined {
    const entry = this.#runs.get(id);
    if (!entry) return undefined;
    unlink(entry);
    this.#use(entry);
    return entry.run;
  }

  /** Removes and returns a run; the end callback's look-up. */
  take(id: string): Run | undefined {
    const entry = this.#runs.get(id);
    if (!entry) return undefined;
    unlink(entry);
    this.#runs.delete(id);
    return entry.run;
  }

  #use(entry: Entry<Run>): void {
    const newest = this.#ring.older;
    entry.usedAtMs = performance.now();
    entry.older = newest;
    entry.newer = this.#ring;
    newest.newer = entry;
    this.#ring.older = entry;
  }

  #evict({ id, run }: Entry<Run>): void {
    this.take(id);
    // `set` is called from the framework's own call.
    safely("onEvict", () => this.#onEvict?.(run));
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
    const oldestMs = performance.now() - this.#maxAgeMs;
    let oldest = this.#ring.newer;
    while (oldest !== this.#ring && oldest.usedAtMs <= oldestMs) {
      this.#evict(oldest);
      oldest = this.#ring.newer;
    }
  }
}
