import type { CapturedFields, ObservationRecord, OpenObservation } from "../model/record.ts";
import { RecordTrace, type TraceUpdates } from "../model/trace-fields.ts";
import type { ObservationLevel, ObservationStatus, TraceAttributes } from "../model/types.ts";
import { stringifyWithin } from "./truncate.ts";

/** What is added to the text for the record's own fields, estimated. */
const RECORD_BYTES = 400;

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
    name,
    startTime: observation.startTime,
    endTime: observation.endTime,
    ...settleStatus(fields),
    statusMessage: fields.statusMessage,
    version: fields.version,
    model: fields.model,
    provider: fields.provider,
    modelParameters,
    usageDetails: fields.usageDetails,
    costDetails: fields.costDetails,
    completionStartTime: fields.completionStartTime,
    prompt: fields.prompt,
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
  const record = toObservationRecord(observation, name, {}, trace, updates, 0);
  return { ...record, phase: "start", status: "running", endTime: undefined, version, model, provider };
}
