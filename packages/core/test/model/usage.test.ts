import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { findUsage, normalizeUsage } from "../../src/model/usage.ts";

const buckets = (raw: unknown): unknown => normalizeUsage(raw)?.usageDetails;
const flags = (raw: unknown): unknown => normalizeUsage(raw)?.flags;

describe("normalizeUsage", () => {
  it("takes details out of their parents", () => {
    expect(
      buckets({
        prompt_tokens: 100,
        completion_tokens: 50,
        total_tokens: 150,
        prompt_tokens_details: { cached_tokens: 60, audio_tokens: 10 },
        completion_tokens_details: { reasoning_tokens: 20, audio_tokens: 5, accepted_prediction_tokens: 0 },
      }),
    ).toEqual({
      input: 30,
      input_cached_tokens: 60,
      input_audio_tokens: 10,
      output: 25,
      output_reasoning_tokens: 20,
      output_audio_tokens: 5,
      total: 150,
    });
  });

  it.each([
    [
      "responses",
      { input_tokens: 9, output_tokens: 4, total_tokens: 13, output_tokens_details: { reasoning_tokens: 3 } },
      { input: 9, output: 1, output_reasoning_tokens: 3, total: 13 },
    ],
    ["embeddings", { prompt_tokens: 8, total_tokens: 8 }, { input: 8, total: 8 }],
    [
      "cache write",
      { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, prompt_tokens_details: { cache_write_tokens: 7 } },
      { input: 3, input_cache_creation: 7, output: 1, total: 11 },
    ],
    [
      "Alibaba",
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 11,
        prompt_tokens_details: {
          cached_tokens: 2,
          cache_creation_input_tokens: 7,
          cache_creation: { ephemeral_5m_input_tokens: 7 },
          cache_type: "ephemeral",
        },
      },
      { input: 1, input_cached_tokens: 2, input_cache_creation: 7, output: 1, total: 11 },
    ],
    [
      "DeepSeek",
      {
        prompt_tokens: 10,
        completion_tokens: 1,
        total_tokens: 11,
        prompt_cache_hit_tokens: 4,
        prompt_cache_miss_tokens: 6,
      },
      { input: 6, input_cached_tokens: 4, output: 1, total: 11 },
    ],
    [
      "top-level cached_tokens",
      { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11, cached_tokens: 4 },
      { input: 6, input_cached_tokens: 4, output: 1, total: 11 },
    ],
    [
      "Anthropic",
      { input_tokens: 3, output_tokens: 2, cache_read_input_tokens: 100, cache_creation_input_tokens: 20 },
      { input: 3, input_cached_tokens: 100, input_cache_creation: 20, output: 2 },
    ],
    [
      "Anthropic's two cache lifetimes",
      {
        input_tokens: 3,
        output_tokens: 2,
        cache_creation_input_tokens: 20,
        cache_creation: { ephemeral_5m_input_tokens: 15, ephemeral_1h_input_tokens: 5 },
      },
      { input: 3, input_cache_creation: 15, input_cache_creation_1h: 5, output: 2 },
    ],
    [
      "Anthropic's longer cache lifetime alone, more than was written in all",
      {
        input_tokens: 3,
        output_tokens: 2,
        cache_creation_input_tokens: 20,
        cache_creation: { ephemeral_1h_input_tokens: 25 },
      },
      { input: 3, input_cache_creation_1h: 20, output: 2 },
    ],
    [
      "a gateway with Anthropic's names, counted in",
      { input_tokens: 103, output_tokens: 2, total_tokens: 105, cache_read_input_tokens: 100 },
      { input: 3, input_cached_tokens: 100, output: 2, total: 105 },
    ],
    [
      "LangChain",
      {
        input_tokens: 10,
        output_tokens: 6,
        total_tokens: 16,
        input_token_details: { cache_read: 4, cache_creation: 1 },
        output_token_details: { reasoning: 2 },
      },
      { input: 5, input_cached_tokens: 4, input_cache_creation: 1, output: 4, output_reasoning_tokens: 2, total: 16 },
    ],
    [
      "Gemini",
      { promptTokenCount: 10, candidatesTokenCount: 5, thoughtsTokenCount: 30, totalTokenCount: 45 },
      { input: 10, output: 5, output_reasoning_tokens: 30, total: 45 },
    ],
    [
      "AI SDK",
      { inputTokens: 10, outputTokens: 5, totalTokens: 15, cachedInputTokens: 4, reasoningTokens: 2 },
      { input: 6, input_cached_tokens: 4, output: 3, output_reasoning_tokens: 2, total: 15 },
    ],
    ["Ollama", { prompt_eval_count: 3, eval_count: 4 }, { input: 3, output: 4 }],
  ])("reads %s", (_name, raw, expected) => {
    expect(buckets(raw)).toEqual(expected);
    expect(flags(raw)).toBeUndefined();
  });

  it("counts reasoning beside the output where the total says so, also when it is the smaller", () => {
    const usage = (output: number, reasoning: number): unknown => ({
      prompt_tokens: 12,
      completion_tokens: output,
      total_tokens: 12 + output + reasoning,
      completion_tokens_details: { reasoning_tokens: reasoning },
    });
    expect(buckets(usage(2, 340))).toEqual({ input: 12, output: 2, output_reasoning_tokens: 340, total: 354 });
    expect(buckets(usage(50, 20))).toEqual({ input: 12, output: 50, output_reasoning_tokens: 20, total: 82 });
  });

  it("counts reasoning beside the output where it is larger and no total says otherwise", () => {
    expect(
      buckets({ prompt_tokens: 1, completion_tokens: 2, completion_tokens_details: { reasoning_tokens: 9 } }),
    ).toEqual({
      input: 1,
      output: 2,
      output_reasoning_tokens: 9,
    });
  });

  it("takes reasoning larger than its parent to stand beside it, and flags a total that does not hold it", () => {
    const raw = {
      prompt_tokens: 43,
      completion_tokens: 10,
      total_tokens: 53,
      completion_tokens_details: { reasoning_tokens: 11 },
    };
    expect(buckets(raw)).toEqual({ input: 43, output: 10, output_reasoning_tokens: 11, total: 53 });
    expect(flags(raw)).toEqual(["total_mismatch"]);
  });

  it("cuts more cached tokens than there is input", () => {
    const raw = {
      prompt_tokens: 377,
      completion_tokens: 69,
      total_tokens: 446,
      prompt_tokens_details: { cached_tokens: 515 },
    };
    expect(buckets(raw)).toEqual({ input: 0, input_cached_tokens: 377, output: 69, total: 446 });
    expect(flags(raw)).toEqual(["detail_capped"]);
  });

  it("keeps what the total holds beyond the buckets", () => {
    const raw = { prompt_tokens: 13, completion_tokens: 0, total_tokens: 74 };
    expect(buckets(raw)).toEqual({ input: 13, output: 0, other: 61, total: 74 });
    expect(flags(raw)).toEqual(["other_tokens"]);
  });

  it("says when the total is too small, and keeps it", () => {
    const raw = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 3 };
    expect(buckets(raw)).toEqual({ input: 10, output: 5, total: 3 });
    expect(flags(raw)).toEqual(["total_mismatch"]);
  });

  it("reads numbers written as text and passes over what is none", () => {
    const raw = {
      prompt_tokens: "10",
      completion_tokens: -5,
      total_tokens: Number.NaN,
      prompt_tokens_details: null,
      is_byok: false,
    };
    expect(buckets(raw)).toEqual({ input: 10 });
    expect(flags(raw)).toEqual(["invalid_number"]);
  });

  it.each([undefined, null, true, "12", 12, [], {}, { prompt_tokens: true }, { prompt_tokens: "many" }])(
    "finds nothing in %j",
    (raw) => {
      expect(normalizeUsage(raw)).toBeUndefined();
    },
  );

  it.each([
    [{ prompt_tokens: 1, cost: 0.002 }, { total: 0.002 }],
    [{ prompt_tokens: 1, cost: 0, is_byok: true, cost_details: { upstream_inference_cost: 0.5 } }, { total: 0.5 }],
    [
      { prompt_tokens: 1, cost: { input_tokens_cost: 1, output_tokens_cost: 2, request_cost: null, total_cost: 3 } },
      { input: 1, output: 2, total: 3 },
    ],
    [{ prompt_tokens: 1, cost_in_usd_ticks: 9_243_500 }, { total: 9_243_500e-10 }],
    [{ prompt_tokens: 1, cost_in_usd_ticks: 0 }, undefined],
    [{ prompt_tokens: 1, cost: "1" }, undefined],
  ])("takes the provider's cost from %j", (raw, expected) => {
    expect(normalizeUsage(raw)?.costDetails).toEqual(expected);
  });

  it("finds usage where Groq's streams put it", () => {
    expect(findUsage({ usage: null, x_groq: { usage: { prompt_tokens: 1 } } })).toEqual({ prompt_tokens: 1 });
    expect(findUsage({ usage: { prompt_tokens: 2 } })).toEqual({ prompt_tokens: 2 });
    expect(findUsage({ usageMetadata: { promptTokenCount: 3 } })).toEqual({ promptTokenCount: 3 });
    expect(findUsage({ model: "llama", prompt_eval_count: 4, eval_count: 5, eval_duration: 6 })).toEqual({
      prompt_eval_count: 4,
      eval_count: 5,
    });
    expect(findUsage({ model: "llama", eval_count: 5 })).toEqual({ eval_count: 5 });
    expect(findUsage({ model: "llama", eval_count: null })).toBeUndefined();
    expect(findUsage("x")).toBeUndefined();
  });
});

