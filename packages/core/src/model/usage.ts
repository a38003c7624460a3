import type { CostDetails, UsageDetails } from "./types.ts";
import { isRecord } from "../util/is-record.ts";

/**
 * `detail_capped`: a detail was larger than what it is a part of. `total_mismatch`: the buckets add up to more than the
 * provider's total. `other_tokens`: the total holds tokens that no bucket explains. `invalid_number`: a count was negative or
 * not a number.
 */
export type UsageFlag = "detail_capped" | "total_mismatch" | "other_tokens" | "invalid_number";

export interface NormalizedUsage {
  /** Disjoint buckets, and `total` where the provider gave one. Detail buckets of 0 are left out. */
  usageDetails: UsageDetails;
  /** US dollars, where the provider says what the call cost. */
  costDetails?: CostDetails;
  flags?: UsageFlag[];
  /** What the provider sent. */
  raw: unknown;
}

type Fields = Record<string, unknown>;
type Side = "input" | "output";

/** Names of the same count, the first that is a number wins. */
type Names = readonly string[];

const INPUT: Names = [
  "prompt_tokens",
  "input_tokens",
  "promptTokens",
  "inputTokens",
  "promptTokenCount",
  "prompt_eval_count",
  "input",
];
const OUTPUT: Names = [
  "completion_tokens",
  "output_tokens",
  "completionTokens",
  "outputTokens",
  "candidatesTokenCount",
  "eval_count",
  "output",
];
const TOTAL: Names = ["total_tokens", "totalTokens", "totalTokenCount", "total"];

const IN_DETAILS: Names = [
  "prompt_tokens_details",
  "input_tokens_details",
  "input_token_details",
  "prompt_token_details",
  "inputTokenDetails",
];
const OUT_DETAILS: Names = [
  "completion_tokens_details",
  "output_tokens_details",
  "output_token_details",
  "outputTokenDetails",
];

interface Detail {
  bucket: string;
  of: Side;
  /** Its names in the details of its side. */
  inside: Names;
  /** Its names beside the parent. */
  beside?: Names;
  /** Some providers count it beside its parent, not in it: the total tells, or that it is larger than the parent. */
  mayBeBeside?: true;
}

/** In the order in which they are taken out of their parent. */
const DETAILS: readonly Detail[] = [
  {
    bucket: "input_cached_tokens",
    of: "input",
    inside: ["cached_tokens", "cache_read", "cacheReadTokens"],
    beside: [
      "prompt_cache_hit_tokens", // DeepSeek
      "cached_tokens", // Together, Moonshot
      "num_cached_tokens",
      "cache_read_input_tokens",
      "cachedInputTokens",
      "cachedContentTokenCount",
    ],
  },
  {
    bucket: "input_cache_creation",
    of: "input",
    inside: ["cache_write_tokens", "cache_creation", "cacheWriteTokens", "cache_creation_input_tokens"],
    beside: ["cache_creation_input_tokens"],
  },
  { bucket: "input_audio_tokens", of: "input", inside: ["audio_tokens", "audio"], mayBeBeside: true },
  { bucket: "input_image_tokens", of: "input", inside: ["image_tokens", "image"] },
  { bucket: "input_video_tokens", of: "input", inside: ["video_tokens", "video"] },
  {
    bucket: "output_reasoning_tokens",
    of: "output",
    inside: ["reasoning_tokens", "reasoning"],
    beside: ["reasoning_tokens", "reasoningTokens", "thoughtsTokenCount"],
    mayBeBeside: true,
  },
  { bucket: "output_audio_tokens", of: "output", inside: ["audio_tokens", "audio"], mayBeBeside: true },
  { bucket: "output_image_tokens", of: "output", inside: ["image_tokens", "image"] },
];

/** Anthropic's own shape: `input_tokens` is what was neither read from nor written to the cache. */
const BESIDE_INPUT: Names = ["cache_read_input_tokens", "cache_creation_input_tokens"];

