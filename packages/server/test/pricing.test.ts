import { calcPrice } from "@pydantic/genai-prices";
import { describe, expect, it } from "vitest";
import { addCosts, loadPriceTable } from "../src/pricing/price.ts";
import { computeTotals } from "../src/query/totals.ts";
import { hexId, observation } from "./store/fixtures.ts";

const time = Date.parse("2026-11-01T12:00:00Z");
const prices = await loadPriceTable();

describe("prices", () => {
  // The library counts inclusively: its answer for the same call is the reference.
  it.each([
    ["gpt-4o-mini-2024-07-18", "openai"],
    ["gpt-5-mini", "openai"],
    ["claude-sonnet-4-5", "anthropic"],
    ["gemini-2.5-pro", "google"],
  ])("agrees with the library on %s, tiers included", (model, provider) => {
    for (const scale of [1, 1000]) {
      const usage = {
        input: 200 * scale,
        input_cached_tokens: 100 * scale,
        output: 50,
        output_reasoning_tokens: 25,
        total: 0,
      };
      const inclusive = { input_tokens: 300 * scale, cache_read_tokens: 100 * scale, output_tokens: 75 };
      const reference = calcPrice(inclusive, model, { providerId: provider, timestamp: new Date(time) });
      expect(prices.price({ model, provider, usage, time })?.["total"]).toBeCloseTo(
        reference?.total_price ?? Number.NaN,
        10,
      );
    }
  });

  it("prices a detail at its base where it has no price of its own", () => {
    const cost = prices.price({
      model: "gpt-4o",
      provider: "openai",
      usage: { input_audio_tokens: 1000, output_reasoning_tokens: 1000 },
      time,
    });
    expect(cost).toMatchObject({ input_audio_tokens: 0.0025, output_reasoning_tokens: 0.01 });
  });

  it("finds a known model behind an unknown provider or a gateway's name", () => {
    const usage = { input: 1000 };
    const direct = prices.price({ model: "gpt-4o-mini", provider: "openai", usage, time });
    expect(direct?.["total"]).toBeCloseTo(0.00015, 10);
    expect(prices.price({ model: "gpt-4o-mini", provider: "stand-in", usage, time })).toEqual(direct);
    expect(prices.price({ model: "openai/gpt-4o-mini", provider: "my-gateway", usage, time })).toEqual(direct);
    expect(prices.price({ model: "gpt-4o-mini", provider: null, usage, time })).toEqual(direct);
  });

  it("knows no price rather than 0", () => {
    expect(prices.price({ model: "no-such-model-1", provider: "openai", usage: { input: 5 }, time })).toBeNull();
    expect(prices.price({ model: "gpt-4o", provider: "openai", usage: { total: 5 }, time })).toBeNull();
    expect(prices.price({ model: "gpt-4o", provider: "ollama", usage: { input: 5 }, time })).toBeNull();
  });

  it("leaves a given cost alone", async () => {
    const given = observation({ model: "gpt-4o", usage: { input: 1000 }, cost: { total: 7 }, costSource: "provided" });
    const open = observation({ model: "gpt-4o", usage: { input: 1000 } });
    await addCosts([given, open]);
    expect(given).toMatchObject({ cost: { total: 7 }, costSource: "provided" });
    expect(open).toMatchObject({ cost: { input: 0.0025, total: 0.0025 }, costSource: "computed" });
  });
});

describe("totals", () => {
  const usage = { input: 10, output: 5, total: 15 };
  const cost = { total: 1 };
  const agent = observation({ type: "agent", usage, cost });
  const generation = observation({ id: hexId(3, 16), parentId: hexId(2, 16), type: "generation", usage, cost });
  const tool = observation({ id: hexId(2, 16), parentId: hexId(1, 16), type: "tool" });

  it("does not add an agent's sum to what it sums up", () => {
    expect(computeTotals([agent, tool, generation])).toMatchObject({
      totalTokens: 15,
      inputTokens: 10,
      outputTokens: 5,
      cost: 1,
    });
  });

  it("counts an agent that alone reports", () => {
    expect(computeTotals([agent, tool])).toMatchObject({ totalTokens: 15, cost: 1 });
  });

  it("never adds what is marked as aggregate", () => {
    expect(computeTotals([{ ...generation, usageAggregate: true }])).toEqual({
      totalTokens: null,
      inputTokens: null,
      outputTokens: null,
      cost: null,
      costIncomplete: false,
    });
  });

  it("says when a part has no price", () => {
    expect(computeTotals([generation, { ...generation, id: hexId(4, 16), cost: null }])).toMatchObject({
      totalTokens: 30,
      cost: 1,
      costIncomplete: true,
    });
  });

  it("ends on a cycle of parents", () => {
    const a = { ...generation, id: "a", parentId: "b" };
    const b = { ...generation, id: "b", parentId: "a" };
    expect(computeTotals([a, b]).totalTokens).toBe(30);
  });
});
