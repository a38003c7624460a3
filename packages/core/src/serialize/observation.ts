import type { CapturedFields, ObservationRecord, OpenObservation } from "../model/record.ts";
import { RecordTrace, type TraceUpdates } from "../model/trace-fields.ts";
import type { ObservationLevel, ObservationStatus, TraceAttributes } from "../model/types.ts";
import { cutText, stringifyWithin } from "./truncate.ts";

/** What is added to the text for the record's own fields, estimated. */
const RECORD_BYTES = 400;
/** Names, messages and other short texts are cut to this many UTF-8 bytes. */
export const MAX_TEXT_BYTES = 64 * 1024;

/** One level for each status, and the reverse where the caller gave a level alone (DESIGN section 3). */
export function settleStatus(fields: CapturedFields): { level: ObservationLevel; status: ObservationStatus } {
  if (fields.level === "ERROR" || fields.status === "error") return { level: "ERROR", status: "error" };
  switch (fields.status) {
    case "cancelled":
    case "incomplete":
      return { level: "WARNING", status: fields.status };
    case "interrupted":
      return { level: "DEFAULT", status: "interrupted" };
    default:
      return { level: fields.level ?? "DEFAULT", status: "ok" };
  }
}

/** Serialises the payload of an ended observation, once. `fields` and `trace` are captured and masked. */
export function toObservationRecord(
  observation: OpenObservation,
  name: string,
  fields: CapturedFields,
  trace: TraceAttributes | undefined,
  updates: TraceUpdates,
  maxValueBytes: number,
): ObservationRecord {
  const truncated: string[] = [];
  let bytes = RECORD_BYTES;
  const json = (key: "input" | "output" | "metadata" | "modelParameters"): string | undefined => {
    const value = fields[key];
    if (value === undefined) return undefined;
    const { json: text, cut } = stringifyWithin(value, maxValueBytes);
    if (cut) truncated.push(key);
    bytes += text.length;
    return text;
  };
  const text = <T extends string | undefined>(key: string, value: T): T => {
    if (value === undefined) return value;
    const kept = cutText(value, MAX_TEXT_BYTES);
    if (kept !== value) truncated.push(key);
    bytes += kept.length;
    return kept as T;
  };
  const { prompt } = fields;
  const input = json("input");
  const output = json("output");
  const metadata = json("metadata");
  const modelParameters = json("modelParameters");
  return {
    kind: "observation",
    phase: "end",
    id: observation.id,
    traceId: observation.traceId,
    parentId: observation.parentId,
    isAppRoot: observation.isAppRoot,
    type: observation.type,
    name: text("name", name),
    startTime: observation.startTime,
    endTime: observation.endTime,
    ...settleStatus(fields),
    statusMessage: text("statusMessage", fields.statusMessage),
    version: text("version", fields.version),
    model: text("model", fields.model),
    provider: text("provider", fields.provider),
    modelParameters,
    usageDetails: fields.usageDetails,
    costDetails: fields.costDetails,
    completionStartTime: fields.completionStartTime,
    prompt: prompt && { ...prompt, name: text("prompt", prompt.name) },
    input,
    output,
    metadata,
    trace: new RecordTrace(trace, updates),
    truncated,
    bytes,
  };
}

/** The live record of an observation that still runs: what and where it is, no payload. */
export function toStartRecord(
  observation: OpenObservation,
  name: string,
  fields: CapturedFields,
  trace: TraceAttributes | undefined,
  updates: TraceUpdates,
): ObservationRecord {
  const { version, model, provider } = fields;
  const shown: CapturedFields = {};
  if (version !== undefined) shown.version = version;
  if (model !== undefined) shown.model = model;
  if (provider !== undefined) shown.provider = provider;
  const record = toObservationRecord(observation, name, shown, trace, updates, 0);
  return { ...record, phase: "start", status: "running", endTime: undefined };
}
