import { describe, expect, it } from "vitest";
import { loadPriceTable } from "../src/pricing/price.ts";

const time = Date.parse("2026-11-01T12:00:00Z");
const prices = await loadPriceTable();

type Case = [
  what: string,
  provider: string | null,
  model: string,
  usage: Record<string, number>,
  dollars: number,
  tier?: string,
];

// Each figure is worked out by hand from the provider's price page: tokens times dollars a million, summed, over a million.
const CASES: Case[] = [
  [
    "OpenAI, cached",
    "openai",
    "gpt-4o-2024-08-06",
    { input: 1000, input_cached_tokens: 2000, output: 500 },
    (1000 * 2.5 + 2000 * 1.25 + 500 * 10) / 1e6,
  ],
  [
    "OpenAI, reasoning at the output's price",
    "openai",
    "o4-mini-2025-04-16",
    { input: 100, output: 10, output_reasoning_tokens: 90 },
    (100 * 1.1 + 100 * 4.4) / 1e6,
  ],
  ["OpenAI, large prompt", "openai", "gpt-5.6", { input: 300_000, output: 1000 }, (300_000 * 8 + 1000 * 30) / 1e6],
  [
    "OpenAI, prompt just not large",
    "openai",
    "gpt-5.6",
    { input: 271_999, output: 1000 },
    (271_999 * 4 + 1000 * 20) / 1e6,
  ],
  ["OpenAI, flex", "openai", "gpt-5", { input: 1000, output: 1000 }, (1000 * 1.25 + 1000 * 10) / 2e6, "flex"],
  ["OpenAI, priority", "openai", "gpt-4o", { input: 1000, output: 1000 }, (1000 * 4.25 + 1000 * 17) / 1e6, "priority"],
  ["OpenAI, an embedding whose provider nobody names", null, "text-embedding-3-small", { input: 1000 }, 1000 * 0.02e-6],
  ["OpenAI, an older embedding", null, "text-embedding-ada-002", { total: 1000 }, 1000 * 0.1e-6],
  ["OpenAI, ChatGPT's model", null, "chatgpt-4o-latest", { input: 1000, output: 1000 }, (1000 * 5 + 1000 * 15) / 1e6],
  ["Cohere, an embedding", null, "embed-v4.0", { input: 1000 }, 1000 * 0.12e-6],
  ["Perplexity", null, "sonar", { input: 1000, output: 1000 }, (1000 * 1 + 1000 * 1) / 1e6 + 0.012],
  ["OpenAI, web search is no token", "openai", "gpt-4o", { input: 1000, web_search_requests: 2 }, 1000 * 2.5e-6 + 0.02],
  [
    "Anthropic, both cache lifetimes",
    "anthropic",
    "claude-3-5-sonnet-20241022",
    { input: 10, input_cached_tokens: 1000, input_cache_creation_5m: 200, input_cache_creation_1h: 300, output: 50 },
    (10 * 3 + 1000 * 0.3 + 200 * 3.75 + 300 * 6 + 50 * 15) / 1e6,
  ],
  [
    "Anthropic, its own names of the buckets",
    "anthropic",
    "claude-haiku-4-5",
    {
      input: 10,
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 200,
      ephemeral_1h_input_tokens: 300,
      output: 50,
    },
    (10 + 1000 * 0.1 + 200 * 1.25 + 300 * 2 + 50 * 5) / 1e6,
  ],
  [
    "Anthropic, cached tokens count towards the tier",
    "anthropic",
    "claude-sonnet-4-5-20250929",
    { input: 10, input_cached_tokens: 200_000, output: 10 },
    (10 * 6 + 200_000 * 0.6 + 10 * 22.5) / 1e6,
  ],
  ["Anthropic, batch", "anthropic", "claude-haiku-4-5", { input: 1000, output: 100 }, (1000 + 100 * 5) / 2e6, "batch"],
  [
    "Gemini, small prompt",
    "google",
    "gemini-2.5-pro",
    { input: 200_000, output: 100 },
    (200_000 * 1.25 + 100 * 10) / 1e6,
  ],
  [
    "Gemini, large prompt",
    "google",
    "gemini-2.5-pro",
    { input: 150_000, input_cached_tokens: 50_001, output: 100, output_reasoning_tokens: 50 },
    (150_000 * 2.5 + 50_001 * 0.25 + 150 * 15) / 1e6,
  ],
  [
    "Gemini, audio",
    "gcp.gemini",
    "models/gemini-2.5-flash",
    { input: 100, input_audio_tokens: 1000, output: 10 },
    (100 * 0.3 + 1000 + 10 * 2.5) / 1e6,
  ],
  [
    "realtime audio",
    "openai",
    "gpt-realtime",
    { input: 100, input_audio_tokens: 1000, output: 10, output_audio_tokens: 500 },
    (100 * 4 + 1000 * 32 + 10 * 16 + 500 * 64) / 1e6,
  ],
  [
    "audio chat",
    "openai",
    "gpt-4o-audio-preview-2024-12-17",
    { input: 100, input_audio_tokens: 1000, output_audio_tokens: 500 },
    (100 * 2.5 + 1000 * 40 + 500 * 80) / 1e6,
  ],
  ["transcription by the second", "openai", "whisper-1", { input_audio_seconds: 90 }, 0.36 * (90 / 3600)],
  ["embeddings", "openai", "text-embedding-3-small", { input: 1000, total: 1000 }, 1000 * 0.02e-6],
  ["embeddings by their total", "openai", "text-embedding-3-large", { total: 1000 }, 1000 * 0.13e-6],
  [
    "fine-tuned",
    "openai",
    "ft:gpt-4o-mini-2024-07-18:my-org:custom:id",
    { input: 1000, output: 100 },
    (1000 * 0.3 + 100 * 1.2) / 1e6,
  ],
  [
    "fine-tuned, no provider",
    null,
    "ft:gpt-4.1-2025-04-14:my-org::id",
    { input: 1000, output: 100 },
    (1000 * 3 + 100 * 12) / 1e6,
  ],
  [
    "fine-tuned, older",
    "openai",
    "ft:gpt-3.5-turbo-0125:org::id",
    { input: 1000, output: 100 },
    (1000 * 3 + 100 * 6) / 1e6,
  ],
];

