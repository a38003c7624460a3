import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { instrumentLlamaIndex, traceEngine } from "../src/index.ts";
import { createIndex, createLLM, install, type Installed, openai, readAll, settingsOf } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { QUERY as QUERY_LINES } from "./support/trees.ts";
import { catchUnhandledRejections } from "./support/unhandled.ts";
import { versions } from "./support/versions.ts";

let setup: Setup;
let installed: Installed;

beforeEach(async () => void (setup = await createSetup()));
afterEach(async () => {
  installed?.uninstall();
  await setup.close();
});

const QUERY = QUERY_LINES.join("\n");

describe.each(versions)("llamaindex %s", (_version, llamaindex) => {
  test("indexing and a query, where two copies of the core are installed", async () => {
    installed = install(setup, llamaindex);
    // The default install: a model of the one copy is no model of the other.
    expect(installed.llm instanceof llamaindex.BaseLLM).toBe(false);
    const index = await createIndex(llamaindex);
    const response = await index.asQueryEngine().query({ query: "How often does it flush?" });

    expect(await setup.tree()).toBe(
      [
        "chain VectorStoreIndex.fromDocuments",
        "  span SentenceSplitter.getNodesFromDocuments",
        "  embedding OpenAIEmbedding",
        QUERY,
      ].join("\n"),
    );
    const records = await setup.records();
    const [query, retrieve, , synthesize, generation] = records.slice(3);
    expect(query).toMatchObject({ input: '"How often does it flush?"' });
    expect(JSON.parse(query!.output!)).toBe(response.message.content);
    const nodes = JSON.parse(retrieve!.output!) as Record<string, unknown>[];
    expect(nodes).toHaveLength(2);
    expect(nodes[0]).toEqual({
      id: expect.any(String),
      score: expect.any(Number),
      text: "Spanwise flushes every second.",
      metadata: { page: 0 },
    });
    expect(JSON.parse(retrieve!.metadata!)).toMatchObject({ topK: { TEXT: 2 } });
    expect(JSON.parse(synthesize!.input!)).toMatchObject({ query: "How often does it flush?", nodes: [{}, {}] });
    expect(generation).toMatchObject({ model: "gpt-4o-mini-2024-07-18", provider: "openai" });
    expect(generation!.usageDetails!["input"]).toBeGreaterThan(10);
    expect(JSON.stringify(records)).not.toContain("sk-secret");
  });

  test("a streamed query is open until its last token", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    const stream = await engine.query({ query: "How often?", stream: true });
    const text = (await readAll(stream)).map(({ delta }) => delta).join("");

    expect(await setup.tree()).toContain(QUERY);
    const [query, , , synthesize, generation] = (await setup.records()).slice(3);
    expect(text).not.toBe("");
    expect(JSON.parse(query!.output!)).toBe(text);
    expect(JSON.parse(synthesize!.output!)).toBe(text);
    expect(generation!.completionStartTime).toBeGreaterThan(generation!.startTime);
    expect(generation!.usageDetails!["output"]).toBeGreaterThan(1);
    expect(query!.endTime!).toBeGreaterThanOrEqual(generation!.endTime!);
  });

  test("a streamed query that is broken off is cancelled, with what came", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    for await (const { delta } of await engine.query({ query: "How often?", stream: true })) if (delta) break;

    const [query, , , synthesize, generation] = (await setup.records()).slice(3);
    for (const record of [query, synthesize, generation]) expect(record).toMatchObject({ status: "cancelled" });
    expect(JSON.parse(query!.output!)).not.toBe("");
  });

  test("a model that fails: the caller's own error, and error all the way up", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    setup.server.script([{ status: 400, error: { message: "no such thing" }, match: isChat }]);
    const error: unknown = await engine.query({ query: "How often?" }).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ status: 400 });
    const failed = (await setup.records()).filter(({ status }) => status === "error");
    expect(failed.map(({ name }) => name)).toEqual([
      "RetrieverQueryEngine.query",
      "CompactAndRefine.synthesize",
      "OpenAI.chat",
    ]);
    expect(failed[2]!.statusMessage).toContain("no such thing");
  });

  test("a stream that fails on its way", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    setup.server.script([{ stream: { breakAfterChunks: 3, how: "reset" }, match: isChat }]);
    await expect(engine.query({ query: "How often?", stream: true }).then(readAll)).rejects.toThrow();
    const failed = (await setup.records()).filter(({ status }) => status === "error");
    expect(failed.map(({ type }) => type)).toEqual(["chain", "span", "generation"]);
  });

  test("parallel queries and bare retrieves do not mix", async () => {
    installed = install(setup, llamaindex);
    const index = await createIndex(llamaindex);
    const engine = index.asQueryEngine();
    const retriever = index.asRetriever();
    await Promise.all([
      engine.query({ query: "one" }),
      engine.query({ query: "two" }),
      retriever.retrieve("three"),
      retriever.retrieve("four"),
    ]);
    const records = await setup.records();
    for (const text of ["one", "two"]) {
      const root = records.find(({ name, input }) => name.endsWith(".query") && input === JSON.stringify(text))!;
      const below = records.filter(({ traceId, id }) => traceId === root.traceId && id !== root.id);
      expect(below.map(({ type }) => type).toSorted()).toEqual(["embedding", "generation", "retriever", "span"]);
      expect(below.find(({ type }) => type === "generation")!.input).toContain(`Query: ${text}`);
    }
    for (const text of ["three", "four"]) {
      const root = records.find(({ type, input }) => type === "retriever" && input === JSON.stringify(text))!;
      expect(root.parentId).toBeUndefined();
      expect(records.filter(({ parentId }) => parentId === root.id).map(({ input }) => input)).toEqual([root.input]);
    }
  });

  test("an engine that was built before", async () => {
    settingsOf(llamaindex).llm = createLLM(setup);
    installed = install(setup, llamaindex);
    installed.uninstall();
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    const again = instrumentLlamaIndex({ llamaindex }, { tracer: setup.tracer });
    await engine.query({ query: "How often?" });
    expect(await setup.tree()).toBe(QUERY);
    again.uninstall();
  });

  test("one engine alone, without an installation", async () => {
    installed = install(setup, llamaindex);
    installed.uninstall();
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    expect(traceEngine(engine, { tracer: setup.tracer })).toBe(engine);
    await engine.query({ query: "How often?" });
    expect(await setup.tree()).toBe(QUERY);
  });

  test("a stream that is read elsewhere belongs where it was asked for", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    const stream = await engine.query({ query: "How often?", stream: true });
    const elsewhere = setup.tracer.startObservation("elsewhere");
    await setup.tracer.runWithObservation(elsewhere, () => readAll(stream));
    elsewhere.end();
    const tree = await setup.tree();
    expect(tree).toContain(QUERY);
    expect(tree.endsWith("\nspan elsewhere")).toBe(true);
  });

  test("a query that fails and that nobody awaits is one unhandled rejection", async () => {
    installed = install(setup, llamaindex);
    const engine = (await createIndex(llamaindex)).asQueryEngine();
    setup.server.script([{ status: 400, match: isChat }]);
    const { rejections, restore } = catchUnhandledRejections();
    void engine.query({ query: "How often?" });
    await expect.poll(() => rejections).toMatchObject([{ status: 400 }]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    restore();
    expect(rejections).toHaveLength(1);
  });

  test("sub-questions that run side by side", async () => {
    installed = install(setup, llamaindex);
    const index = await createIndex(llamaindex);
    const tools = ["flush", "port"].map(
      (name) =>
        new llamaindex.QueryEngineTool({ queryEngine: index.asQueryEngine(), metadata: { name, description: name } }),
    );
    const engine = llamaindex.SubQuestionQueryEngine.fromDefaults({ queryEngineTools: tools });
    const questions = [
      { subQuestion: "How often?", toolName: "flush" },
      { subQuestion: "Which port?", toolName: "port" },
    ];
    setup.server.script([{ answer: { text: JSON.stringify(questions) }, match: isChat }]);
    await engine.query({ query: "Tell me all" });

    const records = (await setup.records()).slice(3);
    const root = records[0]!;
    const childrenOf = (id: string) => records.filter(({ parentId }) => parentId === id);
    expect(root.name).toBe("SubQuestionQueryEngine.query");
    expect(childrenOf(root.id).map(({ type, name }) => `${type} ${name}`)).toEqual([
      "generation OpenAI.chat",
      "tool flush",
      "tool port",
      "span CompactAndRefine.synthesize",
    ]);
    for (const [name, question] of [
      ["flush", "How often?"],
      ["port", "Which port?"],
    ]) {
      const tool = records.find((record) => record.name === name)!;
      const [query, ...others] = childrenOf(tool.id);
      expect(others).toEqual([]);
      expect(query).toMatchObject({ name: "RetrieverQueryEngine.query", input: JSON.stringify(question) });
      expect(childrenOf(query!.id).map(({ type }) => type)).toEqual(["retriever", "span"]);
    }
  });

  test("a router says what it chose", async () => {
    installed = install(setup, llamaindex);
    const index = await createIndex(llamaindex);
    const engine = llamaindex.RouterQueryEngine.fromDefaults({
      queryEngineTools: [
        { queryEngine: index.asQueryEngine(), description: "about flushing" },
        { queryEngine: index.asQueryEngine(), description: "about ports" },
      ],
    });
    setup.server.script([{ answer: { text: '[{"choice": 2, "reason": "asks for a port"}]' }, match: isChat }]);
    await engine.query({ query: "Which port?" });

    const [router, selector, query] = (await setup.records()).slice(3);
    expect(router).toMatchObject({ name: "RouterQueryEngine.query" });
    expect(JSON.parse(router!.metadata!)).toMatchObject({
      selectorResult: [{ index: 1, reason: "asks for a port" }],
    });
    expect(selector).toMatchObject({ type: "generation", parentId: router!.id });
    expect(query).toMatchObject({ name: "RetrieverQueryEngine.query", parentId: router!.id });
  });
});

test("an engine class of the application's own, from the other copy of the core", async () => {
  const [, llamaindex] = versions[0]!;
  installed = install(setup, llamaindex);
  class Engine extends llamaindex.BaseQueryEngine {
    async _query(query: unknown): Promise<never> {
      const { message } = await installed.llm.chat({ messages: [{ role: "user", content: String(query) }] });
      return llamaindex.EngineResponse.fromResponse(
        JSON.stringify(message.content),
        false,
        undefined as never,
      ) as never;
    }
    protected _getPrompts() {
      return {};
    }
    protected _updatePrompts() {}
    protected _getPromptModules() {
      return {};
    }
  }
  await new Engine().query({ query: "hello" });
  expect(await setup.tree()).toBe("chain Engine.query\n  generation OpenAI.chat");
  expect(openai.OpenAI.name).toBe("OpenAI");
});

function isChat({ path }: { path: string }): boolean {
  return path.endsWith("/chat/completions");
}