describe("normalizeUsage, of any usage", () => {
  const junk = fc.oneof(
    fc.nat(1_000),
    fc.constantFrom(null, undefined, true, "7", "x", -1, Number.NaN, Infinity, {}, []),
  );
  const count = fc.oneof({ weight: 4, arbitrary: fc.nat(1_000) }, { weight: 1, arbitrary: junk });
  const usage = fc.record(
    {
      prompt_tokens: count,
      completion_tokens: count,
      total_tokens: count,
      prompt_tokens_details: fc.oneof(
        fc.record({ cached_tokens: count, audio_tokens: count, cache_write_tokens: count }, { requiredKeys: [] }),
        junk,
      ),
      completion_tokens_details: fc.oneof(
        fc.record({ reasoning_tokens: count, audio_tokens: count }, { requiredKeys: [] }),
        junk,
      ),
      cache_read_input_tokens: count,
      input_tokens: count,
      cost: count,
    },
    { requiredKeys: [] },
  );
  const sumOf = (details: Record<string, number>): number =>
    Object.entries(details).reduce((sum, [key, value]) => (key === "total" ? sum : sum + value), 0);

  it("has no bucket that is negative or no number, and does not change what it read", () => {
    fc.assert(
      fc.property(usage, (raw) => {
        const before = structuredClone(raw);
        const normalized = normalizeUsage(raw);
        expect(raw).toEqual(before);
        const values = [
          ...Object.values(normalized?.usageDetails ?? {}),
          ...Object.values(normalized?.costDetails ?? {}),
        ];
        for (const value of values) expect(Number.isFinite(value) && value >= 0).toBe(true);
      }),
    );
  });

  it("has buckets that add up to the provider's total, or says that they do not", () => {
    fc.assert(
      fc.property(usage, (raw) => {
        const normalized = normalizeUsage(raw);
        const total = normalized?.usageDetails["total"];
        if (!normalized || total === undefined) return;
        const sum = sumOf(normalized.usageDetails);
        if (normalized.flags?.includes("total_mismatch")) expect(sum).toBeGreaterThan(total);
        else if (Object.keys(normalized.usageDetails).length > 1) expect(sum).toBe(total);
      }),
    );
  });

  it("has disjoint buckets: without a total, details never add to a parent that holds them", () => {
    const inclusive = fc.record({
      input: fc.nat(1_000),
      output: fc.nat(1_000),
      cached: fc.nat(1_000),
      written: fc.nat(1_000),
    });
    fc.assert(
      fc.property(inclusive, ({ input, output, cached, written }) => {
        const normalized = normalizeUsage({
          prompt_tokens: input,
          completion_tokens: output,
          prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
        });
        expect(sumOf(normalized!.usageDetails)).toBe(input + output);
        expect(normalized!.flags?.includes("detail_capped") ?? false).toBe(cached + written > input);
      }),
    );
  });
});
