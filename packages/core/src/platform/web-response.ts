import { MAX_RESPONSE_BYTES, type HttpResponse } from "./platform.ts";

/** A fetch answer, read to the bound. */
export async function readResponse(response: Response): Promise<HttpResponse> {
  const parts: Uint8Array[] = [];
  let kept = 0;
  const reader = response.body?.getReader();
  while (kept < MAX_RESPONSE_BYTES) {
    if (!reader) break;
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value.subarray(0, MAX_RESPONSE_BYTES - kept));
    kept += value.byteLength;
  }
  if (kept >= MAX_RESPONSE_BYTES) void reader?.cancel().catch(() => {});
  const body = new Uint8Array(Math.min(kept, MAX_RESPONSE_BYTES));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body };
}
