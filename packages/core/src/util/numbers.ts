import { setField } from "../serialize/capture.ts";

/** Buckets kept: a provider's usage has some ten. */
const MAX_NUMBERS = 64;
/** No bucket has a longer name. */
const MAX_KEY_CHARS = 256;

/** Finite numbers that are not negative; anything else that was put among them is left out. */
export function numbersOf(given: unknown): Record<string, number> {
  const out: Record<string, number> = {};
  if (typeof given !== "object" || given === null) return out;
  for (const key of Object.keys(given).slice(0, MAX_NUMBERS)) {
    const value = (given as Record<string, unknown>)[key];
    if (typeof value !== "number" || !Number.isFinite(value) || value < 0 || key.length > MAX_KEY_CHARS) continue;
    setField(out, key, value);
  }
  return out;
}
