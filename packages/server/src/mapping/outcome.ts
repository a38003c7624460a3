import type { ObservationLevel, ObservationStatus } from "../api/types.ts";
import { STATUS_ERROR, type OtlpSpan } from "../ingest/otlp-span.ts";
import type { MappedFields } from "./attribute-mapper.ts";
import { MAX_STATUS_MESSAGE_CHARS, cleanText, readText } from "./values.ts";

/** Level and status say the same thing twice; the more telling status wins, and the two are made to agree. */
export function readOutcome(
  fields: MappedFields,
  span: OtlpSpan,
  isStart: boolean,
): { level: ObservationLevel; status: ObservationStatus } {
  const given = (fields.level ?? (span.statusCode === STATUS_ERROR ? "ERROR" : "DEFAULT")) as ObservationLevel;
  if (isStart) return { level: given === "ERROR" ? "DEFAULT" : given, status: "running" };
  const status = fields.status as ObservationStatus | undefined;
  if (status === "cancelled" || status === "incomplete") return { level: "WARNING", status };
  if (status === "interrupted") return { level: "DEFAULT", status };
  if (status === "error" || given === "ERROR") return { level: "ERROR", status: "error" };
  return { level: given, status: "ok" };
}

export function readStatusMessage(fields: MappedFields, span: OtlpSpan): string | null {
  const given = readText(fields.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  if (given !== null) return given;
  if (span.statusMessage !== "") return cleanText(span.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  // The last exception is the one that ended the span.
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes;
  const type = readText(exception?.get("exception.type"));
  const message = readText(exception?.get("exception.message"), MAX_STATUS_MESSAGE_CHARS);
  if (type === null || message === null || message.startsWith(type)) return message ?? type;
  return `${type}: ${message}`;
}
