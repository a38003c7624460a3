import type { Context } from "hono";
import type { ErrorResponse } from "../api/types.ts";
import { MIME_PROTOBUF, mimeOf } from "./otlp-encoding.ts";
import type { HttpError, HttpErrorStatus } from "../http/errors.ts";

/** `google.rpc.Code`: https://github.com/googleapis/googleapis/blob/master/google/rpc/code.proto */
const CODES: Readonly<Record<HttpErrorStatus, number>> = {
  400: 3,
  401: 16,
  403: 7,
  404: 5,
  405: 12,
  409: 6,
  413: 3,
  415: 3,
  421: 9,
  429: 8,
  500: 13,
  501: 12,
  503: 14,
};

/**
 * A failure as OTLP/HTTP wants it: a `google.rpc.Status` in the encoding of the request, which is JSON where that is none of OTLP's. The JSON has
 * the members of our other errors beside it. https://opentelemetry.io/docs/specs/otlp/#failures
 */
export function answerOtlpError(context: Context, error: HttpError): Response {
  const code = CODES[error.status];
  const headers = { ...error.headers };
  if (mimeOf(context.req.header("content-type")) === MIME_PROTOBUF) {
    return context.body(encodeStatus(code, error.message), error.status, { ...headers, "Content-Type": MIME_PROTOBUF });
  }
  const body: ErrorResponse & { code: number } = { code, message: error.message, error: error.code };
  return context.json(body, error.status, headers);
}

/** `Status { int32 code = 1; string message = 2; }`. */
function encodeStatus(code: number, message: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encodeNumberAndText(code, message));
}

/** `ExportTraceServiceResponse`; no bytes at all when there is nothing to tell. A reason alone is a warning, as the specification has it. */
export function encodeOtlpResponse(rejected: number, reason: string | null): Uint8Array<ArrayBuffer> {
  if (rejected === 0 && reason === null) return new Uint8Array(0);
  // `partial_success = 1`, of `{ int64 rejected_spans = 1; string error_message = 2; }`.
  const partialSuccess = encodeNumberAndText(rejected, reason ?? "");
  return new Uint8Array(Buffer.concat([Buffer.from([0x0a, ...varint(partialSuccess.byteLength)]), partialSuccess]));
}

/** A message with a number as its first field and a text as its second. */
function encodeNumberAndText(number: number, message: string): Buffer {
  const text = Buffer.from(message);
  return Buffer.concat([Buffer.from([0x08, ...varint(number), 0x12, ...varint(text.byteLength)]), text]);
}

/** Of a status as {@link encodeStatus} writes it. */
export function readStatusMessage(status: Buffer): string {
  let start = 3;
  while ((status[start] ?? 0) >= 0x80) start += 1;
  return status.toString("utf8", start + 1);
}

function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...varint(value >>> 7)];
}
