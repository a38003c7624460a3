import type { HttpResponse } from "../platform/platform.ts";

/** What an attempt means for its batch. A status is a value here, never an exception. */
export type Outcome =
  /** `refused`: positions the backend refused for good; `again`: positions to send once more. */
  | { kind: "delivered"; refused: readonly number[]; again: readonly number[]; message?: string | undefined }
  | { kind: "retry"; afterMs: number | undefined; message: string }
  /** 413, 400 and a firewall's 403: split until the offending record stands alone. */
  | { kind: "split"; reason: "too_large" | "rejected"; message: string; isFirewall?: boolean }
  /** 401 and 403: nothing will pass until somebody changes the keys. */
  | { kind: "unauthorized"; message: string }
  | { kind: "refused"; message: string };

const RETRYABLE: ReadonlySet<number> = new Set([408, 425, 429]);
/** Text of an answer that goes into a log line. */
const MAX_MESSAGE_CHARS = 300;

/** The outcome of every status but success, whose body the lane reads. */
export function outcomeOfFailure(response: HttpResponse): Outcome {
  const { status } = response;
  // 0: a browser does not show it.
  const isRedirect = status < 400;
  const message = `HTTP ${status}${isRedirect ? ", a redirect: set the URL to where the server is" : describe(response)}`;
  if (RETRYABLE.has(status) || status >= 500) return { kind: "retry", afterMs: retryAfterMs(response), message };
  if (status === 413) return { kind: "split", reason: "too_large", message };
  if (status === 400 || status === 422) return { kind: "split", reason: "rejected", message };
  // A page of HTML is a firewall's that dislikes a record, not the backend's word on the keys.
  if (status === 403 && isHtml(response)) return { kind: "split", reason: "rejected", message, isFirewall: true };
  if (status === 401 || status === 403) return { kind: "unauthorized", message };
  return { kind: "refused", message };
}

function isHtml(response: HttpResponse): boolean {
  return /html/i.test(response.header("content-type") ?? "");
}

function describe(response: HttpResponse): string {
  const type = response.header("content-type") ?? "";
  if (!/json|text|protobuf/.test(type) || response.body.byteLength === 0) return "";
  const body = /protobuf/.test(type) ? statusMessage(response.body) : response.body;
  const text = new TextDecoder().decode(body.subarray(0, MAX_MESSAGE_CHARS * 4));
  return text && `: ${text.replace(/\s+/g, " ").slice(0, MAX_MESSAGE_CHARS)}`;
}

/** `message` of the `google.rpc.Status` that OTLP's receivers answer with: its field 2, after the code, which is one byte; details follow. */
function statusMessage(body: Uint8Array): Uint8Array {
  let at = body[0] === 0x08 ? 2 : 0;
  if (body[at] !== 0x12) return body.subarray(0, 0);
  let length = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = body[++at] ?? 0;
    length |= (byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return body.subarray(at + 1, at + 1 + length);
}

/** Seconds or an HTTP date; `undefined` when absent or neither. */
export function retryAfterMs(response: HttpResponse): number | undefined {
  const value = response.header("retry-after");
  if (value === undefined) return undefined;
  const seconds = Number(value);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
