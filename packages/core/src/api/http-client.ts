import type { HttpResponse } from "../platform/platform.ts";
import { retryDelayMs } from "../transport/backoff.ts";
import { fetchWithin } from "../platform/by-fetch.ts";
import { describeError } from "../transport/http.ts";
import { retryAfterMs } from "../transport/outcome.ts";
import { holdTimeout } from "../util/timers.ts";
import type { Endpoint } from "./endpoint.ts";
import { ApiError, NetworkError, TimeoutError, UnauthorizedError, errorOfStatus } from "./errors.ts";

/** More of an answer is not read: a page of large traces stays far below. */
export const MAX_ANSWER_BYTES = 64 * 1024 * 1024;
/** A backend that asks for a longer wait is not waited for: the caller gets the error at once. */
export const MAX_RETRY_AFTER_MS = 60_000;
/** Text of an answer that goes into an error's message. */
const MAX_MESSAGE_CHARS = 300;

export interface HttpOptions {
  timeoutMs: number;
  retries: number;
  fetch: typeof fetch | undefined;
}

export type QueryValue = string | number | boolean | Date | readonly string[] | undefined;

export interface ApiRequest {
  /** Default `GET`. */
  method?: "GET" | "POST" | "DELETE" | undefined;
  path: string;
  query?: Record<string, QueryValue> | undefined;
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** Default true: doing it twice does no more than doing it once, so that it may be tried again when nobody knows whether it was done. */
  isIdempotent?: boolean | undefined;
}

export interface HttpStats {
  requests: number;
  retried: number;
}

/** Requests with a time limit each, retried while that can help. Rejects with an `ApiError`, or with the signal's reason. */
export class HttpClient {
  readonly endpoint: Endpoint;
  readonly stats: HttpStats = { requests: 0, retried: 0 };
  readonly #options: HttpOptions;

  constructor(endpoint: Endpoint, options: HttpOptions) {
    this.endpoint = endpoint;
    this.#options = options;
  }

  /** The parsed JSON of the answer; `undefined` when it has no body. */
  async request(request: ApiRequest): Promise<unknown> {
    if (this.endpoint.isScoresOnly && request.path !== "/api/public/scores") {
      throw new UnauthorizedError(
        `${request.path}: a publicKey alone can only send scores; this needs the secretKey, on a server`,
        { code: "UNAUTHORIZED" },
      );
    }
    // Made before the first attempt: what cannot be written as JSON fails at once, with JSON's own error.
    const body = request.body === undefined ? undefined : JSON.stringify(request.body);
    for (let attempt = 0; ; attempt++) {
      request.signal?.throwIfAborted();
      try {
        return await this.#attempt(request, body, attempt);
      } catch (error) {
        const waitMs = this.#waitBeforeRetry(request, error, attempt);
        if (waitMs === undefined) throw error;
        this.stats.retried++;
        await sleep(waitMs, request.signal);
      }
    }
  }

  async #attempt(request: ApiRequest, body: string | undefined, attempt: number): Promise<unknown> {
    const { method = "GET", path } = request;
    const response = await this.#send(request, body);
    const { status } = response;
    const parsed = parseBody(response);
    if (status >= 200 && status < 300) {
      if (response.body.byteLength >= MAX_ANSWER_BYTES || parsed.isBroken) {
        const why = parsed.isBroken ? "is not JSON" : `has more than ${MAX_ANSWER_BYTES} bytes`;
        const details = { code: "UNREADABLE", status, body: parsed.isBroken ? parsed.value : undefined } as const;
        throw new ApiError(`${method} ${path}: HTTP ${status} with an answer that ${why}`, details);
      }
      return parsed.value;
    }
    // The first attempt may have deleted it, and only its answer got lost.
    if (method === "DELETE" && status === 404 && attempt > 0) return undefined;
    const location = response.header("location");
    const hint =
      location === undefined ? "" : ` (a redirect to ${location}: set baseUrl to where the server really is)`;
    const message = `${method} ${path}: HTTP ${status}${messageOf(parsed.value)}${hint}`;
    throw errorOfStatus(message, status, parsed.value, retryAfterMs(response));
  }

  async #send({ method = "GET", path, query, signal }: ApiRequest, body: string | undefined): Promise<HttpResponse> {
    const { timeoutMs, fetch = globalThis.fetch } = this.#options;
    const { baseUrl, authorization } = this.endpoint;
    // No others: a browser asks the backend for permission of each.
    const headers: Record<string, string> = { accept: "application/json" };
    if (authorization !== undefined) headers["authorization"] = authorization;
    if (body !== undefined) headers["content-type"] = "application/json";
    const controller = new AbortController();
    const abort = (): void => controller.abort(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const late = `${method} ${path}: no answer within ${timeoutMs} ms`;
    const cancel = holdTimeout(() => controller.abort(new TimeoutError(late, { code: "TIMEOUT" })), timeoutMs);
    this.stats.requests++;
    try {
      // A redirect is not followed: keys and data go to the host that was named, and nowhere else.
      const init: RequestInit & { signal: AbortSignal } = {
        method,
        headers,
        signal: controller.signal,
        redirect: "manual",
      };
      if (body !== undefined) init.body = body;
      return await fetchWithin(fetch, baseUrl + path + queryText(query), init, MAX_ANSWER_BYTES);
    } catch (error) {
      signal?.throwIfAborted();
      controller.signal.throwIfAborted();
      throw new NetworkError(`${method} ${path}: ${describeError(error)}`, { code: "NETWORK", cause: error });
    } finally {
      cancel();
      signal?.removeEventListener("abort", abort);
    }
  }

  #waitBeforeRetry(request: ApiRequest, error: unknown, attempt: number): number | undefined {
    if (!(error instanceof ApiError) || attempt >= this.#options.retries) return undefined;
    const { code, retryAfterMs: asked } = error;
    const isRefusedUnread = code === "RATE_LIMITED";
    const mayHelp = isRefusedUnread || code === "SERVER" || code === "TIMEOUT" || code === "NETWORK";
    if (!mayHelp || (request.isIdempotent === false && !isRefusedUnread)) return undefined;
    return asked !== undefined && asked > MAX_RETRY_AFTER_MS ? undefined : retryDelayMs(attempt, asked);
  }
}

function queryText(query: ApiRequest["query"]): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined) continue;
    if (typeof value === "object" && !(value instanceof Date)) for (const item of value) params.append(name, item);
    else params.append(name, value instanceof Date ? value.toISOString() : String(value));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}

function parseBody(response: HttpResponse): { value: unknown; isBroken: boolean } {
  if (response.body.byteLength === 0) return { value: undefined, isBroken: false };
  const text = new TextDecoder().decode(response.body);
  try {
    return { value: JSON.parse(text) as unknown, isBroken: false };
  } catch {
    // A proxy's page: its beginning is what tells a person where it came from.
    return { value: text.slice(0, MAX_MESSAGE_CHARS), isBroken: true };
  }
}

function messageOf(body: unknown): string {
  const { message, error } = Object(body) as { message?: unknown; error?: unknown };
  const text = [message, error, body].find((part) => typeof part === "string" && part !== "") as string | undefined;
  return text === undefined ? "" : ` ${text.replace(/\s+/g, " ").slice(0, MAX_MESSAGE_CHARS)}`;
}

/** Waits, or rejects with the signal's reason. */
function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (): void => {
      cancel();
      signal?.removeEventListener("abort", end);
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the caller's own reason, as fetch does it
      if (signal?.aborted) reject(signal.reason);
      else resolve();
    };
    const cancel = holdTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
