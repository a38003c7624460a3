/** Finite numbers that are not negative; anything else that was put among them is left out. */
export function numbersOf(given: unknown): Record<string, number> {
  const out: Record<string, number> = {};
  if (typeof given !== "object" || given === null) return out;
  for (const [key, value] of Object.entries(given)) {
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) out[key] = value;
  }
  return out;
}
