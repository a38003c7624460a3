import { safely } from "./safely.ts";

/** The longest timer there is: beyond it `setTimeout` fires at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A timer that never keeps the process alive. Every timer of ours is made in this file. */
export function setQuietTimeout(task: () => void, ms: number): () => void {
  let timer: unknown;
  try {
    timer = setTimeout(task, Math.min(ms, MAX_TIMER_MS));
  } catch {
    // workerd refuses timers outside of a request: what is recorded there goes with the next flush.
    return () => {};
  }
  (timer as { unref?: () => void }).unref?.();
  return () => clearTimeout(timer as ReturnType<typeof setTimeout>);
}

/** A timer that does keep the process alive: for a wait that the caller asked for. */
export function holdTimeout(task: () => void, ms: number): () => void {
  const timer = setTimeout(task, Math.min(ms, MAX_TIMER_MS));
  return () => clearTimeout(timer);
}

/** The caller's own time-out. What is no number, such as that of a variable that is not set, would be over at once: it is none. */
export function timeoutOf(options: { timeoutMs?: number | undefined } | undefined): number | undefined {
  return safely("flush", () => {
    const timeoutMs = options?.timeoutMs;
    return typeof timeoutMs === "number" && !Number.isNaN(timeoutMs) ? timeoutMs : undefined;
  });
}

/** Settles as `promise` does, or rejects after `ms`. Does not keep the process alive. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = setQuietTimeout(() => reject(new Error(`it took longer than ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(cancel);
  });
}

export interface Deadline {
  readonly signal: AbortSignal;
  /** Resolves when `signal` fires: for what may pass it over, such as an exporter of a user's. */
  readonly expired: Promise<void>;
  readonly cancel: () => void;
}

/** Fires after `ms`, by a timer of `setTimer`'s kind. */
export function startDeadline(ms: number, setTimer: typeof holdTimeout): Deadline {
  const controller = new AbortController();
  let cancel = (): void => {};
  const expired = new Promise<void>((resolve) => {
    cancel = setTimer(() => {
      controller.abort();
      resolve();
    }, ms);
  });
  return { signal: controller.signal, expired, cancel };
}
