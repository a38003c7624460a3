import type { Observation } from "./api.ts";

/** How a thrown value shows on an observation. An abort is the caller's wish, not a failure. */
export function endWithError(observation: Observation, error: unknown): void {
  if (isAbort(error)) observation.end({ status: "cancelled", statusMessage: messageOf(error) });
  else observation.end({ level: "ERROR", statusMessage: messageOf(error) });
}

function isAbort(error: unknown): boolean {
  return (error as { name?: unknown } | null | undefined)?.name === "AbortError";
}

export function messageOf(error: unknown): string {
  try {
    return error instanceof Error ? error.message || error.name : String(error);
  } catch {
    // An object whose toString throws.
    return "unknown error";
  }
}

interface Settlement {
  onValue(value: unknown): void;
  onError(error: unknown): void;
}

/**
 * Calls back when `result` is known and hands it on. A native promise is followed through the promise that is handed on in
 * its place, so that exactly the unhandled rejections happen that would without us; any other thenable keeps its identity
 * and is followed through the caller's own `then`.
 */
export function followResult<T>(result: T, settlement: Settlement): T {
  if (result instanceof Promise && result.constructor === Promise) {
    return result.then(
      (value: unknown) => {
        settlement.onValue(value);
        return value;
      },
      (error: unknown) => {
        settlement.onError(error);
        throw error;
      },
    ) as T;
  }
  if (isThenable(result)) {
    followThenable(result, settlement);
    return result;
  }
  settlement.onValue(result);
  return result;
}

interface Thenable {
  then(onValue?: ((value: unknown) => unknown) | null, onError?: ((error: unknown) => unknown) | null): unknown;
}

function isThenable(value: unknown): value is Thenable {
  return (
    ((typeof value === "object" && value !== null) || typeof value === "function") &&
    typeof (value as Partial<Thenable>).then === "function"
  );
}

/** Lazy thenables (query builders, APIPromise) must not be started by us: the first `then` of the caller is the one used. */
function followThenable(thenable: Thenable, settlement: Settlement): void {
  // oxlint-disable-next-line typescript/unbound-method -- called on the thenable that the caller uses
  const original = thenable.then;
  let isDone = false;
  const once = (settle: () => void): void => {
    if (isDone) return;
    isDone = true;
    settle();
  };
  const then: Thenable["then"] = function (this: Thenable, onValue, onError) {
    return original.call(
      this,
      (value) => {
        once(() => settlement.onValue(value));
        return typeof onValue === "function" ? onValue(value) : value;
      },
      (error) => {
        once(() => settlement.onError(error));
        if (typeof onError === "function") return onError(error);
        throw error;
      },
    );
  };
  // oxlint-disable-next-line unicorn/no-thenable -- it has a `then` already
  Object.defineProperty(thenable, "then", { value: then, configurable: true, writable: true, enumerable: false });
}
