import type { CapturedFields } from "../model/record.ts";
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
 * Copies what the user gave into `fields` and returns by how many estimated bytes they grew. Types are checked here, since
 * JavaScript callers and providers' odd answers come through: one field of a wrong type must not cost the observation.
 */
export function captureAttributes(fields: CapturedFields, given: ObservationAttributes, sizes: FieldSizes): number {
  let grown = 0;
  const put = (key: "input" | "output" | "modelParameters", value: unknown): void => {
    const captured = capture(value);
    fields[key] = captured.value as never;
    grown += sizes.replace(key, captured.bytes);
  };

  if (given.input !== undefined) put("input", given.input);
  if (given.output !== undefined) put("output", given.output);
  if (isObject(given.modelParameters)) put("modelParameters", given.modelParameters);
  if (isObject(given.metadata)) {
    const captured = capture(given.metadata);
    fields.metadata = fields.metadata
      ? { ...fields.metadata, ...(captured.value as object) }
      : (captured.value as Record<string, unknown>);
    grown += sizes.add("metadata", captured.bytes);
  }
  if (LEVELS.has(given.level)) fields.level = given.level!;
  if (STATUSES.has(given.status)) fields.status = given.status!;
  for (const key of ["statusMessage", "version", "model", "provider"] as const) {
    const text = toText(given[key]);
    if (text === undefined) continue;
    fields[key] = text;
    grown += sizes.replace(key, text.length);
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

/** What each field of one observation weighs, so that replacing one gives its bytes back. */
export class FieldSizes {
  #bytes: Record<string, number> = {};

  replace(key: string, bytes: number): number {
    const grown = bytes - (this.#bytes[key] ?? 0);
    this.#bytes[key] = bytes;
    return grown;
  }

  add(key: string, bytes: number): number {
    this.#bytes[key] = (this.#bytes[key] ?? 0) + bytes;
    return bytes;
  }
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
