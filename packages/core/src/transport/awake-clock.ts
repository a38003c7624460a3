/** How late a timer or an answer comes while the process runs: a blocked event loop, a busy machine. */
const GRACE_MS = 5_000;

/**
 * Tells time without that in which the process could not act. One that is frozen between two invocations, or sleeps with its
 * laptop, tries nothing: what waits in it does not grow old meanwhile.
 */
export class AwakeClock {
  #frozenMs = 0;
  #readAt = Date.now();

  /**
   * Epoch milliseconds less the time frozen. The next reading was due at `dueAt` (epoch milliseconds), or now, plus `busyMs`:
   * what is beyond that was no time awake.
   */
  read(dueAt: number, busyMs: number): number {
    const now = Date.now();
    const awakeMs = Math.max(0, dueAt - this.#readAt) + busyMs + GRACE_MS;
    this.#frozenMs += Math.max(0, now - this.#readAt - awakeMs);
    this.#readAt = now;
    return now - this.#frozenMs;
  }
}
