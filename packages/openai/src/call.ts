import type { Tracer } from "@spanwise/core";
import { followPromise, getTracer, isThenable, now, observeLazyPromise, safely } from "@spanwise/core/adapter";
import { AttemptCounter } from "./attempts.ts";
import { keepInBackground } from "./background.ts";
import { isUsageRejection, requestIdOf } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import { Generation } from "./generation.ts";
import { rememberRefusal, requestUsage, type UsageRequest } from "./include-usage.ts";
import type { ObserveOpenAIOptions } from "./options.ts";
import { endpointOf, type Endpoint } from "./provider.ts";
import type { DescribedResponse } from "./response.ts";
import { observeStream } from "./stream.ts";
import type { StreamAccumulator, Surface } from "./surface.ts";

type Send = (...args: unknown[]) => unknown;

export interface CallDetails {
  /** The method is not the client's own: it gets the caller's very arguments, of which it may tell every difference. */
  asGiven?: boolean | undefined;
}

/**
 * Makes one call of a surface's method and records it. `send` is the client's own method, bound; `args` are the caller's. What
 * is returned is what the client returned, or, for a method that returns a plain promise, one like it.
 */
export function callObserved(
  surface: Surface,
  send: Send,
  args: readonly unknown[],
  client: object,
  options: ObserveOpenAIOptions,
  { asGiven = false }: CallDetails = {},
): unknown {
  const given = { send, args, client, asGiven };
  const call = safely("start of an OpenAI generation", () => Call.start(surface, given, options));
  if (!call) return send(...args);
  let sent: unknown;
  try {
    sent = call.send();
  } catch (error) {
    safely("OpenAI error", () => call.generation.fail(error));
    throw error;
  }
  return call.observe(sent);
}

/** The call as the caller made it. */
interface Given {
  send: Send;
  args: readonly unknown[];
  client: object;
  asGiven: boolean;
}

class Call {
  readonly generation: Generation;
  readonly #surface: Surface;
  readonly #attempts = new AttemptCounter();
  readonly #endpoint: Endpoint;
  /** Until the response is there: the caller may hold the promise for longer. */
  #given: Given | undefined;
  #added: UsageRequest | undefined;
  #resent = false;
  #respondedAtMs: number | undefined;

  private constructor(surface: Surface, generation: Generation, given: Given, endpoint: Endpoint) {
    this.#surface = surface;
    this.generation = generation;
    this.#given = given;
    this.#endpoint = endpoint;
  }

  /** Undefined where nothing is recorded: the call then goes out untouched. */
  static start(surface: Surface, given: Given, options: ObserveOpenAIOptions): Call | undefined {
    const { args, client, asGiven } = given;
    const tracer: Tracer = options.tracer ?? getTracer();
    if (!tracer.enabled) return undefined;
    const endpoint = endpointOf(client);
    const generation = Generation.start(
      tracer,
      surface,
      surface.describeRequest(args[0], options.captureInput ?? true),
      endpoint.provider,
      options,
    );
    if (!generation.recording) return undefined;
    const call = new Call(surface, generation, given, endpoint);
    if (!surface.usageOnWish || asGiven) return call;
    safely("preparing an OpenAI request", () => {
      call.#added = requestUsage(args[0], args[1], endpoint, options.includeUsage ?? "auto");
    });
    return call;
  }

  send(): unknown {
    const { send, args, client, asGiven } = this.#given!;
    if (asGiven) return send(...args);
    const [given, requestOptions, ...rest] = args;
    const body = this.#added ? this.#added.body : given;
    const counted = safely("counting attempts", () => this.#attempts.watch(client, { body, requestOptions }));
    return send(counted?.body ?? body, counted?.requestOptions ?? requestOptions, ...rest);
  }

  /** What the client returned, observed in place. */
  observe(sent: unknown): unknown {
    const observed = safely("observing an OpenAI call", () => this.#observeInPlace(sent));
    return observed ? observed.value : sent;
  }

  #observeInPlace(sent: unknown): { value: unknown } {
    const onParsed = (result: unknown): void => this.#onResult(result);
    const onFailed = (error: unknown): void => this.#onFailed(error);
    if (!isThenable(sent)) {
      onParsed(sent);
      return { value: sent };
    }
    const lazy = observeLazyPromise(sent, {
      onResponse: (props) => this.#onResponse(props),
      recover: (error) => this.#resendWithoutUsage(error),
      onError: onFailed,
      onParsed,
      onParseError: onFailed,
      onUnparsed: () => this.generation.end("ok", undefined, { endTime: this.#respondedAtMs }),
    });
    // A method that somebody replaced may return any promise. The caller has not seen it yet.
    return { value: lazy ? sent : followPromise(sent, { onResult: onParsed, onError: onFailed }) };
  }

  #onResponse(props: unknown): void {
    this.#respondedAtMs = now();
    this.#given = undefined;
    const { status, headers } = fieldsOf(fieldsOf(props)["response"]);
    const facts = this.#retryFacts();
    if (status !== undefined) facts["httpStatus"] = status;
    const requestId = requestIdOf(headers);
    if (requestId !== undefined) facts["requestId"] = requestId;
    this.generation.note(facts);
  }

  #onResult(result: unknown): void {
    const { generation } = this;
    if (typeof result === "object" && result !== null && Symbol.asyncIterator in result) {
      this.#onStream(result);
      return;
    }
    const response = this.#surface.describeResult(result);
    if (this.#keepOpen(response)) generation.progress(response);
    else generation.end("ok", response);
  }

  #onStream(stream: object): void {
    const accumulator = this.#surface.createStream?.();
    const isObserved =
      accumulator &&
      observeStream(stream, this.generation, accumulator, {
        usageAdded: this.#added !== undefined,
        onUnfinished: (response, partial) => this.#keepOpen(response, partial),
      });
    if (!isObserved) this.generation.end("ok");
  }

  /** A response that the provider works on stays open, for the caller's own questions after it. */
  #keepOpen(response: DescribedResponse, partial?: StreamAccumulator): boolean {
    const { generation } = this;
    if (response.pendingId === undefined || !generation.owned) return false;
    keepInBackground(this.#endpoint.origin, response.pendingId, { generation, surface: this.#surface, partial });
    return true;
  }

  #onFailed(error: unknown): void {
    this.generation.note(this.#retryFacts());
    this.generation.fail(error);
  }

  #retryFacts(): Record<string, unknown> {
    const { attempts } = this.#attempts;
    if (attempts === 0) return {};
    return this.#resent ? { retries: attempts - 2, includeUsageRefused: true } : { retries: attempts - 1 };
  }

  /** A refusal that we caused is not the caller's to see: the request goes out once more, as the caller wrote it. */
  #resendWithoutUsage(error: unknown): PromiseLike<unknown> | undefined {
    if (!this.#given || !this.#added || this.#resent || !isUsageRejection(error)) return undefined;
    this.#resent = true;
    rememberRefusal(this.#endpoint.origin);
    this.#added.undo();
    this.#added = undefined;
    const again = fieldsOf(this.send())["responsePromise"];
    return isThenable(again) ? again : undefined;
  }
}
