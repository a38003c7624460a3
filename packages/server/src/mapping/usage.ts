import type { AttributeValue } from "../ingest/otlp-span.ts";
import type { UsageName } from "./table.ts";
import { GEN_AI_USAGE_NAMES } from "./tables/gen-ai.ts";
import { readCount, readNumber, readObject } from "./values.ts";

/** A count as it was sent: a sum includes its details. */
export interface InclusiveCount extends UsageName {
  count: AttributeValue;
}

/** Counts under the names of the GenAI conventions, as a provider's own usage object has them; of two names for one count the first. */
export function nameCounts(
  counts: Iterable<readonly [name: string, count: AttributeValue]>,
): Map<string, InclusiveCount> {
  const named = new Map<string, InclusiveCount>();
  for (const [name, count] of counts) {
    const usage = Object.hasOwn(GEN_AI_USAGE_NAMES, name) ? GEN_AI_USAGE_NAMES[name] : undefined;
    if (usage !== undefined && !named.has(usage.bucket)) named.set(usage.bucket, { ...usage, count });
  }
  return named;
}

/** Providers and models of which the provider's own count of the input leaves out what was cached. */
export const CACHES_BESIDE = /anthropic|bedrock|claude/i;

/**
 * Turns inclusive counts into disjoint buckets: details come out of the count that includes them, which never gets negative.
 *
 * @param mayCacheBeside the provider may count what was cached beside the input: see {@link CACHES_BESIDE}.
 */
