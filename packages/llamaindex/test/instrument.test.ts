import { createRequire } from "node:module";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { instrumentLlamaIndex, traceEmbedding, traceEngine, traceLLM } from "../src/index.ts";
import {
  createEmbedding,
  createIndex,
  createLLM,
  install,
  openai,
  settingsOf,
  v12,
  workflow,
} from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;

beforeEach(async () => void (setup = await createSetup()));
afterEach(() => setup.close());

const messages = [{ role: "user" as const, content: "Hello" }];

describe("installing", () => {
  test("twice records once, and each handle takes off what it has put on", async () => {
    const first = install(setup, v12);
    const second = instrumentLlamaIndex({ llamaindex: v12, workflow, openai }, { tracer: setup.tracer });
    const engine = (await createIndex(v12)).asQueryEngine();
    await engine.query({ query: "How often?" });
    expect(await setup.records()).toHaveLength(8);
    second.uninstall();
    await engine.query({ query: "How often?" });
    expect(await setup.records()).toHaveLength(13);
    first.uninstall();
    first.uninstall();
    await engine.query({ query: "How often?" });
    expect(await setup.records()).toHaveLength(13);
  });

  test("uninstalling leaves classes, models and settings as they were", async () => {
    const classes = [v12.BaseRetriever, v12.BaseSynthesizer, v12.RetrieverQueryEngine, v12.IngestionPipeline];
    const look = () => [...classes, openai.OpenAI, openai.OpenAIEmbedding, workflow.AgentWorkflow].map(describeClass);
    const before = look();
    const settings = Object.getOwnPropertyNames(v12.Settings);
    const { llm, uninstall } = install(setup, v12);
    await llm.chat({ messages });
    expect(look()).not.toEqual(before);
    uninstall();
    expect(look()).toEqual(before);
    expect(Object.getOwnPropertyNames(v12.Settings)).toEqual(settings);
    expect(Object.keys(llm)).toEqual(Object.keys(createLLM(setup)));
  });

  test("a model that is put into Settings later, and one for a while", async () => {
    const handle = instrumentLlamaIndex({ llamaindex: v12 }, { tracer: setup.tracer });
    const later = createLLM(setup, { model: "gpt-4o" });
    settingsOf(v12).llm = later;
    await later.chat({ messages });
    const scoped = createLLM(setup);
    await settingsOf(v12).withLLM(scoped, () => scoped.chat({ messages }));
    handle.uninstall();
    expect((await setup.records()).map(({ model }) => model)).toEqual(["gpt-4o-2024-08-06", "gpt-4o-mini-2024-07-18"]);
  });

  test("an application of CommonJS", async () => {
    const require = createRequire(import.meta.url);
    const llamaindex = require("llamaindex") as typeof v12;
    const api = require("@llamaindex/openai") as typeof openai;
    expect(llamaindex.BaseRetriever).not.toBe(v12.BaseRetriever);
    const handle = instrumentLlamaIndex({ llamaindex, openai: api }, { tracer: setup.tracer });
    const settings = { apiKey: "k", baseURL: setup.server.url, maxRetries: 0 };
    settingsOf(llamaindex).llm = new api.OpenAI({ ...settings, model: "gpt-4o-mini" });
    settingsOf(llamaindex).embedModel = new api.OpenAIEmbedding({ ...settings, model: "text-embedding-3-small" });
    await (await createIndex(llamaindex)).asQueryEngine().query({ query: "How often?" });
    handle.uninstall();
    expect((await setup.tree()).split("\n").slice(3)).toEqual([
      "chain RetrieverQueryEngine.query",
      "  retriever VectorIndexRetriever.retrieve",
      "    embedding OpenAIEmbedding",
      "  span CompactAndRefine.synthesize",
      "    generation OpenAI.chat",
    ]);
  });

  test("what cannot work says what to do", () => {
    expect(() => instrumentLlamaIndex({} as never)).toThrow(/import \* as llamaindex/);
    expect(() => instrumentLlamaIndex({ llamaindex: v12, openai: "x" as never })).toThrow(/openai is not a module/);
    expect(() => traceLLM({})).toThrow(/traceLLM takes a model/);
    expect(() => traceEmbedding({})).toThrow(/traceEmbedding takes/);
    expect(() => traceEngine({})).toThrow(/traceEngine takes/);
  });
});

