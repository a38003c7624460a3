import { observeOpenAI } from "@spanwise/openai";
import { afterEach, beforeEach, expect, test } from "vitest";
import { traceEmbedding } from "../src/index.ts";
import { createEmbedding, openai, v12 } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;

beforeEach(async () => void (setup = await createSetup()));
afterEach(() => setup.close());

const texts = Array.from({ length: 25 }, (_, n) => `text number ${n}`);

test("one call that is sent in three batches is one embedding with all its tokens", async () => {
  const model = traceEmbedding(createEmbedding(setup), { tracer: setup.tracer });
  const vectors = await model.getTextEmbeddingsBatch(texts);
  const [record, ...others] = await setup.records();
  expect(others).toEqual([]);
  expect(setup.server.requests).toHaveLength(3);
  expect(record).toMatchObject({
    type: "embedding",
    name: "OpenAIEmbedding",
    model: "text-embedding-3-small",
    provider: "openai",
  });
  expect(JSON.parse(record!.output!)).toEqual({ count: 25, dimensions: vectors[0]!.length });
  expect(record!.usageDetails!["input"]).toBeGreaterThanOrEqual(texts.length * 2);
});

test("the provider of a class that extends OpenAI's is its own where it is known", async () => {
  class TogetherEmbedding extends openai.OpenAIEmbedding {}
  class OurEmbedding extends openai.OpenAIEmbedding {}
  for (const Model of [TogetherEmbedding, OurEmbedding]) {
    const model = new Model({ model: "m", apiKey: "k", baseURL: setup.server.url });
    await traceEmbedding(model, { tracer: setup.tracer }).getTextEmbedding("text");
  }
  expect(await setup.records()).toMatchObject([{ provider: "together" }, { provider: "openai" }]);
});

test("a client that was used before, a method without its object, and the model as a function", async () => {
  const model = createEmbedding(setup);
  await model.getTextEmbedding("before");
  traceEmbedding(model, { tracer: setup.tracer });
  const { getTextEmbeddings } = model;
  await getTextEmbeddings(["unbound"]);
  const nodes = [new v12.TextNode({ text: "as a transformation" })];
  await (model as unknown as (nodes: unknown[]) => Promise<unknown>)(nodes);
  const records = await setup.records();
  expect(records.map(({ input }) => input)).toEqual(['["unbound"]', '["as a transformation"]']);
  for (const { usageDetails } of records) expect(usageDetails!["input"]).toBeGreaterThan(0);
  expect(nodes[0]!.embedding).toHaveLength(1536);
});

test("one embedding where the API client is observed too, with the tokens of all batches", async () => {
  const { tracer } = setup;
  const session: never = observeOpenAI((await createEmbedding(setup).session) as never, { tracer });
  const model = traceEmbedding(
    new openai.OpenAIEmbedding({ session, model: "text-embedding-3-small", embedBatchSize: 10 }),
    { tracer },
  );
  await model.getTextEmbeddingsBatch(texts);
  const records = await setup.records();
  expect(records.map(({ name }) => name)).toEqual(["OpenAIEmbedding"]);
  expect(records[0]!.usageDetails!["input"]).toBeGreaterThanOrEqual(texts.length * 2);
});

test("an error, and a call with nothing to embed", async () => {
  const model = traceEmbedding(createEmbedding(setup), { tracer: setup.tracer });
  setup.server.script([{ status: 400 }]);
  await expect(model.getTextEmbedding("x")).rejects.toMatchObject({ status: 400 });
  await expect(model.getTextEmbeddingsBatch([])).resolves.toEqual([]);
  expect((await setup.records()).map(({ status }) => status)).toEqual(["error", "ok"]);
});

test("a model without a client that could be heard", async () => {
  class Custom extends v12.BaseEmbedding {
    // oxlint-disable-next-line no-useless-constructor -- the base's is protected
    public constructor() {
      super();
    }
    async getTextEmbedding(): Promise<number[]> {
      return [0.1, 0.2];
    }
  }
  const model = traceEmbedding(new Custom(), { tracer: setup.tracer });
  expect(await model.getQueryEmbedding({ type: "text", text: "a question" })).toEqual([0.1, 0.2]);
  const [record] = await setup.records();
  expect(record).toMatchObject({ name: "Custom", input: '"a question"', output: '{"count":1,"dimensions":2}' });
});
