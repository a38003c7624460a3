import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import { setQuietTimeout } from "../util/timers.ts";
import type { Batch } from "./batch.ts";
import type { RequestFormat } from "./lane-format.ts";
import { describeError, sendRequest } from "./http.ts";
import { outcomeOfFailure, type Outcome } from "./outcome.ts";

export interface SendOptions {
  timeoutMs: number;
  /** Used in place of the platform's own way where the user gave one. */
  fetch: typeof fetch | undefined;
  abort: AbortController;
}

/** One attempt. Never rejects: no answer at all is an outcome too. */
export async function sendBatch(batch: Batch, format: RequestFormat, options: SendOptions): Promise<Outcome> {
  const { timeoutMs, abort } = options;
  const cancel = setQuietTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    if (format.compress) await batch.compress();
    batch.readers++;
    const headers = { ...format.headers };
    if (batch.gzipped) headers["content-encoding"] = "gzip";
    const request: HttpRequest = { method: "POST", url: format.url, headers, body: batch.body(), signal: abort.signal };
    const response = await sendFollowing({ ...request, maxResponseBytes: format.maxResponseBytes }, options.fetch);
    // Any other end may leave a request that still reads.
    if (!response.isEarly) batch.readers--;
    const success = response.status >= 200 && response.status < 300;
    return success
      ? format.readSuccess(
          response,
          batch.receipts.map(({ recordId }) => recordId),
        )
      : outcomeOfFailure(response);
  } catch (error) {
    return {
      kind: "retry",
      afterMs: undefined,
      message: describeError(abort.signal.aborted ? abort.signal.reason : error),
    };
  } finally {
    cancel();
  }
}

/** Follows one 307 or 308 within the origin; the keys go nowhere else. */
async function sendFollowing(request: HttpRequest, givenFetch: typeof fetch | undefined): Promise<HttpResponse> {
  const response = await sendRequest(request, givenFetch);
  const location = response.header("location");
  if ((response.status !== 307 && response.status !== 308) || location === undefined) return response;
  const { origin } = new URL(request.url);
  if (!URL.canParse(location, request.url)) return response;
  const target = new URL(location, request.url);
  if (target.origin !== origin) return response;
  const followed = await sendRequest({ ...request, url: target.href }, givenFetch);
  return response.isEarly ? { ...followed, isEarly: true } : followed;
}
