interface Waiter {
  readonly upTo: number;
  readonly deadlineAt: number;
  readonly wake: () => void;
}

/** What each signal wakes. It is listened to once: Node warns of a leak at eleven listeners, and every queue of a flush waits for one signal. */
const wakers = new WeakMap<AbortSignal, Set<() => void>>();

/** Those who wait until everything up to a number is settled. Whoever gave up at the deadline is forgotten. */
export class Waiters {
  readonly #all = new Set<Waiter>();

  get size(): number {
    return this.#all.size;
  }

  /** `deadlineAt`: the moment of `performance.now()` at which `signal` is known to fire; `Infinity` when it is not known. */
  wait(upTo: number, deadlineAt: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const known = wakers.get(signal);
      const woken = known ?? new Set();
      if (!known) {
        wakers.set(signal, woken);
        signal.addEventListener("abort", () => woken.forEach((wake) => wake()));
      }
      const wake = (): void => {
        this.#all.delete(waiter);
        woken.delete(wake);
        resolve();
      };
      const waiter: Waiter = { upTo, deadlineAt, wake };
      this.#all.add(waiter);
      woken.add(wake);
      if (signal.aborted) wake();
    });
  }

  /** `oldest`: the lowest number that is not settled yet. */
  wakeSettled(oldest: number): void {
    for (const { upTo, wake } of this.#all) if (upTo < oldest) wake();
  }

  /** Nothing will happen before `at`: who must answer sooner may answer now. */
  wakeDueBefore(at: number): void {
    for (const { deadlineAt, wake } of this.#all) if (deadlineAt < at) wake();
  }

  wakeAll(): void {
    for (const { wake } of this.#all) wake();
  }
}
