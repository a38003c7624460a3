import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { embeddings } from "../../src/surfaces/embeddings.ts";
import { expectUsage, isCorpusPresent, recordingsOf } from "./support/recordings.ts";

const floats = [0.25, -0.5, 0.125];
const base64 = Buffer.from(new Float32Array(floats).buffer).toString("base64");

function answer(embedding: unknown): object {
  return { object: "list", model: "text-embedding-3-small", data: [{ index: 0, embedding }] };
}

describe("request", () => {
  it("has the texts, dimensions and encoding", () => {
    const body = { model: "m", input: ["a", "b"], dimensions: 256, encoding_format: "base64", user: "u" };
    expect(embeddings.describeRequest(body, true)).toEqual({
      model: "m",
      input: ["a", "b"],
      modelParameters: { dimensions: 256, encoding_format: "base64" },
      metadata: { user: "u" },
    });
    expect(embeddings.describeRequest({ input: "one" }, true).input).toBe("one");
  });

  it("counts token ids instead of recording them", () => {
    expect(embeddings.describeRequest({ input: [9642, 11] }, true).input).toEqual({ tokens: 2 });
    expect(embeddings.describeRequest({ input: [[1, 2], [3]] }, true).input).toEqual({ inputs: 2, tokens: 3 });
  });

  it("has no word of the caller's without captureInput", () => {
    const body = { model: "m", input: "secret", dimensions: 256, encoding_format: "float", user: "secret" };
    expect(embeddings.describeRequest(body, false)).toEqual({
      model: "m",
      input: undefined,
      modelParameters: { dimensions: 256, encoding_format: "float" },
      metadata: {},
    });
  });
});

describe("answer", () => {
  it.each([
    ["floats", floats],
    ["base64", base64],
    ["a typed array", new Float32Array(floats)],
  ])("is count and dimensions, never the vectors: %s", (_name, vector) => {
    expect(embeddings.describeResult({ ...answer(vector), usage: { prompt_tokens: 4, total_tokens: 4 } })).toEqual({
      output: { count: 1, dimensions: 3 },
      model: "text-embedding-3-small",
      usageDetails: { input: 4, total: 4 },
      metadata: { usage: { prompt_tokens: 4, total_tokens: 4 } },
    });
  });

  it("of another shape is not recorded: it may hold vectors", () => {
    expect(embeddings.describeResult({ embeddings: [floats] })).toEqual({ metadata: {} });
  });

  it("tells the dimensions of base64 of any length", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4096 }), (dimensions) => {
        const text = Buffer.alloc(dimensions * 4).toString("base64");
        expect(embeddings.describeResult(answer(text)).output).toEqual({ count: 1, dimensions });
      }),
    );
  });

  it("takes anything", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true }), (value) => {
        embeddings.describeRequest(value, true);
        embeddings.describeRequest({ input: value }, true);
        embeddings.describeResult(value);
        embeddings.describeResult(answer(value));
      }),
    );
  });
});

describe.skipIf(!isCorpusPresent)("recorded embeddings", () => {
  const recordings = recordingsOf(/^POST \S*\/embeddings$/);

  it("are there", () => expect(recordings.length).toBeGreaterThanOrEqual(3));

  it.each(recordings)("$id", ({ body, response, expected }) => {
    const described = embeddings.describeResult(response);
    expect(described.model).toBe(expected.model);
    expect(described.output).toEqual({ count: expected.vectors, dimensions: expected.dimensions });
    expectUsage(described.usageDetails, expected.usage);
    const { input } = body;
    const isTokens = Array.isArray(input) && Array.isArray(input[0]);
    expect(embeddings.describeRequest(body, true).input).toEqual(isTokens ? { inputs: 2, tokens: 2 } : input);
  });
});