/** xAI's unit of cost. */
const USD_PER_TICK = 1e-10;

/**
 * Turns any provider's usage object into disjoint buckets.
 *
 * Details are taken out of their parent. Reasoning and audio that are counted beside their parent are not: that is so where
 * the provider's total says it, and where they are larger than the parent. Any other detail larger than its parent is cut to
 * it and flagged. Tokens of the total that no bucket explains become
 * `other`; nothing is made up, and a total that the provider did not send is not added.
 *
 * Returns undefined where `raw` carries no count at all.
 */
export function normalizeUsage(raw: unknown): NormalizedUsage | undefined {
  if (!isRecord(raw)) return undefined;
  const flags = new Set<UsageFlag>();
  const whole = [raw];
  const parents: Record<Side, number | undefined> = {
    input: readCount(whole, INPUT, flags),
    output: readCount(whole, OUTPUT, flags),
  };
  const total = readCount(whole, TOTAL, flags);
  const costDetails = costOf(raw);
  if (parents.input === undefined && parents.output === undefined && total === undefined) {
    return costDetails ? { usageDetails: {}, costDetails, raw } : undefined;
  }

  const usageDetails: UsageDetails = {};
  const rest: Record<Side, number> = { input: parents.input ?? 0, output: parents.output ?? 0 };
  const beside = isAnthropic(raw, total, rest.input + rest.output);
  // Looked for once: every call of a model is asked for under some hundred names.
  const inside: Record<Side, Fields[]> = { input: fieldsIn(raw, IN_DETAILS), output: fieldsIn(raw, OUT_DETAILS) };
  const found: Found[] = [];
  for (const detail of DETAILS) {
    const { of, inside: names, beside: others } = detail;
    const count = readCount(inside[of], names, flags) ?? (others && readCount(whole, others, flags)) ?? 0;
    if (count > 0) found.push({ detail, count });
  }
  const besideTotal = besideByTotal(found, total, rest);

  for (const { detail, count } of found) {
    const isBeside =
      (beside && detail.beside?.some((name) => BESIDE_INPUT.includes(name)) === true) ||
      besideTotal.has(detail.bucket) ||
      (detail.mayBeBeside === true && count > (parents[detail.of] ?? 0));
    const taken = isBeside ? count : Math.min(count, rest[detail.of]);
    if (taken < count) flags.add("detail_capped");
    if (!isBeside) rest[detail.of] -= taken;
    if (taken > 0) usageDetails[detail.bucket] = taken;
  }
  splitCacheCreation(usageDetails, raw, inside.input, flags);

  const buckets: UsageDetails = {};
  if (parents.input !== undefined) buckets["input"] = rest.input;
  if (parents.output !== undefined) buckets["output"] = rest.output;
  Object.assign(buckets, usageDetails);
  if (total !== undefined) {
    const unexplained = total - sum(buckets);
    if (unexplained > 0 && Object.keys(buckets).length > 0) {
      buckets["other"] = unexplained;
      flags.add("other_tokens");
    }
    if (unexplained < 0) flags.add("total_mismatch");
    buckets["total"] = total;
  }
  return {
    usageDetails: buckets,
    ...(costDetails && { costDetails }),
    ...(flags.size > 0 && { flags: [...flags] }),
    raw,
  };
}

/** What Anthropic writes to its cache for an hour costs more than what it writes for five minutes: a bucket of its own. */
function splitCacheCreation(
  usageDetails: UsageDetails,
  raw: Fields,
  details: readonly Fields[],
  flags: Set<UsageFlag>,
): void {
  const written = usageDetails["input_cache_creation"];
  if (written === undefined) return;
  const objects = [...fieldsIn(raw, ["cache_creation"]), ...details];
  const forAnHour = Math.min(written, readCount(objects, ["ephemeral_1h_input_tokens"], flags) ?? 0);
  if (forAnHour === 0) return;
  usageDetails["input_cache_creation_1h"] = forAnHour;
  if (forAnHour < written) usageDetails["input_cache_creation"] = written - forAnHour;
  else delete usageDetails["input_cache_creation"];
}

