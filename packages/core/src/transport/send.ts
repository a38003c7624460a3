import { platform } from "#platform";
import { runWithContext } from "../context/context.ts";
import type { HttpRequest, HttpResponse } from "../platform/platform.ts";
import { readResponse } from "../platform/web-response.ts";
import { setQuietTimeout } from "../util/timers.ts";
import type { Batch } from "./batch.ts";
import type { LaneFormat } from "./lane-format.ts";
import { outcomeOfFailure, type Outcome } from "./outcome.ts";

export interface SendOptions {
  timeoutMs: number;
  /** Used in place of the platform's own way where the user gave one. */
  fetch: typeof fetch | undefined;
  abort: AbortController;
}

/** One attempt. Never rejects: no answer at all is an outcome too. */
export async function sendBatch<R>(batch: Batch, format: LaneFormat<R>, options: SendOptions): Promise<Outcome> {
  const { timeoutMs, abort } = options;
  const cancel = setQuietTimeout(() => abort.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  try {
    if (format.compress) await batch.compress();
    const headers = { ...format.headers };
    if (batch.gzipped) headers["content-encoding"] = "gzip";
    const request: HttpRequest = { url: format.url, headers, body: batch.body(), signal: abort.signal };
    // Outside of the application's context: our request is nobody's child.
    const response = await runWithContext(undefined, () =>
      options.fetch ? postByFetch(options.fetch, request) : platform.post(request),
    );
    const success = response.status >= 200 && response.status < 300;
    return success ? format.readSuccess(response, batch.receipts.map(({ recordId }) => recordId)) : outcomeOfFailure(response);
  } catch (error) {
    return { kind: "retry", afterMs: undefined, message: describeError(abort.signal.aborted ? abort.signal.reason : error) };
  } finally {
    cancel();
  }
}

async function postByFetch(givenFetch: typeof fetch, request: HttpRequest): Promise<HttpResponse> {
  const { url, headers, body, signal } = request;
  const init = { method: "POST", headers, body: new Blob(body as Uint8Array<ArrayBuffer>[]), signal };
  return readResponse(await givenFetch(url, init));
}

function describeError(error: unknown): string {
  const { message, code, cause } = Object(error) as { message?: string; code?: string; cause?: { message?: string } };
  const parts = [message, code, cause?.message].filter((part) => typeof part === "string" && part !== "");
  return parts.length > 0 ? [...new Set(parts)].join(", ") : String(error);
}
