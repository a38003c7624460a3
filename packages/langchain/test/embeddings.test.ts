import { observeOpenAI } from "@spanwise/openai";
import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { traceEmbeddings } from "../src/index.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTraced } from "./support/traced.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  const embeddings = (more: { batchSize?: number; maxConcurrency?: number } = {}) =>
    new lc.OpenAIEmbeddings({
      ...more,
      model: "text-embedding-3-small",
      dimensions: 64,
      apiKey: "k",
      configuration: { baseURL: server.url },
      maxRetries: 0,
    });

  it("a query and documents, without their vectors", async () => {
    const { tracer, roots } = createTraced();
    const model = embeddings();
    const traced = traceEmbeddings(traceEmbeddings(model, { tracer }), { tracer });
    expect(traced).toBe(model);
    expect(await traced.embedQuery("one")).toHaveLength(64);
    expect(await traced.embedDocuments(["one", "two"])).toHaveLength(2);
    const [query, documents] = await roots();
    expect(query).toMatchObject({
      type: "embedding",
      name: "OpenAIEmbeddings",
      model: "text-embedding-3-small",
      provider: "openai",
      modelParameters: { dimensions: 64 },
      input: "one",
      output: { count: 1, dimensions: 64 },
    });
    expect(documents).toMatchObject({ input: ["one", "two"], output: { count: 2, dimensions: 64 } });
  });

  it.each([false, true])(
    "the tokens of all batches, and of no other call; on an observed client: %s",
    async (observed) => {
      const { tracer, roots } = createTraced();
      const model = embeddings({ batchSize: 2 });
      const { OpenAI } = await import("openai");
      const client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.url }), { tracer });
      if (observed) Object.assign(model, { client });
      traceEmbeddings(model, { tracer });
      const texts = ["one two three", "four", "five six", "seven", "eight nine"];
      await Promise.all([model.embedDocuments(texts), model.embedQuery("one two three")]);
      await model.embedDocuments([]);
      const [documents, query, none] = await roots();
      const tokens = (text: string) => text.split(" ").length;
      expect(query).toMatchObject({ usageDetails: { input: 3, total: 3 } });
      const all = texts.map(tokens).reduce((sum, count) => sum + count);
      expect(documents).toMatchObject({ usageDetails: { input: all, total: all }, output: { count: 5 } });
      expect(none).toMatchObject({ usageDetails: undefined, output: { count: 0 } });
    },
  );

  it("what a failed call has cost so far", async () => {
    const { tracer, root } = createTraced();
    server.script([{}, { status: 400 }]);
    const model = traceEmbeddings(embeddings({ batchSize: 1, maxConcurrency: 1 }), { tracer });
    await expect(model.embedDocuments(["one two", "one two"])).rejects.toThrow();
    expect(await root()).toMatchObject({ status: "error", usageDetails: { input: 2, total: 2 } });
  });

  it("on an observed client: one observation, with the tokens", async () => {
    const { tracer, root } = createTraced();
    const model = embeddings();
    const { OpenAI } = await import("openai");
    Object.assign(model, { client: observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.url }), { tracer }) });
    await traceEmbeddings(model, { tracer, captureInput: false }).embedQuery("how many tokens");
    const observed = await root();
    expect(observed).toMatchObject({ name: "OpenAIEmbeddings", usageDetails: { input: expect.any(Number) } });
    expect(observed.input).toBeUndefined();
  });

  it("a failure is the caller's, and recorded", async () => {
    const { tracer, root } = createTraced();
    server.script([{ status: 400 }]);
    const model = traceEmbeddings(embeddings(), { tracer });
    await expect(model.embedQuery("x")).rejects.toThrow();
    expect(await root()).toMatchObject({ type: "embedding", status: "error" });
  });
});
