import type { CostDetails, UsageDetails } from "../../model/types.ts";
import type { AttributeWriter } from "../attribute-writer.ts";

const USAGE = {
  input: "gen_ai.usage.input_tokens",
  output: "gen_ai.usage.output_tokens",
  cacheRead: "gen_ai.usage.cache_read.input_tokens",
  cacheCreation: "gen_ai.usage.cache_creation.input_tokens",
  reasoning: "gen_ai.usage.reasoning.output_tokens",
  audioInput: "gen_ai.usage.audio.input_tokens",
  audioOutput: "gen_ai.usage.audio.output_tokens",
  imageInput: "gen_ai.usage.image.input_tokens",
  imageOutput: "gen_ai.usage.image.output_tokens",
  videoInput: "gen_ai.usage.video.input_tokens",
} as const;

/** Not in the conventions: the total where the provider's is more than input and output, and what no name is for. */
const TOTAL = "gen_ai.usage.total_tokens";
const OTHER_USAGE = "observation.usage";
/** US dollars; not in the conventions, read by most backends. */
const COST = "gen_ai.usage.cost";
const COST_DETAILS = "observation.cost";

interface Bucket {
  side: "input" | "output";
  key?: string;
}

/** Spellings of a bucket are Langfuse's and the providers' own. */
const BUCKETS: Readonly<Record<string, Bucket>> = {
  input: { side: "input" },
  output: { side: "output" },
  input_cached_tokens: { side: "input", key: USAGE.cacheRead },
  input_cache_read: { side: "input", key: USAGE.cacheRead },
  cache_read_input_tokens: { side: "input", key: USAGE.cacheRead },
  input_cache_creation: { side: "input", key: USAGE.cacheCreation },
  input_cache_creation_5m: { side: "input", key: USAGE.cacheCreation },
  input_cache_creation_1h: { side: "input", key: USAGE.cacheCreation },
  cache_creation_input_tokens: { side: "input", key: USAGE.cacheCreation },
  input_audio_tokens: { side: "input", key: USAGE.audioInput },
  input_image_tokens: { side: "input", key: USAGE.imageInput },
  input_video_tokens: { side: "input", key: USAGE.videoInput },
  output_reasoning_tokens: { side: "output", key: USAGE.reasoning },
  output_reasoning: { side: "output", key: USAGE.reasoning },
  output_audio_tokens: { side: "output", key: USAGE.audioOutput },
  output_image_tokens: { side: "output", key: USAGE.imageOutput },
};

/** Our disjoint buckets as the conventions count: `input_tokens` and `output_tokens` include their details. */
export function writeUsage(usage: UsageDetails | undefined, write: AttributeWriter): void {
  if (!usage) return;
  const sums: { input?: number; output?: number } = {};
  const details = new Map<string, number>();
  const others: UsageDetails = {};
  for (const [name, tokens] of Object.entries(usage)) {
    if (name === "total") continue;
    const bucket = Object.hasOwn(BUCKETS, name) ? BUCKETS[name] : undefined;
    const side = bucket?.side ?? sideOf(name);
    if (side) sums[side] = (sums[side] ?? 0) + tokens;
    if (bucket?.key) details.set(bucket.key, (details.get(bucket.key) ?? 0) + tokens);
    else if (!bucket) others[name] = tokens;
  }
  write.number(USAGE.input, sums.input);
  write.number(USAGE.output, sums.output);
  for (const [key, tokens] of details) write.number(key, tokens);
  if (usage["total"] !== (sums.input ?? 0) + (sums.output ?? 0)) write.number(TOTAL, usage["total"]);
  if (Object.keys(others).length > 0) write.text(OTHER_USAGE, JSON.stringify(others));
}

function sideOf(name: string): "input" | "output" | undefined {
  if (name.startsWith("input_")) return "input";
  return name.startsWith("output_") ? "output" : undefined;
}

export function writeCost(cost: CostDetails | undefined, write: AttributeWriter): void {
  if (!cost) return;
  const { total, ...parts } = cost;
  const amounts = Object.values(parts);
  write.double(COST, total ?? (amounts.length > 0 ? amounts.reduce((sum, amount) => sum + amount, 0) : undefined));
  if (amounts.length > 0) write.text(COST_DETAILS, JSON.stringify(parts));
}