const GPT_4O = { input: 2.5, output: 10 };
const NAMES: [provider: string | null, model: string, dollars: { input: number; output: number }][] = [
  [null, "openai/gpt-4o", GPT_4O],
  ["openrouter", "openai/gpt-4o", GPT_4O],
  ["openrouter", "openai/gpt-4o:online", GPT_4O],
  ["my-gateway", "openai/gpt-4o", GPT_4O],
  [null, "openai:gpt-4o", GPT_4O],
  [null, "azure/gpt-4o", GPT_4O],
  ["azure", "gpt-4o", GPT_4O],
  ["az.ai.openai", "gpt-4o-2024-11-20", GPT_4O],
  ["azure.ai.openai", "gpt-35-turbo", { input: 0.5, output: 1.5 }],
  ["openai", "gpt-4o-2029-12-01", GPT_4O],
  ["openai", "deepseek-chat", { input: 0.27, output: 1.1 }],
  ["google", "models/gemini-2.5-flash", { input: 0.3, output: 2.5 }],
  [null, "models/gemini-2.5-flash", { input: 0.3, output: 2.5 }],
  [null, "gemini/gemini-2.5-flash", { input: 0.3, output: 2.5 }],
  ["gcp.vertex_ai", "publishers/google/models/gemini-2.5-flash", { input: 0.3, output: 2.5 }],
  [null, "vertex_ai/gemini-2.5-flash", { input: 0.3, output: 2.5 }],
  ["gcp.vertex_ai", "claude-sonnet-4-5@20250929", { input: 3, output: 15 }],
  ["aws.bedrock", "anthropic.claude-3-5-sonnet-20241022-v2:0", { input: 3, output: 15 }],
  [null, "us.anthropic.claude-sonnet-4-5-20250929-v1:0", { input: 3.3, output: 16.5 }],
  [null, "bedrock/global.anthropic.claude-sonnet-4-5-20250929-v1:0", { input: 3, output: 15 }],
  [null, "amazon.nova-pro-v1:0", { input: 0.8, output: 3.2 }],
  [null, "openrouter/anthropic/claude-3.5-sonnet", { input: 3, output: 15 }],
  [null, "anthropic/claude-sonnet-4-5", { input: 3, output: 15 }],
  ["anthropic", "claude-3-5-sonnet-latest", { input: 3, output: 15 }],
  ["x_ai", "grok-4", { input: 3, output: 15 }],
  ["mistral_ai", "mistral-large-latest", { input: 2, output: 6 }],
  ["groq", "llama-3.3-70b-versatile", { input: 0.59, output: 0.79 }],
];

describe("prices worked out by hand", () => {
  it.each(CASES)("%s", (_what, provider, model, usage, dollars, tier) => {
    const cost = prices.price({ provider, model, usage, time, tier });
    expect(cost?.["total"]).toBeCloseTo(dollars, 10);
    const { total, ...parts } = cost ?? {};
    expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(total ?? Number.NaN, 12);
  });

  it.each(NAMES)("finds %s %s", (provider, model, dollars) => {
    const usage = { input: 1_000_000, output: 1_000_000 };
    // Under the size of prompt at which the price rises.
    const small = { input: 1000, output: 1000 };
    const isTiered = /gemini-2.5-pro|sonnet/.test(model);
    const cost = prices.price({ provider, model, usage: isTiered ? small : usage, time });
    const scale = isTiered ? 1000 : 1;
    expect([(cost?.["input"] ?? Number.NaN) * scale, (cost?.["output"] ?? Number.NaN) * scale]).toEqual([
      expect.closeTo(dollars.input, 8),
      expect.closeTo(dollars.output, 8),
    ]);
  });

  it.each([
    ["openai", "no-such-model-1", undefined],
    ["azure", "my-deployment", undefined],
    ["groq", "gpt-4o", undefined],
    ["openai", "gpt-5-nano", "priority"],
    ["openai", "ft:gpt-9:org::id", undefined],
    ["openrouter", "meta-llama/llama-3.3-70b-instruct:free", undefined],
    [null, "llama3.2", undefined],
    ["ollama", "deepseek-r1", undefined],
    ["openai", "", undefined],
    ["openai", "/", undefined],
    ["openai", "a".repeat(10_000), undefined],
  ])("has no price for %s %s %s", (provider, model, tier) => {
    expect(prices.price({ provider, model, usage: { input: 5, output: 5 }, time, tier })).toBeNull();
  });
});
