import { setQuietTimeout } from "../util/timers.ts";
import { safely } from "../util/safely.ts";
import { isThenable } from "../util/is-thenable.ts";
import { followPromise } from "./follow-promise.ts";
import { isWritable, replaceOwnField } from "./own-field.ts";

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

/** Methods that openai 7 puts on each promise, closed over the request: they are led back to the observed one. */
const UNWRAP_FIELD = "_thenUnwrap";
const WITH_RESPONSE_FIELD = "withResponse";

type Parse = (...args: unknown[]) => unknown;
type Unwrap = (transform: (data: unknown, props: unknown) => unknown) => object;

/**
 * Observes a promise that asks for a response at once and parses it when its `then` is first called, as `APIPromise` does.
 * The object stays what it is: its class, methods and laziness; what is replaced are fields of its own. Nothing is parsed
 * that the caller does not parse, and there are the unhandled rejections that there would be without.
 *
 * Returns false, with nothing changed, for an object that is not built this way.
 */
export function observeLazyPromise<Response, Result>(
  promise: object,
  observer: LazyPromiseObserver<Response, Result>,
): boolean {
  const fields = promise as Record<string, unknown>;
  const request = fields[REQUEST_FIELD];
  if (!isThenable(request) || typeof fields[PARSE_FIELD] !== "function") return false;
  if (!isWritable(promise, REQUEST_FIELD) || !isWritable(promise, PARSE_FIELD)) return false;
  new LazyWatch(request as PromiseLike<Response>, observer).adopt(promise, false);
  return true;
}

/** What is known of one request and the promises made of it. Refers to none of those promises, so that they can be collected. */
class LazyWatch<Response, Result> {
  readonly #observer: LazyPromiseObserver<Response, Result>;
  readonly #request: Promise<Response>;
  /** `then` was called on the response: by a parse, or for the raw response. */
  #touched = false;
  #responded = false;
  /** Promises of this request that were not collected. */
  #live = 0;
  /** Parsing began, or the request failed. */
  #parsing = false;
  #told = false;
  #cancelGrace: (() => void) | undefined;

  constructor(request: PromiseLike<Response>, observer: LazyPromiseObserver<Response, Result>) {
    this.#observer = observer;
    this.#request = followPromise(recovering(request, observer), {
      onResult: (response) => this.#onResponse(response),
      onError: (error) => {
        this.#parsing = true;
        this.#tell(() => observer.onError?.(error));
      },
    });
    this.#noticeThen();
  }

  /** `derived`: made by `_thenUnwrap`, whose transformation tells of the result. */
  adopt(promise: object, derived: boolean): void {
    replaceOwnField(promise, REQUEST_FIELD, () => this.#request);
    replaceOwnField<Parse>(promise, PARSE_FIELD, (parse) => this.#observeParse(parse, derived));
    replaceOwnField<Unwrap>(promise, UNWRAP_FIELD, (unwrap) => this.#observeUnwrap(unwrap));
    replaceOwnField(promise, WITH_RESPONSE_FIELD, () => withResponse(promise, this.#request));
    this.#live += 1;
    collected?.register(promise, this as LazyWatch<unknown, unknown>);
  }

  onCollected(): void {
    this.#live -= 1;
    if (this.#live === 0 && this.#responded) this.#unparsed();
  }

  #observeParse(parse: Parse, derived: boolean): Parse {
    // oxlint-disable-next-line typescript/no-this-alias -- `this` below is the promise
    const watch = this;
    return function (this: unknown, ...args: unknown[]): unknown {
      watch.#parsing = true;
      const parsed = parse.apply(this, args);
      const onResult = derived ? undefined : (result: unknown) => watch.#tellResult(result);
      if (!isThenable(parsed)) {
        onResult?.(parsed);
        return parsed;
      }
      return followPromise(parsed, {
        onResult,
        onError: (error) => watch.#tell(() => watch.#observer.onParseError?.(error)),
      });
    };
  }

  #observeUnwrap(unwrap: Unwrap): Unwrap {
    return (transform) => {
      const made = unwrap((data, props) => {
        this.#tellResult(data);
        return transform(data, props);
      });
      safely("observer", () => this.adopt(made, true));
      return made;
    };
  }

  #onResponse(response: Response): void {
    safely("observer", () => this.#observer.onResponse?.(response));
    this.#responded = true;
    // A parse that is under way has begun by the next macrotask.
    setQuietTimeout(() => {
      if (this.#parsing) return;
      if (this.#live === 0) this.#unparsed();
      else {
        const graceMs = this.#touched ? RAW_GRACE_MS : UNTOUCHED_GRACE_MS;
        this.#cancelGrace = setQuietTimeout(() => this.#unparsed(), graceMs);
      }
    }, 0);
  }

  #unparsed(): void {
    if (!this.#parsing) this.#tell(() => this.#observer.onUnparsed?.());
  }

  #tellResult(result: unknown): void {
    this.#tell(() => this.#observer.onParsed?.(result as Result));
  }

  #tell(last: () => void): void {
    if (this.#told) return;
    this.#told = true;
    this.#cancelGrace?.();
    safely("observer", last);
  }

  /** The followed promise is our own, so that its `then` may be replaced without anybody's seeing it. */
  #noticeThen(): void {
    const request = this.#request;
    // oxlint-disable-next-line unicorn/no-thenable -- it is a promise already
    request.then = ((...handlers: Parameters<typeof request.then>) => {
      this.#touched = true;
      return Promise.prototype.then.apply(request, handlers);
    }) as typeof request.then;
  }
}

// A promise that is let go of unparsed is known by its collection.
const collected =
  typeof FinalizationRegistry === "function"
    ? new FinalizationRegistry<LazyWatch<unknown, unknown>>((watch) => watch.onCollected())
    : undefined;

/** As openai 7 does it: parsed first, since a time-out while the body is read may bring another response. */
function withResponse(promise: object, request: PromiseLike<unknown>): () => Promise<unknown> {
  return async () => {
    const data = await (promise as PromiseLike<unknown>);
    const { response } = (await request) as { response: { headers: Headers } };
    return { data, response, request_id: response.headers.get("x-request-id") };
  };
}

function recovering<Response, Result>(
  request: PromiseLike<Response>,
  observer: LazyPromiseObserver<Response, Result>,
): PromiseLike<Response> {
  if (!observer.recover) return request;
  return request.then(undefined, (error: unknown) => {
    const again = safely("observer", () => observer.recover?.(error));
    if (!again) throw error;
    return again;
  });
}
