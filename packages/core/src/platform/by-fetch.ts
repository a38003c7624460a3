import { MAX_RESPONSE_BYTES, type HttpRequest, type HttpResponse } from "./platform.ts";

/** Sends by a `fetch`, the platform's or one of the user's. */
export function sendByFetch(fetch: typeof globalThis.fetch, request: HttpRequest): Promise<HttpResponse> {
  const { method, url, headers, body, signal, maxResponseBytes } = request;
  // A redirect is not `fetch`'s to follow: it would take the payload and the headers to a host that nobody chose.
  const init = {
    method,
    headers,
    body: new Blob(body as Uint8Array<ArrayBuffer>[]),
    signal,
    redirect: "manual" as const,
  };
  return fetchWithin(fetch, url, init, maxResponseBytes);
}

/** The answer to the last byte, or the signal's reason as soon as it fires: a `fetch` of the user's need not know of signals. */
export async function fetchWithin(
  fetch: typeof globalThis.fetch,
  url: string,
  init: RequestInit & { signal: AbortSignal },
  maxBytes: number | undefined,
): Promise<HttpResponse> {
  const { signal } = init;
  signal.throwIfAborted();
  // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- the signal's own reason, as fetch does it
  const aborted = new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  return Promise.race([aborted, fetch(url, init).then((response) => readResponse(response, maxBytes))]);
}

/** A fetch answer, read to the bound. */
async function readResponse(response: Response, maxBytes = MAX_RESPONSE_BYTES): Promise<HttpResponse> {
  const parts: Uint8Array[] = [];
  let kept = 0;
  const reader = response.body?.getReader();
  while (kept < maxBytes) {
    if (!reader) break;
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, maxBytes - kept);
    parts.push(part);
    kept += part.byteLength;
  }
  // Of no effect where it was read to its end.
  void reader?.cancel().catch(() => {});
  const body = new Uint8Array(kept);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body };
}
