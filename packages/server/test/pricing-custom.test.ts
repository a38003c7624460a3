import { describe, expect, it } from "vitest";
import type { CustomPrice } from "../src/api/settings.ts";
import { compilePrices } from "../src/pricing/custom.ts";
import { addCosts, loadPriceTable, priceRow, withCustomPrices } from "../src/pricing/price.ts";
import { observation } from "./store/fixtures.ts";

const library = await loadPriceTable();

function custom(change: Partial<CustomPrice>): CustomPrice {
  return { id: "p", match: "my-model", provider: null, prices: { input: 1, output: 2 }, createdAt: 0, ...change };
}

function total(own: CustomPrice[], model: string, usage: Record<string, number>, provider: string | null = null) {
  return withCustomPrices(library, compilePrices(own)).price({ model, provider, usage, time: 0 })?.["total"] ?? null;
}

describe("a project's own prices", () => {
  it("come before the library's and replace the model's price as a whole", () => {
    const own = [custom({ match: "gpt-4o", prices: { input: 1 } })];
    expect(total(own, "gpt-4o", { input: 1_000_000, output: 1_000_000 })).toBe(1);
    expect(total(own, "gpt-4o-mini", { input: 1_000_000 })).toBeCloseTo(0.15, 10);
  });

  it("price a detail at its own price, under any of its names, else at its base", () => {
    const own = [custom({ prices: { input: 1, input_cached_tokens: 0.5, output: 2, pages: 1000 } })];
    expect(total(own, "my-model", { input_cached_tokens: 1_000_000 })).toBe(0.5);
    expect(total(own, "my-model", { cache_read_input_tokens: 1_000_000 })).toBe(0.5);
    expect(total(own, "my-model", { input_cache_creation: 1_000_000 })).toBe(1);
    expect(total(own, "my-model", { output_reasoning_tokens: 1_000_000 })).toBe(2);
    expect(total(own, "my-model", { pages: 3 })).toBeCloseTo(0.003, 10);
    expect(total(own, "my-model", { toString: 3 })).toBeNull();
  });

  it("match with stars and without case, the most exact first", () => {
    const own = [
      custom({ id: "1", match: "*", prices: { input: 1 } }),
      custom({ id: "2", match: "LLAMA*8B*", prices: { input: 2 } }),
      custom({ id: "3", match: "llama*", prices: { input: 3 } }),
      custom({ id: "4", match: "*", provider: "Azure", prices: { input: 4 } }),
      custom({ id: "5", match: "a.c", prices: { input: 5 } }),
    ];
    const million = { input: 1_000_000 };
    expect(total(own, "llama-3.1-8b-instruct", million)).toBe(2);
    expect(total(own, "llama3", million)).toBe(3);
    expect(total(own, "gpt-4o", million)).toBe(1);
    expect(total(own, "my-deployment", million, "azure.ai.openai")).toBe(4);
    expect(total(own, "abc", million)).toBe(1);
    expect(total(own, "a.c", million)).toBe(5);
  });

  it("answer soon whatever the pattern", () => {
    const own = [custom({ match: `${"*a".repeat(100)}*b` })];
    expect(total(own, "a".repeat(200), { input: 1 })).toBeNull();
  });
});

describe("rows", () => {
  const usage = { input: 1_000_000 };

  it("are priced as they were served", async () => {
    const row = (payload: object) =>
      observation({ model: "gpt-5", provider: "openai", usage, payload: payload as never });
    const rows = [
      row({ metadata: '{"service_tier":"default","text":"\\"service_tier\\":\\"flex\\""}' }),
      row({ metadata: '{"service_tier":"flex"}' }),
      row({ modelParameters: '{"service_tier":"flex"}' }),
      row({ modelParameters: '{"service_tier":"priority"}', metadata: '{"service_tier":"default"}' }),
      row({ metadata: '{"usage":{"service_tier":"priority"}}' }),
      row({ attributes: '{"openai.response.service_tier":"flex"}' }),
      row({ metadata: '{"requestMetadata":{"service_tier":"flex"}}' }),
      row({ metadata: '{"service_tier":"flex"' }),
    ];
    await addCosts(rows);
    expect(rows.map((priced) => priced.cost?.["total"])).toEqual([1.25, 0.625, 0.625, 1.25, 2.5, 0.625, 1.25, 1.25]);
  });

  it("are priced anew, except where the sender gave the cost", () => {
    const row = observation({ model: "my-model", usage });
    const given = observation({ model: "my-model", usage, cost: { total: 7 }, costSource: "provided" });
    const before = withCustomPrices(library, compilePrices([custom({})]));
    const after = withCustomPrices(library, compilePrices([custom({ prices: { input: 3 } })]));
    expect([priceRow(row, before), priceRow(row, before), row.cost?.["total"]]).toEqual([true, false, 1]);
    expect([priceRow(row, after), row.cost?.["total"], row.costSource]).toEqual([true, 3, "computed"]);
    expect([priceRow(row, library), row.cost, row.costSource]).toEqual([true, null, null]);
    expect([priceRow(given, after), given.cost?.["total"]]).toEqual([false, 7]);
  });
});
