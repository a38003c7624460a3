/** How late a timer or an answer comes while the process runs: a blocked event loop, a busy machine. */
const GRACE_MS = 5_000;

/**
 * Tells time without that in which the process could not act. One that is frozen between two invocations, or sleeps with its
 * laptop, tries nothing: what waits in it does not grow old meanwhile.
 */
export class AwakeClock {
  #frozenMs = 0;
  #readAt = performance.now();

  /**
   * Milliseconds of `performance.now()`, which no change of the wall clock moves, less the time frozen: systems differ in
   * whether it goes on meanwhile. The next reading was due at `dueAt`, or now, plus `busyMs`: what is beyond that was no time awake.
   */
  read(dueAt: number, busyMs: number): number {
    const now = performance.now();
    const awakeMs = Math.max(0, dueAt - this.#readAt) + busyMs + GRACE_MS;
    this.#frozenMs += Math.max(0, now - this.#readAt - awakeMs);
    this.#readAt = now;
    return now - this.#frozenMs;
  }
}