/** The usage object of a response body or stream chunk, wherever its provider puts it. */
export function findUsage(body: unknown): unknown {
  if (!isRecord(body)) return undefined;
  if (isRecord(body["usage"])) return body["usage"];
  // Groq's streams.
  const groq = body["x_groq"];
  if (isRecord(groq) && isRecord(groq["usage"])) return groq["usage"];
  // Gemini.
  if (isRecord(body["usageMetadata"])) return body["usageMetadata"];
  return ollamaUsage(body);
}

/** Ollama has its counts among the fields of the answer, and leaves out that of a prompt it still knew. */
function ollamaUsage({ prompt_eval_count: input, eval_count: output }: Fields): Fields | undefined {
  if (!isCount(input) && !isCount(output)) return undefined;
  return { ...(isCount(input) && { prompt_eval_count: input }), ...(isCount(output) && { eval_count: output }) };
}

interface Found {
  detail: Detail;
  count: number;
}

/** The one detail, or all of those that may be, that make up exactly what the total holds above input and output. */
function besideByTotal(
  found: readonly Found[],
  total: number | undefined,
  rest: Record<Side, number>,
): ReadonlySet<string> {
  const above = total === undefined ? 0 : total - rest.input - rest.output;
  if (above <= 0) return new Set();
  const candidates = found.filter(({ detail }) => detail.mayBeBeside);
  const one = candidates.find(({ count }) => count === above);
  if (one) return new Set([one.detail.bucket]);
  const all = candidates.reduce((tokens, { count }) => tokens + count, 0);
  return new Set(all === above ? candidates.map(({ detail }) => detail.bucket) : []);
}

/** A gateway that keeps Anthropic's names but counts them in gives itself away by its total. */
function isAnthropic(raw: Fields, total: number | undefined, inputAndOutput: number): boolean {
  if ("prompt_tokens" in raw || !("input_tokens" in raw)) return false;
  return BESIDE_INPUT.some((name) => typeof raw[name] === "number") && (total === undefined || total > inputAndOutput);
}

function costOf(raw: Fields): CostDetails | undefined {
  const { cost, cost_in_usd_ticks: ticks } = raw;
  if (isCount(cost)) {
    // OpenRouter bills nothing itself for a call with the user's own key; the upstream's price is what it cost.
    const upstream = isRecord(raw["cost_details"]) ? raw["cost_details"]["upstream_inference_cost"] : undefined;
    return { total: cost + (raw["is_byok"] === true && isCount(upstream) ? upstream : 0) };
  }
  if (isRecord(cost)) {
    // Perplexity.
    const parts = {
      input: cost["input_tokens_cost"],
      output: cost["output_tokens_cost"],
      request: cost["request_cost"],
      total: cost["total_cost"],
    };
    const known = Object.entries(parts).filter((entry): entry is [string, number] => isCount(entry[1]));
    return known.length > 0 ? Object.fromEntries(known) : undefined;
  }
  // Hosts other than xAI send 0 for "not known here".
  if (isCount(ticks) && ticks > 0) return { total: ticks * USD_PER_TICK };
  return undefined;
}

function readCount(objects: readonly Fields[], names: Names, flags: Set<UsageFlag>): number | undefined {
  if (objects.length === 0) return undefined;
  for (const name of names) {
    for (const fields of objects) {
      const value = fields[name];
      if (value === undefined) continue;
      const count = typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value;
      if (isCount(count)) return count;
      if (typeof count === "number") flags.add("invalid_number");
    }
  }
  return undefined;
}

function fieldsIn(raw: Fields, names: Names): Fields[] {
  const found: Fields[] = [];
  for (const name of names) {
    const fields = raw[name];
    if (isRecord(fields)) found.push(fields);
  }
  return found;
}

function sum(buckets: UsageDetails): number {
  return Object.values(buckets).reduce((tokens, count) => tokens + count, 0);
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value) && value >= 0;
}
