import type { CapturedFields, OpenObservation } from "../model/record.ts";
import { toEpochMs } from "../model/time.ts";
import type { ObservationAttributes, ObservationLevel, ObservationStatus } from "../model/types.ts";
import { capture, captureFields, isRecord, MAX_ITEMS, setField } from "../serialize/capture.ts";
import { numbersOf } from "../util/numbers.ts";
import { toText } from "../util/text.ts";

/** Estimated bytes that metadata may grow to by updates: a value beyond becomes a marker. */
const MAX_METADATA_BYTES = 8 * 1024 * 1024;
const METADATA_FULL = "[left out: the metadata is full]";

const LEVELS: ReadonlySet<unknown> = new Set<ObservationLevel>(["DEBUG", "DEFAULT", "WARNING", "ERROR"]);
const STATUSES: ReadonlySet<unknown> = new Set<ObservationStatus>([
  "ok",
  "error",
  "cancelled",
  "interrupted",
  "incomplete",
]);

/**
 * Copies what the user gave into the observation and returns by how many estimated bytes it grew. Types are checked here,
 * since JavaScript callers and providers' odd answers come through: one field of a wrong type, or that throws when it is
 * read, must not cost the observation.
 */
export function captureAttributes(observation: OpenObservation, given: ObservationAttributes): number {
  const { fields } = observation;
  let grown = 0;

  for (const key of ["input", "output"] as const) {
    const value = read(given, key);
    if (value !== undefined) grown += captureField(observation, key, value);
  }
  const modelParameters = read(given, "modelParameters");
  if (isRecord(modelParameters)) grown += captureField(observation, "modelParameters", modelParameters);
  const metadata = read(given, "metadata");
  if (isRecord(metadata)) grown += mergeMetadata(observation, metadata);
  const level = read(given, "level");
  if (LEVELS.has(level)) fields.level = level as ObservationLevel;
  const status = read(given, "status");
  if (STATUSES.has(status)) fields.status = status as ObservationStatus;
  for (const key of ["statusMessage", "version", "model", "provider"] as const) {
    const value = read(given, key);
    if (value === undefined) continue;
    const text = toText(typeof value === "object" ? capture(value).value : value);
    if (text === undefined) continue;
    fields[key] = text;
    grown += replaceBytes(observation, key, text.length);
  }
  for (const key of ["usageDetails", "costDetails"] as const) {
    const value = read(given, key);
    if (value === undefined) continue;
    const captured = capture(value);
    fields[key] = numbersOf(captured.value);
    grown += replaceBytes(observation, key, captured.bytes);
  }
  const completionStartTime = toEpochMs(
    read(given, "completionStartTime") as ObservationAttributes["completionStartTime"],
  );
  if (completionStartTime !== undefined) fields.completionStartTime = completionStartTime;
  const prompt = read(given, "prompt");
  if (isRecord(prompt)) {
    const name = read(prompt, "name");
    if (typeof name === "string") fields.prompt = { name, version: read(prompt, "version") as number };
  }
  return grown;
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

/** Top keys replace one by one, in the object that is there already: many small updates cost what they bring. */
function mergeMetadata(observation: OpenObservation, value: object): number {
  const { fieldBytes, fields } = observation;
  const captured = captureFields(value);
  observation.mayHaveMedia ||= captured.mayHaveMedia;
  const into = (fields.metadata ??= {});
  const weights = (fieldBytes.metadataKeys ??= new Map());
  const isFirst = weights.size === 0;
  let total = fieldBytes.metadata ?? 0;
  for (const key of Object.keys(captured.fields)) {
    const before = weights.get(key);
    if (before === undefined && weights.size > MAX_ITEMS) continue;
    const wanted = captured.keyBytes.get(key) ?? 0;
    // The first value is bounded as any captured value is.
    const fits = isFirst || total + wanted - (before ?? 0) <= MAX_METADATA_BYTES;
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
