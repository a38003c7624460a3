import { describe, expect, test } from "vitest";
import { lowScoreQuery } from "../src/model/low-scores.ts";
import { setupGuides } from "../src/model/onboarding.ts";
import { NO_PRICE, priceFields, readPrices } from "../src/model/prices.ts";
import { summariseScores } from "../src/model/score-names.ts";

describe("set-ups", () => {
  const codeOf = (guides: ReturnType<typeof setupGuides>) =>
    guides.map(({ steps }) => steps.map(({ code }) => code).join("\n"));

  test("all name the real address", () => {
    for (const code of codeOf(setupGuides("http://localhost:4999", 0))) expect(code).toContain("http://localhost:4999");
  });

  test("hold the keys where there are some", () => {
    const keys = { publicKey: "pk-test", secretKey: "sk-test" };
    for (const code of codeOf(setupGuides("http://localhost:4999", 0, keys))) {
      expect(code.includes("sk-test") || code.includes(encodeURIComponent(btoa("pk-test:sk-test")))).toBe(true);
    }
  });

  test("ask for no keys where none are needed, but for Langfuse's SDKs, which do not start without", () => {
    const guides = setupGuides("http://localhost:4999", 0);
    const withKeys = guides.filter(({ steps }) => steps.some(({ code }) => code.includes("_SECRET_KEY")));
    expect(withKeys.map(({ id }) => id)).toEqual(["langfuse"]);
  });

  test("have a span of curl that is valid JSON and recent", () => {
    const curl = setupGuides("http://localhost:4999", 1_800_000_000_000).at(-1);
    const body = /-d '(.*)'$/s.exec(curl?.steps[0]?.code ?? "")?.[1] ?? "";
    expect(JSON.parse(body)).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ spans: [{ startTimeUnixNano: "1800000000000000000" }] }] }],
    });
  });
});

describe("prices", () => {
  test("are read by bucket, empty ones left out", () => {
    expect(readPrices({ ...NO_PRICE, input: "2.5", cached: " 1 " })).toEqual({ input: 2.5, input_cached_tokens: 1 });
  });

  test.each(["-1", "two", "1e999"])("refuse %s", (input) => expect(readPrices({ ...NO_PRICE, input })).toBeNull());

  test("of nothing are none", () => expect(readPrices(NO_PRICE)).toBeNull());

  test("keep the buckets that have no field", () => {
    const before = { input: 1, output_audio: 7 };
    expect(readPrices({ ...priceFields(before), input: "3" }, before)).toEqual({ input: 3, output_audio: 7 });
  });
});

test("scores are summed up by name, the most frequent first", () => {
  expect(
    summariseScores([
      { name: "tone", dataType: "CATEGORICAL", value: null },
      { name: "helpful", dataType: "BOOLEAN", value: 1 },
      { name: "helpful", dataType: "BOOLEAN", value: 0 },
    ]),
  ).toEqual([
    { name: "helpful", count: 2, mean: 0.5 },
    { name: "tone", count: 1, mean: null },
  ]);
});

test("low scores are asked for in the language of queries", () => {
  expect(lowScoreQuery("helpful", 0.5)).toBe("scores.helpful:<0.5");
  expect(lowScoreQuery("is it kind?", 1)).toBe('scores."is it kind?":<1');
});
