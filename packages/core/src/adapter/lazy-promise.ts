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

/**
 * What is known of one request and the promises made of it. Until it is known whether the response is parsed it holds those
 * promises, and from then on it refers to none of them: one that is dropped unparsed is known by its collection. Only such
 * ones are registered for it: the engine keeps what is registered, and all that hangs on it, through its quick collections,
 * which made that of each call the dearest part of observing it.
 */
class LazyWatch<Response, Result> {
  readonly #observer: LazyPromiseObserver<Response, Result>;
  readonly #request: RequestPromise<Response>;
  /** Promises of this request, until they are parsed or registered. */
  #promises: object[] = [];
  /** Registered promises that were not collected. */
  #live = 0;
  /** Parsing began, or the request failed. */
  #parsing = false;
  #told = false;
  #cancelGrace: (() => void) | undefined;

  constructor(request: PromiseLike<Response>, observer: LazyPromiseObserver<Response, Result>) {
    this.#observer = observer;
    this.#request = new RequestPromise(
      (resolve, reject) => {
        const onResponse = (response: Response): void => {
          this.#onResponse(response);
          resolve(response);
        };
        const onFailed = (error: unknown): void => {
          this.#onParsing();
          this.#tell(() => observer.onError?.(error));
          reject(error);
        };
        request.then(onResponse, (error: unknown) => {
          const again = safely("observer", () => observer.recover?.(error));
          if (again) again.then(onResponse, onFailed);
          else onFailed(error);
        });
      },
      // What took the response and did not parse it took it as it is.
      () => this.#awaitParse(RAW_GRACE_MS),
    );
  }

  /** `derived`: made by `_thenUnwrap`, whose transformation tells of the result. */
  adopt(promise: object, derived: boolean): void {
    replaceOwnField(promise, REQUEST_FIELD, () => this.#request);
    replaceOwnField<Parse>(promise, PARSE_FIELD, (parse) => this.#observeParse(parse, derived));
    replaceOwnField<Unwrap>(promise, UNWRAP_FIELD, (unwrap) => this.#observeUnwrap(unwrap));
    replaceOwnField(promise, WITH_RESPONSE_FIELD, () => withResponse(promise, this.#request));
    if (this.#parsing) return;
    this.#promises.push(promise);
    if (this.#cancelGrace) this.#register();
  }

  onCollected(): void {
    this.#live -= 1;
    if (this.#live === 0) this.#unparsed();
  }

  #observeParse(parse: Parse, derived: boolean): Parse {
    // oxlint-disable-next-line typescript/no-this-alias -- `this` below is the promise
    const watch = this;
    return function (this: unknown, ...args: unknown[]): unknown {
      watch.#onParsing();
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
    if (!this.#request.touched) this.#awaitParse(UNTOUCHED_GRACE_MS);
  }

  /** The response is there and nobody parses it yet. */
  #awaitParse(graceMs: number): void {
    if (this.#parsing) return;
    this.#cancelGrace?.();
    this.#cancelGrace = setQuietTimeout(() => this.#unparsed(), graceMs);
    this.#register();
  }

  #register(): void {
    for (const promise of this.#promises.splice(0)) {
      this.#live += 1;
      collected?.register(promise, this as LazyWatch<unknown, unknown>, this);
    }
  }

  #onParsing(): void {
    this.#parsing = true;
    this.#promises = [];
    if (!this.#cancelGrace) return;
    this.#cancelGrace();
    collected?.unregister(this);
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
}

/**
 * The promise of the response that a lazy promise is given in place of its own. A class, which no caller sees: from the first
 * `then` that is set on a promise itself V8 looks `then` up on all promises and async generators of the process.
 */
class RequestPromise<T> extends Promise<T> {
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  /** Somebody wants the response: a parse, or a caller who takes it raw. */
  touched = false;
  readonly #onTaken: () => void;

  /** `onTaken` is called after each handler that was given the response. */
  constructor(executor: ConstructorParameters<typeof Promise<T>>[0], onTaken: () => void) {
    super(executor);
    this.#onTaken = onTaken;
  }

  // oxlint-disable-next-line unicorn/no-thenable -- it is a promise
  override then<A = T, B = never>(
    onValue?: ((value: T) => A | PromiseLike<A>) | null,
    onError?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    if (!onValue) return super.then(onValue, onError);
    this.touched = true;
    const take = (value: T): A | PromiseLike<A> => {
      try {
        return onValue(value);
      } finally {
        this.#onTaken();
      }
    };
    return super.then(take, onError);
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
