import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_CATEGORIES, MAX_RESULTS, moderations } from "../../src/surfaces/moderations.ts";
import { expectUsage, isCorpusPresent, recordingsOf } from "./support/recordings.ts";

function result(flagged: boolean, score: number): object {
  return {
    flagged,
    categories: { hate: flagged, violence: false },
    category_scores: { hate: score, violence: 0.01 },
    category_applied_input_types: { hate: ["text"], violence: ["text"] },
  };
}

describe("request", () => {
  it("has texts and parts as they were given", () => {
    const input = [
      { type: "text", text: "hello" },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
    ];
    expect(moderations.describeRequest({ model: "omni-moderation-latest", input }, true)).toEqual({
      model: "omni-moderation-latest",
      input,
      modelParameters: undefined,
      metadata: {},
    });
    expect(JSON.stringify(moderations.describeRequest({ model: "m", input: "secret" }, false))).not.toContain("secret");
  });
});

describe("answer", () => {
  it("has what was flagged, and all scores", () => {
    const body = { id: "modr-1", model: "omni-moderation-2024-09-26", results: [result(true, 0.9)] };
    expect(moderations.describeResult(body)).toEqual({
      output: { flagged: true, categories: ["hate"], category_scores: { hate: 0.9, violence: 0.01 } },
      model: "omni-moderation-2024-09-26",
      metadata: { response_id: "modr-1", flaggedResults: 1 },
    });
    const two = moderations.describeResult({ results: [result(false, 0.1), result(true, 0.9)] });
    expect(two.output).toMatchObject([{ flagged: false, categories: [] }, { flagged: true }]);
    expect(two.metadata["flaggedResults"]).toBe(1);
  });

  it("counts what was flagged, said by either", () => {
    const flagged = (results: object[]): unknown => moderations.describeResult({ results }).metadata["flaggedResults"];
    expect(flagged([{ flagged: true }, { categories: { hate: true } }, { categories: { hate: false } }])).toBe(2);
  });

  it("is bounded, and says what was cut", () => {
    const results = [...Array.from({ length: MAX_RESULTS + 4 }, () => result(false, 0)), result(true, 1)];
    const many = moderations.describeResult({ results });
    expect(many.output).toHaveLength(MAX_RESULTS);
    expect(many.metadata).toMatchObject({ cutResults: 5, flaggedResults: 1 });
    const category_scores = Object.fromEntries(Array.from({ length: MAX_CATEGORIES + 2 }, (_, at) => [`c${at}`, 0]));
    const wide = moderations.describeResult({ results: [{ category_scores }] }).output as Record<string, object>;
    expect(Object.keys(wide["category_scores"]!)).toHaveLength(MAX_CATEGORIES);
    expect(wide["cutCategories"]).toBe(2);
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        moderations.describeRequest(value, true);
        moderations.describeResult(value);
        moderations.describeResult({ results: [value, { categories: value, category_scores: value }] });
      }),
    );
  });
});

describe.skipIf(!isCorpusPresent)("recorded moderations", () => {
  const recordings = recordingsOf(/^POST \S*\/moderations$/);

  it("are there", () => expect(recordings.length).toBeGreaterThanOrEqual(1));

  it.each(recordings)("$id", ({ body, response, expected }) => {
    const described = moderations.describeResult(response);
    expect(described.model).toBe(expected.model);
    expectUsage(described.usageDetails, expected.usage);
    expect(described.output).toMatchObject({ categories: [] });
    expect(described.metadata["flaggedResults"]).toBe(0);
    expect(moderations.describeRequest(body, true).input).toBe(body["input"]);
  });
});