export function toDisjointUsage(
  counts: ReadonlyMap<string, InclusiveCount>,
  mayCacheBeside = false,
): Record<string, number> | null {
  const given: { bucket: string; count: number; within: UsageName["within"] }[] = [];
  const remaining: { input?: number; output?: number } = {};
  let total: number | undefined;
  for (const { bucket, within, count: value } of counts.values()) {
    const count = readCount(value);
    if (count === null) continue;
    if (within !== undefined || (bucket !== "input" && bucket !== "output" && bucket !== "total")) {
      given.push({ bucket, count, within });
    } else if (bucket === "total") total = count;
    else remaining[bucket] = count;
  }
  if (given.length === 0 && total === undefined && remaining.input === undefined && remaining.output === undefined) {
    return null;
  }

  const cached = given.reduce((sum, { bucket, count }) => sum + (CACHE_BUCKETS.has(bucket) ? count : 0), 0);
  const isCacheBeside = isCachedBeside(cached, remaining, total, mayCacheBeside);
  const usage: Record<string, number> = {};
  for (const { bucket, count, within } of given) {
    if (count === 0) continue;
    const parent = within === undefined ? undefined : remaining[within];
    const isBeside = (isCacheBeside && CACHE_BUCKETS.has(bucket)) || isAdditive(bucket, count, remaining, total);
    if (within === undefined || parent === undefined || isBeside) {
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
  sums: { input?: number; output?: number },
  total: number | undefined,
): boolean {
  if (bucket !== "output_reasoning_tokens") return false;
  const output = sums.output ?? 0;
  return count > output || (total !== undefined && (sums.input ?? 0) + output + count === total);
}

const CACHE_BUCKETS: ReadonlySet<string> = new Set([
  "input_cached_tokens",
  "input_cache_creation",
  "input_cache_creation_5m",
  "input_cache_creation_1h",
]);

/** Some senders pass on a count of the input that leaves out what was cached: it shows by a sum that fits, or by more being cached than went in. */
function isCachedBeside(
  cached: number,
  { input = 0, output = 0 }: { input?: number; output?: number },
  total: number | undefined,
  mayBe: boolean,
): boolean {
  if (cached === 0) return false;
  return total === undefined ? mayBe && cached > input : total === input + output + cached;
}

/** Members of the nested detail objects that providers send, by the spelling that {@link GEN_AI_USAGE_NAMES} knows. */
const DETAIL_KEYS: Readonly<Record<string, string>> = {
  "prompt_tokens_details.cached_tokens": "cached_tokens",
  "prompt_tokens_details.audio_tokens": "input_audio_tokens",
  "input_tokens_details.cached_tokens": "cached_tokens",
  "input_tokens_details.audio_tokens": "input_audio_tokens",
  "completion_tokens_details.reasoning_tokens": "reasoning_tokens",
  "completion_tokens_details.audio_tokens": "output_audio_tokens",
  "output_tokens_details.reasoning_tokens": "reasoning_tokens",
  "output_tokens_details.audio_tokens": "output_audio_tokens",
};

/** The usage object of a provider's answer, as it came. */
export function splitProviderUsage(value: Record<string, AttributeValue>): Record<string, number> | null {
  const counts: [name: string, count: AttributeValue][] = [];
  for (const [key, member] of Object.entries(value)) {
    if (typeof member === "number") counts.push([key, member]);
    for (const [detail, count] of Object.entries(readObject(member) ?? {})) {
      const known = DETAIL_KEYS[`${key}.${detail}`];
      if (known !== undefined && typeof count === "number") counts.push([known, count]);
    }
  }
  const named = nameCounts(counts);
  if (!isAnthropics(value)) return toDisjointUsage(named, true);
  return toDisjointUsage(
    new Map(
      [...named].map(([bucket, count]) => [
        bucket,
        { ...count, within: CACHE_BUCKETS.has(bucket) ? undefined : count.within },
      ]),
    ),
  );
}

/** Anthropic's own usage gives no total, and leaves out of the input what was cached; gateways that have these names too give a total. */
function isAnthropics(value: Record<string, AttributeValue>): boolean {
  if (value["input_tokens"] === undefined || value["total_tokens"] !== undefined) return false;
  return value["cache_read_input_tokens"] !== undefined || value["cache_creation_input_tokens"] !== undefined;
}

const CACHED = { bucket: "input_cached_tokens", within: "input" } as const;
const CREATED = { bucket: "input_cache_creation", within: "input" } as const;

/** Where the AI SDK's `providerMetadata` holds counts that it gives nowhere else, by provider. */
const PROVIDER_COUNTS: Readonly<Record<string, readonly (UsageName & { path: readonly string[] })[]>> = {
  openai: [
    { ...CACHED, path: ["cachedPromptTokens"] },
    { bucket: "output_reasoning_tokens", within: "output", path: ["reasoningTokens"] },
  ],
  anthropic: [
    { ...CACHED, path: ["usage", "cache_read_input_tokens"] },
    { ...CACHED, path: ["cacheReadInputTokens"] },
    // Written for five minutes or for an hour, at different prices; the sum is what is left when neither is told.
    {
      bucket: "input_cache_creation_1h",
      within: "input",
      path: ["usage", "cache_creation", "ephemeral_1h_input_tokens"],
    },
    {
      bucket: "input_cache_creation_5m",
      within: "input",
      path: ["usage", "cache_creation", "ephemeral_5m_input_tokens"],
    },
    { ...CREATED, path: ["usage", "cache_creation_input_tokens"] },
    { ...CREATED, path: ["cacheCreationInputTokens"] },
  ],
  bedrock: [
    { ...CACHED, path: ["usage", "cacheReadInputTokens"] },
    { ...CREATED, path: ["usage", "cacheWriteInputTokens"] },
  ],
};

/** Providers whose own input count leaves out what was cached. Majors 4 and 5 of the AI SDK pass it on as it is. */
const COUNT_BESIDE: ReadonlySet<string> = new Set(["anthropic", "bedrock"]);

/**
 * Adds what only the provider's own part of an AI SDK span tells.
 *
 * @param isNormalized the SDK has made the provider's counts inclusive.
 */
export function addProviderCounts(
  counts: ReadonlyMap<string, InclusiveCount>,
  providerMetadata: AttributeValue | undefined,
  isNormalized: boolean,
): ReadonlyMap<string, InclusiveCount> {
  const metadata = readObject(providerMetadata);
  if (metadata === null) return counts;
  const added = new Map(counts);
  for (const [provider, names] of Object.entries(PROVIDER_COUNTS)) {
    const isBeside = !isNormalized && COUNT_BESIDE.has(provider);
    for (const { bucket, within, path } of names) {
      let value: AttributeValue | undefined = metadata[provider];
      for (const step of path) value = readObject(value)?.[step];
      const count = readNumber(value);
      if (count === null || count <= 0) continue;
      if (bucket === CREATED.bucket && hasSplitCreation(added)) continue;
      if (!added.has(bucket)) added.set(bucket, { bucket, within, count });
    }
    if (!isBeside || !Object.hasOwn(metadata, provider)) continue;
    for (const name of names) {
      const found = added.get(name.bucket);
      if (found !== undefined && name.within === "input") added.set(name.bucket, { ...found, within: undefined });
    }
  }
  return added;
}

function hasSplitCreation(counts: ReadonlyMap<string, InclusiveCount>): boolean {
  return counts.has("input_cache_creation_5m") || counts.has("input_cache_creation_1h");
}
