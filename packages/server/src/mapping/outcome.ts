import type { ObservationLevel, ObservationStatus } from "../api/types.ts";
import { STATUS_ERROR, STATUS_UNSET, type OtlpSpan } from "../ingest/otlp-span.ts";
import type { MappedFields } from "./attribute-mapper.ts";
import { MAX_STATUS_MESSAGE_CHARS, cleanText, readText } from "./values.ts";

/** Level and status say the same thing twice; the more telling status wins, and the two are made to agree. */
export function readOutcome(
  fields: MappedFields,
  span: OtlpSpan,
  isStart: boolean,
): { level: ObservationLevel; status: ObservationStatus } {
  const failed = span.statusCode === STATUS_ERROR || (span.statusCode === STATUS_UNSET && endedWithError(fields));
  const given = (fields.level ?? (failed ? "ERROR" : "DEFAULT")) as ObservationLevel;
  if (isStart) return { level: given === "ERROR" ? "DEFAULT" : given, status: "running" };
  const status = fields.status as ObservationStatus | undefined;
  if (status === "cancelled" || status === "incomplete") return { level: "WARNING", status };
  if (status === "interrupted") return { level: "DEFAULT", status };
  if (status === "error" || given === "ERROR") return { level: "ERROR", status: "error" };
  return { level: given, status: "ok" };
}

/** @param failed whether the span's level is ERROR: only then does an attribute that names an error explain it. */
export function readStatusMessage(fields: MappedFields, span: OtlpSpan, failed: boolean): string | null {
  const given = readText(fields.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  if (given !== null) return given;
  if (span.statusMessage !== "") return cleanText(span.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  // The last exception is the one that ended the span.
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes;
  const type = readText(exception?.get("exception.type"));
  const message = readText(exception?.get("exception.message"), MAX_STATUS_MESSAGE_CHARS);
  if (type !== null && message !== null && !message.startsWith(type)) return `${type}: ${message}`;
  if (message !== null || type !== null || !failed) return message ?? type;
  const named = readText(fields.errorType, MAX_STATUS_MESSAGE_CHARS);
  return named ?? (endedWithError(fields) ? "The model's answer ended with finish reason error." : null);
}

/** A stream that fails on the way ends like any other, and says so in its finish reason alone (AI SDK 4 to 6). */
function endedWithError({ finishReason }: MappedFields): boolean {
  return Array.isArray(finishReason) ? finishReason.includes("error") : finishReason === "error";
}
