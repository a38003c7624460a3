import type { CapturedFields, OpenObservation } from "../model/record.ts";
import { isObservationId, isTraceId } from "../model/ids.ts";
import { isObservationType } from "../model/observation-type.ts";
import { toEpochMs } from "../model/time.ts";
import type { ObservationAttributes, ObservationLevel, ObservationStatus } from "../model/types.ts";
import { capture, captureFields, MAX_ITEMS, setField } from "../serialize/capture.ts";
import { numbersOf } from "../util/numbers.ts";
import { safely } from "../util/safely.ts";
import { toText } from "../util/text.ts";
import { isRecord } from "../util/is-record.ts";
import { OutputParts } from "./output-parts.ts";

/** Estimated bytes that metadata may grow to by updates: a value beyond becomes a marker. */
const MAX_METADATA_BYTES = 8 * 1024 * 1024;
/** A bucket of usage or cost and its count, estimated. */
const BUCKET_BYTES = 40;
/** In place of what is given while `maxQueueBytes` is reached. */
const QUEUE_FULL = "[left out: the queue is full]";
const METADATA_FULL = "[left out: the metadata is full]";

const LEVELS: ReadonlySet<unknown> = new Set<ObservationLevel>(["DEBUG", "DEFAULT", "WARNING", "ERROR"]);
const STATUSES: ReadonlySet<unknown> = new Set<ObservationStatus>([
  "ok",
  "error",
  "cancelled",
  "interrupted",
  "incomplete",
]);

const KEYS = [
  "type",
  "input",
  "output",
  "modelParameters",
  "metadata",
  "level",
  "status",
  "statusMessage",
  "version",
  "model",
  "provider",
  "usageDetails",
  "costDetails",
  "completionStartTime",
  "prompt",
  "link",
] as const satisfies readonly (keyof ObservationAttributes)[];

/**
 * Copies what the user gave into the observation and returns by how many estimated bytes it grew. Types are checked here,
 * since JavaScript callers and providers' odd answers come through: one field of a wrong type, or that throws when it is
 * read, must not cost the observation. Without room a marker stands for what may be large.
 */
export function captureAttributes(
  observation: OpenObservation,
  given: ObservationAttributes,
  hasRoom: boolean,
): number {
  let grown = 0;
  for (const key of keysOf(given)) {
    const value = read(given, key);
    if (value !== undefined) grown += captureAttribute(observation, key, value, hasRoom);
  }
  return grown;
}

/** Of a literal, the usual case, only what is there is looked at; an instance of a class may have accessors. */
function keysOf(given: ObservationAttributes): readonly (keyof ObservationAttributes)[] {
  try {
    if (Object.getPrototypeOf(given) === Object.prototype) return Object.keys(given) as (keyof ObservationAttributes)[];
  } catch {
    // A proxy whose traps throw may still have fields to read.
  }
  return KEYS;
}

function captureAttribute(
  observation: OpenObservation,
  key: keyof ObservationAttributes,
  value: unknown,
  hasRoom: boolean,
): number {
  const { fields } = observation;
  switch (key) {
    case "type":
      if (isObservationType(value) && value !== "event") observation.type = value;
      return 0;
    case "input":
    case "output":
      if (OutputParts.is(value)) return captureParts(observation, value, hasRoom);
      return captureField(observation, key, hasRoom ? value : QUEUE_FULL);
    case "modelParameters":
      return isRecord(value) && hasRoom ? captureField(observation, key, value) : 0;
    case "metadata":
      return isRecord(value) ? mergeMetadata(observation, hasRoom ? value : { [QUEUE_FULL]: true }) : 0;
    case "level":
      if (LEVELS.has(value)) fields.level = value as ObservationLevel;
      return 0;
    case "status":
      if (STATUSES.has(value)) fields.status = value as ObservationStatus;
      return 0;
    case "statusMessage":
    case "version":
    case "model":
    case "provider": {
      const text = toText(typeof value === "object" ? capture(value).value : value);
      if (text === undefined) return 0;
      fields[key] = text;
      return replaceBytes(observation, key, text.length);
    }
    case "usageDetails":
    case "costDetails": {
      const numbers = safely(key, () => numbersOf(value)) ?? {};
      fields[key] = numbers;
      return replaceBytes(observation, key, Object.keys(numbers).length * BUCKET_BYTES);
    }
    case "completionStartTime": {
      const time = toEpochMs(value as ObservationAttributes["completionStartTime"]);
      if (time !== undefined) fields.completionStartTime = time;
      return 0;
    }
    case "prompt":
      return isRecord(value) ? capturePrompt(observation, value) : 0;
    case "link":
      if (isRecord(value)) captureLink(observation, value);
      return 0;
    default:
      return 0;
  }
}

