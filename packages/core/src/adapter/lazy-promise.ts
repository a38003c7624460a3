import { setQuietTimeout } from "../util/timers.ts";
import { safely } from "../util/safely.ts";
import { followPromise, isThenable } from "./follow-promise.ts";
import { replaceOwnField } from "./own-field.ts";

/**
 * How long after its response a request of which only the raw response was taken may still be parsed before it is called
 * unparsed. Covers `await p.asResponse(); await p`.
 */
export const RAW_GRACE_MS = 1_000;
/** The same for a promise that nobody has touched and that is still reachable: it may be awaited much later. */
export const UNTOUCHED_GRACE_MS = 600_000;

/** What is heard of a lazy promise, in this order; `onError` or one of `onParsed`, `onParseError`, `onUnparsed` comes last. */
export interface LazyPromiseObserver<Response, Result> {
  /** The request succeeded; nothing of the body was read yet. */
  onResponse?: ((response: Response) => void) | undefined;
  /** The request failed for good. */
  onError?: ((error: unknown) => void) | undefined;
  /**
   * Another attempt in place of the failure, before anybody hears of it: the promise of its response, or undefined to let
   * the failure stand.
   */
  recover?: ((error: unknown) => PromiseLike<Response> | undefined) | undefined;
  /** The caller's own `then` or `await` parsed the response. */
  onParsed?: ((result: Result) => void) | undefined;
  onParseError?: ((error: unknown) => void) | undefined;
  /** Nobody parses the response: only the raw one was asked for, or the promise was dropped. */
  onUnparsed?: (() => void) | undefined;
}

/** The fields in which a Stainless-generated client (openai 4 to 7, anthropic) keeps the two halves of its `APIPromise`. */
const REQUEST_FIELD = "responsePromise";
const PARSE_FIELD = "parseResponse";

interface Watch {
  /** `then` was called on the response: by a parse, or for the raw response. */
  touched: boolean;
  responded: boolean;
  dropped: boolean;
  /** Parsing began, or the observer heard its last. */
  settled: boolean;
  unparsed(): void;
}

// A promise that is let go of unparsed is known by its collection. The watch does not refer to the promise.
const dropped =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<Watch>((watch) => {
        watch.dropped = true;
        if (watch.responded) watch.unparsed();
      })
    : undefined;

/**
 * Observes a promise that asks for a response at once and parses it when its `then` is first called, as `APIPromise` does.
 * The object stays what it is: its class, methods and laziness; what is replaced are two of its own fields. Nothing is
 * parsed that the caller does not parse, and there are the unhandled rejections that there would be without.
 *
 * Returns false, with nothing changed, for an object that is not built this way.
 */
export function observeLazyPromise<Response, Result>(
  promise: object,
  observer: LazyPromiseObserver<Response, Result>,
): boolean {
  const fields = promise as Record<string, unknown>;
  if (!isThenable(fields[REQUEST_FIELD]) || typeof fields[PARSE_FIELD] !== "function") return false;

  const watch: Watch = {
    touched: false,
    responded: false,
    dropped: false,
    settled: false,
    unparsed() {
      if (this.settled) return;
      this.settled = true;
      safely("lazy promise observer", () => observer.onUnparsed?.());
    },
  };
  const parse = fields[PARSE_FIELD] as (...args: unknown[]) => unknown;

  const replaced = replaceOwnField(
    promise,
    PARSE_FIELD,
    () =>
      function (this: unknown, ...args: unknown[]): unknown {
        watch.settled = true;
        const parsed = parse.apply(this, args);
        const { onParsed, onParseError } = observer;
        if (isThenable(parsed))
          return followPromise(parsed as PromiseLike<Result>, { onResult: onParsed, onError: onParseError });
        safely("lazy promise observer", () => onParsed?.(parsed as Result));
        return parsed;
      },
  );
  if (!replaced) return false;

  const observed = replaceOwnField<PromiseLike<Response>>(promise, REQUEST_FIELD, (request) => {
    const followed = followPromise(recovering(request, observer), {
      onResult(response) {
        observer.onResponse?.(response);
        watch.responded = true;
        // A parse that is under way has called `parseResponse` by the next macrotask.
        setQuietTimeout(() => whenUnparsed(watch), 0);
      },
      onError(error) {
        watch.settled = true;
        observer.onError?.(error);
      },
    });
    return noticeThen(followed, watch);
  });
  if (!observed) {
    replaceOwnField(promise, PARSE_FIELD, () => parse);
    return false;
  }
  dropped?.register(promise, watch);
  return true;
}

function whenUnparsed(watch: Watch): void {
  if (watch.settled) return;
  if (watch.dropped) watch.unparsed();
  else setQuietTimeout(() => watch.unparsed(), watch.touched ? RAW_GRACE_MS : UNTOUCHED_GRACE_MS);
}

function recovering<Response, Result>(
  request: PromiseLike<Response>,
  observer: LazyPromiseObserver<Response, Result>,
): PromiseLike<Response> {
  if (!observer.recover) return request;
  return request.then(undefined, (error: unknown) => {
    const again = safely("request recovery", () => observer.recover?.(error));
    if (!again) throw error;
    return again;
  });
}

/** `promise` is our own, so that its `then` may be replaced without anybody's seeing it. */
function noticeThen<T>(promise: Promise<T>, watch: Watch): Promise<T> {
  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise already
  promise.then = function (this: Promise<T>, ...handlers: Parameters<Promise<T>["then"]>) {
    watch.touched = true;
    return Promise.prototype.then.apply(promise, handlers);
  } as Promise<T>["then"];
  return promise;
}
