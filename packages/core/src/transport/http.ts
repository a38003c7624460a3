import { platform } from "#platform";
import { runOutside, runUnrecorded } from "../context/context.ts";
import { withoutOpenTelemetry } from "../interop/opentelemetry.ts";
import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import { readResponse } from "../platform/web-response.ts";
import { messageOf } from "../util/text.ts";

/**
 * One request, by the user's `fetch` where one was given. It runs outside of the application's context: our request is
 * nobody's child.
 */
export function sendRequest(request: HttpRequest, givenFetch: typeof fetch | undefined): Promise<HttpResponse> {
  const send = () => (givenFetch ? sendByFetch(givenFetch, request) : platform.send(request));
  // A `fetch` of the user's may record something itself, and so may the platform's where a page or a worker has put its own in its place.
  const run = givenFetch || platform.isFetching ? runUnrecorded : runOutside;
  return run(() => withoutOpenTelemetry(send));
}

async function sendByFetch(givenFetch: typeof fetch, request: HttpRequest): Promise<HttpResponse> {
  const { method, url, headers, body, signal, maxResponseBytes } = request;
  // A redirect is not `fetch`'s to follow: it would take the payload and the headers to a host that nobody chose.
  const init = {
    method,
    headers,
    body: new Blob(body as Uint8Array<ArrayBuffer>[]),
    signal,
    redirect: "manual" as const,
  };
  return fetchWithin(givenFetch, url, init, maxResponseBytes);
}

/** The answer to the last byte, or the signal's reason as soon as it fires: a `fetch` of the user's need not know of signals. */
export function fetchWithin(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit & { signal: AbortSignal },
  maxBytes: number | undefined,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = init;
    signal.throwIfAborted();
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the signal's own reason, as fetch does it
    signal.addEventListener("abort", () => reject(signal.reason));
    const answer = async (): Promise<void> => resolve(await readResponse(await fetch(url, init), maxBytes));
    answer().catch(reject);
  });
}

export function describeError(error: unknown): string {
  const { message, code, cause } = Object(error) as { message?: string; code?: string; cause?: { message?: string } };
  const parts = [message, code, cause?.message].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? [...new Set(parts)].join(", ") : messageOf(error);
}
