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
  const embeddings = () =>
    new lc.OpenAIEmbeddings({
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
