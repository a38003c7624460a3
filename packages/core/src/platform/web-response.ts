import { MAX_RESPONSE_BYTES, type HttpResponse } from "./platform.ts";

/** A fetch answer, read to the bound. */
export async function readResponse(response: Response, maxBytes = MAX_RESPONSE_BYTES): Promise<HttpResponse> {
  const parts: Uint8Array[] = [];
  let kept = 0;
  const reader = response.body?.getReader();
  while (kept < maxBytes) {
    if (!reader) break;
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value.subarray(0, maxBytes - kept));
    kept += value.byteLength;
  }
  if (kept >= maxBytes) void reader?.cancel().catch(() => {});
  const body = new Uint8Array(Math.min(kept, maxBytes));
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.byteLength;
  }
  return { status: response.status, header: (name) => response.headers.get(name) ?? undefined, body };
}
