import type { CapturedFields, FieldBytes, ObservationRecord, OpenObservation } from "../model/record.ts";
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

/** Serialises and cuts the fields of one record, and keeps account of it. */
class Cutting {
  readonly truncated: string[] = [];
  bytes = RECORD_BYTES;
  readonly #maxValueBytes: number;
  readonly #weights: FieldBytes;

  constructor(maxValueBytes: number, weights: FieldBytes) {
    this.#maxValueBytes = maxValueBytes;
    this.#weights = weights;
  }

  json(key: "input" | "output" | "metadata" | "modelParameters", value: unknown): string | undefined {
    if (value === undefined) return undefined;
    const { json, cuts } = stringifyWithin(value, this.#maxValueBytes, key, this.#weights[key]);
    if (cuts.length > 0) this.truncated.push(...cuts);
    this.bytes += json.length;
    return json;
  }

  text<T extends string | undefined>(key: string, value: T): T {
    if (value === undefined) return value;
    const kept = cutText(value, MAX_TEXT_BYTES);
    if (kept !== value) this.truncated.push(`${key}=${value.length} characters`);
    this.bytes += kept.length;
    return kept as T;
  }
}

const UNKNOWN: FieldBytes = {};

/** Serialises the payload of an ended observation, once. `fields` and `trace` are captured and masked. */
export function toObservationRecord(
  observation: OpenObservation,
  name: string,
  fields: CapturedFields,
  trace: TraceAttributes | undefined,
  updates: TraceUpdates,
  maxValueBytes: number,
): ObservationRecord {
  // A mask or an attachment taken out gives other values than those that were weighed.
  const cutting = new Cutting(maxValueBytes, fields === observation.fields ? observation.fieldBytes : UNKNOWN);
  const { prompt } = fields;
  const { level, status } = settleStatus(fields);
  return {
    kind: "observation",
    phase: "end",
    id: observation.id,
    traceId: observation.traceId,
    parentId: observation.parentId,
    isAppRoot: observation.isAppRoot,
    type: observation.type,
    name: cutting.text("name", name),
    startTime: observation.startTime,
    endTime: observation.endTime,
    level,
    status,
    statusMessage: cutting.text("statusMessage", fields.statusMessage),
    version: cutting.text("version", fields.version),
    model: cutting.text("model", fields.model),
    provider: cutting.text("provider", fields.provider),
    modelParameters: cutting.json("modelParameters", fields.modelParameters),
    usageDetails: fields.usageDetails,
    costDetails: fields.costDetails,
    completionStartTime: fields.completionStartTime,
    prompt: prompt && { ...prompt, name: cutting.text("prompt", prompt.name) },
    link: fields.link,
    input: cutting.json("input", fields.input),
    output: cutting.json("output", fields.output),
    metadata: cutting.json("metadata", fields.metadata),
    trace: new RecordTrace(trace, updates),
    truncated: cutting.truncated,
    bytes: cutting.bytes,
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
