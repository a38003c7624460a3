import type { CapturedFields, OpenObservation } from "../model/record.ts";
import { toEpochMs } from "../model/time.ts";
import type { ObservationAttributes, ObservationLevel, ObservationStatus } from "../model/types.ts";
import { toText } from "../util/text.ts";
import { capture } from "../serialize/capture.ts";

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
 * since JavaScript callers and providers' odd answers come through: one field of a wrong type must not cost the observation.
 */
export function captureAttributes(observation: OpenObservation, given: ObservationAttributes): number {
  const { fields } = observation;
  let grown = 0;

  if (given.input !== undefined) grown += captureField(observation, "input", given.input);
  if (given.output !== undefined) grown += captureField(observation, "output", given.output);
  if (isObject(given.modelParameters)) grown += captureField(observation, "modelParameters", given.modelParameters);
  if (isObject(given.metadata)) {
    const before = fields.metadata;
    const bytesBefore = observation.fieldBytes.metadata ?? 0;
    grown += captureField(observation, "metadata", given.metadata);
    if (before) {
      fields.metadata = { ...before, ...fields.metadata };
      observation.fieldBytes.metadata! += bytesBefore;
      grown += bytesBefore;
    }
  }
  if (LEVELS.has(given.level)) fields.level = given.level!;
  if (STATUSES.has(given.status)) fields.status = given.status!;
  for (const key of ["statusMessage", "version", "model", "provider"] as const) {
    if (given[key] === undefined) continue;
    const text = toText(given[key]);
    if (text === undefined) continue;
    fields[key] = text;
    grown += replaceBytes(observation, key, text.length);
  }
  if (given.usageDetails !== undefined) fields.usageDetails = numbersOf(given.usageDetails);
  if (given.costDetails !== undefined) fields.costDetails = numbersOf(given.costDetails);
  const completionStartTime = toEpochMs(given.completionStartTime);
  if (completionStartTime !== undefined) fields.completionStartTime = completionStartTime;
  if (isObject(given.prompt) && typeof given.prompt.name === "string") {
    const { name, version } = given.prompt;
    fields.prompt = { name, version };
  }
  return grown;
}

function captureField(
  observation: OpenObservation,
  key: "input" | "output" | "modelParameters" | "metadata",
  value: unknown,
): number {
  const captured = capture(value);
  observation.fields[key] = captured.value as never;
  observation.mayHaveMedia ||= captured.mayHaveMedia;
  return replaceBytes(observation, key, captured.bytes);
}

function replaceBytes({ fieldBytes }: OpenObservation, key: keyof CapturedFields, bytes: number): number {
  const grown = bytes - (fieldBytes[key] ?? 0);
  fieldBytes[key] = bytes;
  return grown;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Finite numbers that are not negative; anything else a provider put among them is left out. */
function numbersOf(given: unknown): Record<string, number> {
  const out: Record<string, number> = {};
  if (!isObject(given)) return out;
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) out[key] = value;
  }
  return out;
}
