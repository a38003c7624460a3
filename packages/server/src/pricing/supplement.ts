import type { ModelPrice } from "@pydantic/genai-prices";

interface SupplementedPrice {
  provider: string;
  match: RegExp;
  prices: ModelPrice;
}

/**
 * What `genai-prices` 0.1.8 lacks or has without its details, from https://platform.openai.com/docs/pricing. Looked at before the
 * library. US dollars a million tokens.
 */
const SUPPLEMENT: readonly SupplementedPrice[] = [
  { provider: "openai", match: /^ft:gpt-4\.1-mini/, prices: tokens(0.8, 0.2, 3.2) },
  { provider: "openai", match: /^ft:gpt-4\.1-nano/, prices: tokens(0.2, 0.05, 0.8) },
  { provider: "openai", match: /^ft:gpt-4\.1/, prices: tokens(3, 0.75, 12) },
  { provider: "openai", match: /^ft:gpt-4o-mini/, prices: tokens(0.3, 0.15, 1.2) },
  { provider: "openai", match: /^ft:gpt-4o/, prices: tokens(3.75, 1.875, 15) },
  { provider: "openai", match: /^ft:o4-mini/, prices: tokens(4, 1, 16) },
  { provider: "openai", match: /^ft:davinci-002/, prices: { input_mtok: 12, output_mtok: 12 } },
  { provider: "openai", match: /^ft:babbage-002/, prices: { input_mtok: 1.6, output_mtok: 1.6 } },
  {
    provider: "openai",
    match: /^gpt-4o-mini-audio-preview/,
    prices: { input_mtok: 0.15, output_mtok: 0.6, input_audio_mtok: 10, output_audio_mtok: 20 },
  },
  {
    provider: "openai",
    match: /^gpt-4o-audio-preview(?!-2024-10-01)/,
    prices: { input_mtok: 2.5, output_mtok: 10, input_audio_mtok: 40, output_audio_mtok: 80 },
  },
];

function tokens(input: number, cached: number, output: number): ModelPrice {
  return { input_mtok: input, cache_read_mtok: cached, output_mtok: output };
}

export function findSupplement(provider: string | null, model: string): ModelPrice | null {
  const name = model.toLowerCase();
  const found = SUPPLEMENT.find((entry) => (provider ?? entry.provider) === entry.provider && entry.match.test(name));
  return found?.prices ?? null;
}