function capturePrompt(observation: OpenObservation, given: Record<string, unknown>): number {
  const name = read(given, "name");
  if (typeof name !== "string") return 0;
  const version = read(given, "version");
  // What is no number was not looked at, and may be anything of the user's.
  observation.fields.prompt = { name, version: (typeof version === "number" ? version : undefined) as number };
  return replaceBytes(observation, "prompt", name.length);
}

/** A word of an integration's, never text of a user's: a mask does not see it. */
const LINK_KIND = /^[a-z0-9_.-]{1,64}$/;

function captureLink(observation: OpenObservation, given: Record<string, unknown>): void {
  const traceId = read(given, "traceId");
  const observationId = read(given, "observationId");
  const kind = read(given, "kind");
  if (!isTraceId(traceId) || !isObservationId(observationId)) return;
  if (typeof kind === "string" && LINK_KIND.test(kind)) observation.fields.link = { traceId, observationId, kind };
}

/** An accessor or a proxy may throw: that attribute alone is left out. */
function read<T extends object>(given: T, key: keyof T): unknown {
  try {
    return given[key];
  } catch {
    return undefined;
  }
}

function captureField(
  observation: OpenObservation,
  key: "input" | "output" | "modelParameters",
  value: unknown,
): number {
  const captured = capture(value);
  observation.fields[key] = captured.value as never;
  observation.mayHaveMedia ||= captured.mayHaveMedia;
  return replaceBytes(observation, key, captured.bytes);
}

function captureParts(observation: OpenObservation, parts: OutputParts, hasRoom: boolean): number {
  parts.take(hasRoom);
  observation.fields.output = parts.items;
  observation.mayHaveMedia ||= parts.mayHaveMedia;
  return replaceBytes(observation, "output", parts.bytes);
}

/** Top keys replace one by one, in the object that is there already: many small updates cost what they bring. */
function mergeMetadata(observation: OpenObservation, value: object): number {
  const { fieldBytes, fields } = observation;
  const captured = captureFields(value);
  observation.mayHaveMedia ||= captured.mayHaveMedia;
  const { metadata: into } = fields;
  const { metadataKeys: weights } = fieldBytes;
  let total = fieldBytes.metadata ?? 0;
  if (!into || !weights || weights.size === 0) {
    // The first is bounded as any captured value is.
    fields.metadata = captured.fields;
    fieldBytes.metadataKeys = captured.keyBytes;
    for (const bytes of captured.keyBytes.values()) total += bytes;
    return replaceBytes(observation, "metadata", total);
  }
  for (const key of Object.keys(captured.fields)) {
    const before = weights.get(key);
    if (before === undefined && weights.size > MAX_ITEMS) continue;
    const wanted = captured.keyBytes.get(key) ?? 0;
    const fits = total + wanted - (before ?? 0) <= MAX_METADATA_BYTES;
    const bytes = fits ? wanted : key.length + METADATA_FULL.length;
    weights.set(key, bytes);
    total += bytes - (before ?? 0);
    setField(into, key, fits ? captured.fields[key] : METADATA_FULL);
  }
  return replaceBytes(observation, "metadata", total);
}

function replaceBytes({ fieldBytes }: OpenObservation, key: keyof CapturedFields, bytes: number): number {
  const grown = bytes - (fieldBytes[key] ?? 0);
  fieldBytes[key] = bytes;
  return grown;
}
