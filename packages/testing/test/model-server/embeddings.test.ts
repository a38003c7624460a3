import { expect, test } from "vitest";
import { useModelServer } from "./setup.ts";

const context = useModelServer();

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

const passages = {
  masking:
    "Masking covers every field that a user supplied, before anything is queued, and fails closed when the mask throws.",
  batching: "Observations are collected into batches and flushed every second or when 512 of them wait.",
  scores: "A score is feedback on a trace: a number, a category or a boolean with a comment.",
  server: "The embedded server keeps traces in one SQLite file and shows them in a web viewer.",
  openai: "The adapter wraps the OpenAI client and records model calls with their token usage.",
};

test.each([
  ["How do I hide secrets with a mask?", "masking"],
  ["When are batches flushed?", "batching"],
  ["How can I record user feedback?", "scores"],
  ["Where does the server store its data, is it SQLite?", "server"],
  ["token usage of OpenAI calls", "openai"],
])("retrieves: %s", async (question, expected) => {
  const names = Object.keys(passages);
  const { data } = await context.client.embeddings.create({
    model: "text-embedding-3-small",
    input: [question, ...Object.values(passages)],
  });
  const [query, ...rest] = data.map((item) => item.embedding);
  const ranked = rest
    .map((vector, index) => ({ name: names[index], score: dot(query ?? [], vector) }))
    .toSorted((a, b) => b.score - a.score);
  expect(ranked[0]?.name).toBe(expected);
});

test("vectors are normalised, deterministic, and as long as asked; base64 and float agree", async () => {
  const create = async (extra: object): Promise<number[]> =>
    (await context.client.embeddings.create({ model: "text-embedding-3-small", input: "hello world", ...extra }))
      .data[0]?.embedding ?? [];
  const byDefault = await create({});
  expect(byDefault).toHaveLength(1536);
  expect(Math.abs(dot(byDefault, byDefault) - 1)).toBeLessThan(1e-5);
  expect(await create({ encoding_format: "float" })).toEqual(byDefault);
  expect(await create({ dimensions: 256 })).toHaveLength(256);
  expect(await create({ model: "text-embedding-3-large" })).toHaveLength(3072);
  // The client asks for base64 unless told otherwise, so both paths were used.
  expect(context.server.requests.slice(-4).map((request) => request.body?.["encoding_format"])).toEqual([
    "base64",
    "float",
    "base64",
    "base64",
  ]);
});

test("tokens as input, usage, and refusals", async () => {
  const byText = await context.client.embeddings.create({ model: "text-embedding-ada-002", input: "hello world" });
  const byTokens = await context.client.embeddings.create({ model: "text-embedding-ada-002", input: [[15_339, 1917]] });
  expect(byTokens.data[0]?.embedding).toEqual(byText.data[0]?.embedding);
  expect(byText.usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
  expect(byText.model).toBe("text-embedding-ada-002-v2");
  await expect(context.client.embeddings.create({ model: "text-embedding-3-small", input: "" })).rejects.toMatchObject({
    status: 400,
  });
  const long = "word ".repeat(9000);
  await expect(context.client.embeddings.create({ model: "text-embedding-3-small", input: long })).rejects.toThrow(
    /maximum context length/,
  );
});
