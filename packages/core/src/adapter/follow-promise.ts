import { safely } from "../util/safely.ts";

/** Told how somebody else's promise settled. What either function throws is logged and goes no further. */
export interface PromiseObserver<T> {
  onResult?: ((value: T) => void) | undefined;
  onError?: ((error: unknown) => void) | undefined;
}

/**
 * A promise that settles as `promise` does, one microtask later, after telling `observer`.
 *
 * It must be put in the place of `promise`, which nobody else may then hold: so the host is left with exactly one promise,
 * and there is exactly the unhandled rejection that there would have been. Attaching a handler beside the host's would
 * swallow it, or add one.
 */
export function followPromise<T>(promise: PromiseLike<T>, observer: PromiseObserver<T>): Promise<T> {
  return promise.then(
    (value) => {
      safely("promise observer", () => observer.onResult?.(value));
      return value;
    },
    (error: unknown) => {
      safely("promise observer", () => observer.onError?.(error));
      throw error;
    },
  ) as Promise<T>;
}
