import type { AttributeValue } from "../ingest/otlp-span.ts";
import { readNumber } from "./values.ts";

interface UsageAlias {
  bucket: string;
  /** The count that includes this one; absent for the sums themselves. */
  within?: "input" | "output";
}

/** `gen_ai.usage.<key>`, with dots as underscores. All spellings count inclusively: `input_tokens` holds the cached ones too. */
const USAGE_ALIASES: Readonly<Record<string, UsageAlias>> = {
  input_tokens: { bucket: "input" },
  prompt_tokens: { bucket: "input" },
  output_tokens: { bucket: "output" },
  completion_tokens: { bucket: "output" },
  total_tokens: { bucket: "total" },
  cache_read_input_tokens: { bucket: "input_cached_tokens", within: "input" },
  cache_read_tokens: { bucket: "input_cached_tokens", within: "input" },
  input_cached_tokens: { bucket: "input_cached_tokens", within: "input" },
  input_tokens_cached: { bucket: "input_cached_tokens", within: "input" },
  cached_tokens: { bucket: "input_cached_tokens", within: "input" },
  prompt_tokens_details_cached_tokens: { bucket: "input_cached_tokens", within: "input" },
  details_cache_read_tokens: { bucket: "input_cached_tokens", within: "input" },
  cache_creation_input_tokens: { bucket: "input_cache_creation", within: "input" },
  cache_write_input_tokens: { bucket: "input_cache_creation", within: "input" },
  cache_write_tokens: { bucket: "input_cache_creation", within: "input" },
  details_cache_write_tokens: { bucket: "input_cache_creation", within: "input" },
  audio_input_tokens: { bucket: "input_audio_tokens", within: "input" },
  input_audio_tokens: { bucket: "input_audio_tokens", within: "input" },
  image_input_tokens: { bucket: "input_image_tokens", within: "input" },
  video_input_tokens: { bucket: "input_video_tokens", within: "input" },
  reasoning_output_tokens: { bucket: "output_reasoning_tokens", within: "output" },
  output_reasoning_tokens: { bucket: "output_reasoning_tokens", within: "output" },
  output_tokens_reasoning: { bucket: "output_reasoning_tokens", within: "output" },
  reasoning_tokens: { bucket: "output_reasoning_tokens", within: "output" },
  details_reasoning_tokens: { bucket: "output_reasoning_tokens", within: "output" },
  audio_output_tokens: { bucket: "output_audio_tokens", within: "output" },
  output_audio_tokens: { bucket: "output_audio_tokens", within: "output" },
  image_output_tokens: { bucket: "output_image_tokens", within: "output" },
};

export function isKnownUsageKey(key: string): boolean {
  return Object.hasOwn(USAGE_ALIASES, key.replaceAll(".", "_"));
}

/** Turns inclusive counts into disjoint buckets: details come out of the count that includes them, which never gets negative. */
export function toDisjointUsage(counts: ReadonlyMap<string, AttributeValue>): Record<string, number> | null {
  const given = new Map<string, { count: number; within: UsageAlias["within"] }>();
  for (const [key, value] of counts) {
    const normalized = key.replaceAll(".", "_");
    const alias = Object.hasOwn(USAGE_ALIASES, normalized) ? USAGE_ALIASES[normalized] : undefined;
    const count = readNumber(value);
    if (alias === undefined || count === null || count < 0) continue;
    // Old and new names of one count are often sent together; they agree.
    if (!given.has(alias.bucket)) given.set(alias.bucket, { count, within: alias.within });
  }
  if (given.size === 0) return null;

  const total = given.get("total")?.count;
  const remaining = { input: given.get("input")?.count, output: given.get("output")?.count };
  const usage: Record<string, number> = {};
  for (const [bucket, { count, within }] of given) {
    if (within === undefined || count === 0) continue;
    const parent = remaining[within];
    if (parent === undefined || isAdditive(bucket, count, remaining, total)) {
      usage[bucket] = count;
      continue;
    }
    const taken = Math.min(count, parent);
    remaining[within] = parent - taken;
    if (taken > 0) usage[bucket] = taken;
  }
  if (remaining.input !== undefined) usage["input"] = remaining.input;
  if (remaining.output !== undefined) usage["output"] = remaining.output;
  usage["total"] = total ?? Object.values(usage).reduce((sum, count) => sum + count, 0);
  return usage;
}

/** Some providers count reasoning beside the output and not in it: it shows by a sum that fits, or by being the larger. */
function isAdditive(
  bucket: string,
  count: number,
  sums: { input: number | undefined; output: number | undefined },
  total: number | undefined,
): boolean {
  if (bucket !== "output_reasoning_tokens") return false;
  const output = sums.output ?? 0;
  return count > output || (total !== undefined && (sums.input ?? 0) + output + count === total);
}
