import type { ObservationRecord } from "../../model/record.ts";
import { jsonOf, parseFields, textOf, type Fields } from "./json-values.ts";
import { isRecord } from "../../util/is-record.ts";

/** What our adapters keep in metadata and the conventions have a name for. */
export interface LiftedMetadata {
  responseId?: string;
  finishReasons?: string[];
  toolCallId?: string;
  errorType?: string;
  stream?: boolean;
  /** The metadata without what is named elsewhere, as JSON. */
  rest: string | undefined;
}

const MODEL_CALL_KEYS = /"(?:response_?[iI]d|finish_?[rR]easons?|stream|error|httpStatus)"/;
const TOOL_KEYS = /"(?:tool_?[cC]all_?[iI]d|error)"/;

export function liftMetadata({ type, metadata, level }: ObservationRecord): LiftedMetadata {
  const isModelCall = type === "generation" || type === "embedding";
  const keys = isModelCall ? MODEL_CALL_KEYS : type === "tool" ? TOOL_KEYS : undefined;
  // Most metadata has none of it and is not parsed.
  if (metadata === undefined || !keys?.test(metadata)) return { rest: metadata };
  const fields = parseFields(metadata);
  if (!fields) return { rest: metadata };
  const lifted: LiftedMetadata = { rest: undefined };
  if (isModelCall) liftModelCall(fields, lifted);
  else {
    const id = take(fields, "tool_call_id", textOf) ?? take(fields, "toolCallId", textOf);
    if (id !== undefined) lifted.toolCallId = id;
  }
  const errorType = level === "ERROR" ? errorTypeOf(fields) : undefined;
  if (errorType !== undefined) lifted.errorType = errorType;
  lifted.rest = jsonOf(fields);
  return lifted;
}

function liftModelCall(fields: Fields, lifted: LiftedMetadata): void {
  const responseId = take(fields, "response_id", textOf) ?? take(fields, "responseId", textOf);
  if (responseId !== undefined) lifted.responseId = responseId;
  const reasons =
    take(fields, "finish_reasons", textsOf) ??
    take(fields, "finishReasons", textsOf) ??
    take(fields, "finish_reason", textsOf) ??
    take(fields, "finishReason", textsOf);
  if (reasons !== undefined) lifted.finishReasons = reasons;
  const stream = take(fields, "stream", (value) => (typeof value === "boolean" ? value : undefined));
  if (stream !== undefined) lifted.stream = stream;
}

function take<T>(fields: Fields, key: string, read: (value: unknown) => T | undefined): T | undefined {
  const value = read(fields[key]);
  if (value !== undefined) delete fields[key];
  return value;
}

function textsOf(value: unknown): string[] | undefined {
  const texts = Array.isArray(value) ? value : [value];
  return texts.length > 0 && texts.every((text) => typeof text === "string") ? texts : undefined;
}

/** The provider's code before the class of the exception, as the conventions ask. Stays in the metadata with its details. */
function errorTypeOf(fields: Fields): string | undefined {
  const error = isRecord(fields["error"]) ? fields["error"] : {};
  const status = error["status"] ?? fields["httpStatus"];
  return (
    textOf(error["code"]) ??
    textOf(error["type"]) ??
    textOf(error["name"]) ??
    (typeof status === "number" ? String(status) : undefined)
  );
}
