import type { ObservationPayload } from "../model/observation.ts";

/** A word of a provider's for how a call was served; `null` where it was served as any other. */
export type ServiceTier = string | null;

/** Words for "as any other". */
const STANDARD: ReadonlySet<string> = new Set(["", "auto", "default", "standard", "standard_only", "on_demand"]);

/** Tokens of these cost that part of the list price, on all models. */
const FACTORS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  // https://platform.openai.com/docs/guides/flex-processing: billed at the batch API's rates.
  openai: { flex: 0.5, batch: 0.5 },
  azure: { batch: 0.5 },
  // https://docs.claude.com/en/docs/build-with-claude/batch-processing. Priority is a commitment, listed at no other price.
  anthropic: { batch: 0.5, priority: 1 },
  // https://aws.amazon.com/bedrock/pricing
  aws: { flex: 0.5, batch: 0.5, priority: 1.75 },
  google: { flex: 0.5, batch: 0.5 },
  groq: { flex: 1, performance: 1 },
};

/** OpenAI's priority processing has a price a model: https://platform.openai.com/docs/pricing?latest-pricing=priority */
const OPENAI_PRIORITY: readonly (readonly [match: RegExp, factor: number])[] = [
  [/^gpt-5-mini/, 1.8],
  [/^gpt-5(\.[12])?(-codex|-chat-latest)?(-20\d{2}-\d{2}-\d{2})?$/, 2],
  [/^gpt-4\.1-nano/, 2],
  [/^gpt-4\.1/, 1.75],
  [/^gpt-4o-mini(-20\d{2}-\d{2}-\d{2})?$/, 5 / 3],
  [/^gpt-4o-2024-05-13$/, 1.75],
  [/^gpt-4o(-20\d{2}-\d{2}-\d{2})?$/, 1.7],
  [/^o3(-20\d{2}-\d{2}-\d{2})?$/, 1.75],
  [/^o4-mini/, 20 / 11],
];

/** Providers whose words are known: another word of theirs has a price that is not. */
const TIERED_PROVIDERS: ReadonlySet<string> = new Set(["openai", "azure", "anthropic", "aws", "google"]);

/** @returns what the list price of tokens is multiplied by; `null` where that is not known. */
export function tierFactor(provider: string, model: string, tier: ServiceTier): number | null {
  if (tier === null) return 1;
  if (provider === "openai" && tier === "priority") {
    return OPENAI_PRIORITY.find(([match]) => match.test(model.toLowerCase()))?.[1] ?? null;
  }
  return FACTORS[provider]?.[tier] ?? (TIERED_PROVIDERS.has(provider) ? null : 1);
}

/** Tells in passing, without parsing, that there is nothing to read: nearly every call. */
const HAS_TIER = /"(?:[\w.]*\.)?service_?tier"\s*:\s*"(?!auto"|default"|standard"|on_demand")/i;

/**
 * How a call was served: as its answer says (`service_tier` in the metadata of our adapters, also inside the provider's usage; the
 * GenAI conventions' attribute), else as it was asked for.
 */
export function readServiceTier(
  payload: Pick<ObservationPayload, "metadata" | "attributes" | "modelParameters">,
): ServiceTier {
  const { metadata, attributes, modelParameters } = payload;
  if (![metadata, attributes, modelParameters].some((text) => text !== null && HAS_TIER.test(text))) return null;
  const answered = parse(metadata);
  const sources = [
    answered["service_tier"],
    asObject(answered["usage"])["service_tier"],
    ...Object.entries(parse(attributes))
      .filter(([key]) => key.endsWith("response.service_tier"))
      .map(([, value]) => value),
    parse(modelParameters)["service_tier"],
    parse(modelParameters)["serviceTier"],
  ];
  const tier = sources.find((value) => typeof value === "string");
  if (typeof tier !== "string") return null;
  return STANDARD.has(tier.toLowerCase()) ? null : tier.toLowerCase();
}

function parse(text: string | null): Record<string, unknown> {
  if (text === null) return {};
  try {
    return asObject(JSON.parse(text));
  } catch {
    // A payload that is no JSON says nothing about the tier.
    return {};
  }
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