test("an engine that is traced by itself too is recorded once", async () => {
  const { uninstall } = install(setup, v12);
  const engine = (await createIndex(v12)).asQueryEngine();
  traceEngine(engine, { tracer: setup.tracer });
  traceLLM(v12.Settings.llm, { tracer: setup.tracer });
  await engine.query({ query: "How often?" });
  uninstall();
  expect((await setup.tree()).split("\n").slice(3)).toEqual([
    "chain RetrieverQueryEngine.query",
    "  retriever VectorIndexRetriever.retrieve",
    "    embedding OpenAIEmbedding",
    "  span CompactAndRefine.synthesize",
    "    generation OpenAI.chat",
  ]);
});

test("what goes wrong in us goes no further", async () => {
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error("not for you");
      },
      has: () => true,
    },
  );
  class Model extends v12.BaseLLM {
    metadata = { model: "m" } as never;
    async chat(): Promise<never> {
      return { message: { role: "assistant", content: hostile }, raw: hostile } as never;
    }
  }
  const llm = traceLLM(new Model(), { tracer: setup.tracer });
  const chat = llm.chat.bind(llm) as (params: unknown) => Promise<{ raw: unknown }>;
  expect((await chat(hostile)).raw).toBe(hostile);
  expect((await chat({ messages: [hostile], tools: [hostile] })).raw).toBe(hostile);
  expect((await chat({ messages })).raw).toBe(hostile);
  expect(await setup.records()).not.toEqual([]);
});

describe("options", () => {
  test("name, trace and parent are for the outermost observation", async () => {
    const parent = setup.tracer.startObservation("request");
    const trace = { userId: "u-1", tags: ["beta"] };
    const { uninstall } = install(setup, v12, { name: "ask", parent, trace });
    const engine = (await createIndex(v12)).asQueryEngine();
    await setup.tracer.runWithObservation(setup.tracer.startObservation("elsewhere"), () =>
      engine.query({ query: "How often?" }),
    );
    uninstall();
    parent.end();
    const tree = (await setup.tree()).split("\n");
    expect(tree.slice(-5)).toEqual([
      "  chain ask",
      "    retriever VectorIndexRetriever.retrieve",
      "      embedding OpenAIEmbedding",
      "    span CompactAndRefine.synthesize",
      "      generation OpenAI.chat",
    ]);
    expect((await setup.records()).find(({ name }) => name === "ask")!.trace.current()).toMatchObject(trace);
  });

  test("parent: null makes each call a trace of its own, and keeps it together", async () => {
    const outer = setup.tracer.startObservation("outer");
    const llm = createLLM(setup);
    traceLLM(llm, { tracer: setup.tracer, parent: null });
    await setup.tracer.runWithObservation(outer, () => llm.chat({ messages }));
    outer.end();
    const [first, second] = await setup.records();
    expect(first!.traceId).not.toBe(second!.traceId);
  });

  test("without input and output, numbers and names stay", async () => {
    const { uninstall } = install(setup, v12, { captureInput: false, captureOutput: false });
    const secret = "xylophone";
    const index = await v12.VectorStoreIndex.fromDocuments([new v12.Document({ text: `A ${secret}.` })]);
    await index.asQueryEngine().query({ query: `What is a ${secret}?` });
    uninstall();
    const records = await setup.records();
    expect(JSON.stringify(records)).not.toContain(secret);
    expect(records.at(-1)!.usageDetails!["total"]).toBeGreaterThan(1);
  });

  test("text of nodes up to a limit, counted, and never a vector", async () => {
    const { uninstall } = install(setup, v12, { maxNodeTextChars: 10 });
    const retriever = (await createIndex(v12)).asRetriever();
    await retriever.retrieve("How often?");
    uninstall();
    const record = (await setup.records()).find(({ type }) => type === "retriever")!;
    const nodes = JSON.parse(record.output!) as { text: string }[];
    expect(nodes.map(({ text }) => text)).toEqual(["Spanwise f", "The server"]);
    expect(JSON.parse(record.metadata!)).toMatchObject({ cutNodeChars: 42 });
    expect(record.output).not.toMatch(/embedding|0\.\d{6}.*0\.\d{6}.*0\.\d{6}/);
  });

  test("a tracer that is off costs nothing and changes nothing", async () => {
    await setup.tracer.shutdown();
    const { uninstall, llm } = install(setup, v12, { tracer: { ...setup.tracer, enabled: false } });
    const response = await llm.chat({ messages });
    uninstall();
    expect(response.message.content).not.toBe("");
  });
});

