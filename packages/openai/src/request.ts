import type { Fields } from "./fields.ts";

/** What is recorded of a request. */
export interface DescribedRequest {
  model: string | undefined;
  /** In words: undefined without `captureInput`. */
  input: unknown;
  modelParameters: Record<string, unknown> | undefined;
  metadata: Record<string, unknown>;
}

/** Parameters whose text is a word of the API, never the caller's. */
const WORDS: ReadonlySet<string> = new Set([
  "reasoning_effort",
  "verbosity",
  "service_tier",
  "prompt_cache_retention",
  "truncation",
  "encoding_format",
  "response_format",
  "voice",
  "size",
  "quality",
  "style",
  "background",
  "moderation",
  "output_format",
  "input_fidelity",
]);

/**
 * The settings of the model among `names`, or undefined where there are none. Only listed names are taken: an unknown key may
 * hold a credential. Without `captureInput` all but numbers, booleans and the API's own words are left out.
 */
export function describeParameters(
  fields: Fields,
  names: readonly string[],
  captureInput: boolean,
): Record<string, unknown> | undefined {
  const given = pick(fields, names);
  const parameters = captureInput ? given : withoutContent(given);
  return Object.keys(parameters).length > 0 ? parameters : undefined;
}

/** `null` is how the API says "the default", so it is nothing to record. */
export function pick(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  // A request has a few fields, and a list of names some thirty: asking for each that is not there costs ten times as much.
  for (const name of Object.keys(fields)) {
    if (!names.includes(name)) continue;
    const value = fields[name];
    if (value !== undefined && value !== null) out[name] = value;
  }
  return out;
}

function withoutContent(parameters: Record<string, unknown>): Record<string, unknown> {
  const plain = Object.entries(parameters).filter(
    ([name, value]) =>
      typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && WORDS.has(name)),
  );
  return Object.fromEntries(plain);
}
