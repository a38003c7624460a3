import { arrayOf } from "../fields.ts";

/**
 * What is recorded of an input that may be texts or token ids: `string`, `string[]`, `number[]` or `number[][]`. Texts stay as
 * they are; token ids, which nobody can read, become their count: `{ tokens }`, or `{ inputs, tokens }` for several arrays.
 */
export function describeTexts(input: unknown): unknown {
  if (isTokens(input)) return { tokens: input.length };
  const inputs = arrayOf(input);
  if (inputs.length === 0 || !inputs.every(isTokens)) return input;
  return { inputs: inputs.length, tokens: inputs.reduce((sum, { length }) => sum + length, 0) };
}

/** Told from its first item: the API takes no mixed arrays. */
function isTokens(value: unknown): value is readonly number[] {
  return Array.isArray(value) && typeof value[0] === "number";
}