test("nodes that hold cycles and keys", async () => {
  const { uninstall } = install(setup, v12);
  const metadata: Record<string, unknown> = { page: 1 };
  metadata["self"] = metadata;
  class Retriever extends v12.BaseRetriever {
    // oxlint-disable-next-line no-useless-constructor -- the base's is protected
    public constructor() {
      super();
    }
    client = createEmbedding(setup);
    async _retrieve(): Promise<never> {
      return [{ node: { id_: "n", text: "found", metadata, client: this.client }, score: 1 }] as never;
    }
  }
  await new Retriever().retrieve("x");
  uninstall();
  const [record] = await setup.records();
  expect(record!.output).toContain("found");
  expect(JSON.stringify(record)).not.toContain("sk-secret");
});

test("ingestion: the pipeline with its steps, with true times", async () => {
  const { uninstall, embedModel } = install(setup, v12);
  const pipeline = new v12.IngestionPipeline({
    transformations: [new v12.SentenceSplitter({ chunkSize: 20, chunkOverlap: 0 }), embedModel],
  });
  const text = "One sentence is here. ".repeat(400);
  const startedMs = performance.now();
  await pipeline.run({ documents: [new v12.Document({ text })] });
  const tookMs = performance.now() - startedMs;
  uninstall();
  expect(await setup.tree()).toBe(
    [
      "chain IngestionPipeline.run",
      "  span SentenceSplitter.getNodesFromDocuments",
      "  embedding OpenAIEmbedding",
    ].join("\n"),
  );
  const [run, parsing, embedding] = await setup.records();
  const parsingMs = parsing!.endTime! - parsing!.startTime;
  expect(parsingMs).toBeGreaterThan(1);
  expect(parsingMs).toBeLessThan(tookMs);
  expect(embedding!.startTime).toBeGreaterThanOrEqual(parsing!.endTime!);
  expect(JSON.parse(run!.metadata!)).toEqual({ transformations: ["SentenceSplitter", "OpenAIEmbedding"] });
});

test("what is put into an index later is one observation, two at once are two", async () => {
  const { uninstall } = install(setup, v12);
  const index = await createIndex(v12);
  await Promise.all(["new", "newer"].map((text) => index.insert(new v12.Document({ text, id_: text }))));
  await index.insertNodes([new v12.TextNode({ text: "a node" })]);
  const summaries = await v12.SummaryIndex.fromDocuments([new v12.Document({ text: "first" })]);
  await summaries.insert(new v12.Document({ text: "second" }));
  const store = Object.values(index.vectorStores)[0]!;
  Object.assign(store, { add: () => Promise.reject(new Error("store is down")) });
  await expect(index.insert(new v12.Document({ text: "lost" }))).rejects.toThrow("store is down");
  uninstall();
  const parts = ["  span SentenceSplitter.getNodesFromDocuments", "  embedding OpenAIEmbedding"];
  expect((await setup.tree()).split("\n").slice(3)).toEqual([
    "chain VectorStoreIndex.insert",
    ...parts,
    "chain VectorStoreIndex.insert",
    ...parts,
    "chain VectorStoreIndex.insertNodes",
    parts[1],
    "chain SummaryIndex.fromDocuments",
    parts[0],
    "chain SummaryIndex.insert",
    parts[0],
    "chain VectorStoreIndex.insert (error)",
    ...parts,
  ]);
});

test("chunking when it is asked for", async () => {
  const { uninstall } = install(setup, v12, { include: { chunking: true } });
  new v12.SentenceSplitter().getNodesFromDocuments([new v12.Document({ text: "One. Two." })]);
  uninstall();
  expect(await setup.tree()).toBe("span SentenceSplitter.getNodesFromDocuments\n  span chunking");
});

function describeClass(given: unknown): unknown {
  const { prototype } = given as { prototype: object };
  return Object.getOwnPropertyNames(prototype).map((key) => Object.getOwnPropertyDescriptor(prototype, key)?.value);
}
