import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createIndex, install, type Installed, openai, readAll, v12, workflow } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { QUERY } from "./support/trees.ts";

let setup: Setup;
let installed: Installed;

beforeEach(async () => {
  setup = await createSetup();
  installed = install(setup, v12);
});
afterEach(async () => {
  installed.uninstall();
  await setup.close();
});

type Request = { path: string; rawBody: string };
const isChat = ({ path }: Request): boolean => path.endsWith("/chat/completions");
const isEmbedding = ({ path }: Request): boolean => path.endsWith("/embeddings");

/** What was recorded after indexing, without the parts that ended well. */
async function failed(): Promise<string[]> {
  const records = await setup.records();
  return records.filter(({ status }) => status !== "ok").map(({ name, status }) => `${name} ${status}`);
}

const broken = (): never => {
  throw new Error("broken part");
};

describe("an error in each part goes up as far as the exception does", () => {
  test("the embedding of the question", async () => {
    const engine = (await createIndex(v12)).asQueryEngine();
    setup.server.script([{ status: 400, match: isEmbedding }]);
    await expect(engine.query({ query: "x" })).rejects.toMatchObject({ status: 400 });
    expect(await failed()).toEqual([
      "RetrieverQueryEngine.query error",
      "VectorIndexRetriever.retrieve error",
      "OpenAIEmbedding error",
    ]);
  });

  test("the vector store", async () => {
    const index = await createIndex(v12);
    const retriever = index.asRetriever();
    for (const store of Object.values(index.vectorStores)) Object.assign(store, { query: broken });
    await expect(retriever.retrieve("x")).rejects.toThrow("broken part");
    expect(await failed()).toEqual(["VectorIndexRetriever.retrieve error"]);
  });

  test("a postprocessor, which is recorded with what it left of the nodes", async () => {
    const index = await createIndex(v12);
    const cutoff = new v12.SimilarityPostprocessor({ similarityCutoff: -1 });
    const first = { postprocessNodes: (nodes: unknown[]) => nodes.slice(0, 1) };
    const ask = (...nodePostprocessors: unknown[]) =>
      index.asQueryEngine({ nodePostprocessors } as never).query({ query: "x" });
    await ask(first, cutoff);
    const tree = (await setup.tree()).split("\n").slice(3);
    const parts = tree.filter((line) => line.includes("postprocessNodes"));
    expect(parts).toEqual(["  span postprocessor.postprocessNodes", "  span SimilarityPostprocessor.postprocessNodes"]);
    const record = (await setup.records()).find(({ name }) => name === "postprocessor.postprocessNodes")!;
    expect(JSON.parse(record.input!)).toMatchObject({ query: "x", nodes: [{}, {}] });
    expect(JSON.parse(record.output!)).toHaveLength(1);

    await expect(ask({ postprocessNodes: broken })).rejects.toThrow("broken part");
    expect(await failed()).toEqual(["RetrieverQueryEngine.query error", "postprocessor.postprocessNodes error"]);
  });

  test("the model of a synthesizer that is asked by itself, of every kind", async () => {
    const nodes = [{ node: new v12.TextNode({ text: "It flushes every second." }), score: 0.5 }];
    for (const mode of ["compact", "refine", "tree_summarize", "multi_modal"] as const) {
      const synthesizer = v12.getResponseSynthesizer(mode);
      await synthesizer.synthesize({ query: "How often?", nodes });
      for await (const chunk of await synthesizer.synthesize({ query: "How often?", nodes }, true)) void chunk;
    }
    const whole = (await setup.tree()).split("\n");
    expect(new Set(whole.filter((line) => !line.startsWith(" ")))).toEqual(
      new Set(["CompactAndRefine", "Refine", "TreeSummarize", "MultiModal"].map((name) => `span ${name}.synthesize`)),
    );
    expect(whole.filter((line) => line === "  generation OpenAI.chat")).toHaveLength(8);
    setup.server.script([{ status: 400, match: isChat }]);
    await expect(
      v12.getResponseSynthesizer("tree_summarize").synthesize({ query: "How often?", nodes }),
    ).rejects.toMatchObject({ status: 400 });
    expect(await failed()).toEqual(["TreeSummarize.synthesize error", "OpenAI.chat error"]);
  });

  test("a stream that is refused at once", async () => {
    const engine = new v12.ContextChatEngine({ retriever: (await createIndex(v12)).asRetriever() });
    setup.server.script([{ status: 400, match: isChat }]);
    await expect(engine.chat({ message: "x", stream: true }).then(readAll)).rejects.toMatchObject({ status: 400 });
    expect(await failed()).toEqual(["ContextChatEngine.chat error", "OpenAI.chat error"]);
  });

  test("a node parser, and a step of a pipeline", async () => {
    const documents = [new v12.Document({ text: "One. Two." })];
    class Broken extends v12.SentenceSplitter {
      protected override parseNodes(): never {
        return broken();
      }
    }
    const run = (transformations: unknown[]) =>
      new v12.IngestionPipeline({ transformations: transformations as never }).run({ documents });
    await expect(run([new Broken()])).rejects.toThrow("broken part");
    setup.server.script([{ status: 400, match: isEmbedding }]);
    await expect(run([installed.embedModel])).rejects.toMatchObject({ status: 400 });
    expect(await failed()).toEqual([
      "IngestionPipeline.run error",
      "Broken.getNodesFromDocuments error",
      "IngestionPipeline.run error",
      "OpenAIEmbedding error",
    ]);
  });

  test("a sub-question: LlamaIndex goes on without it", async () => {
    const index = await createIndex(v12);
    const queryEngine = index.asQueryEngine();
    const tool = new v12.QueryEngineTool({ queryEngine, metadata: { name: "flush", description: "flush" } });
    const engine = v12.SubQuestionQueryEngine.fromDefaults({ queryEngineTools: [tool] });
    const questions = [{ subQuestion: "How often?", toolName: "flush" }];
    setup.server.script([
      { answer: { text: JSON.stringify(questions) }, match: isChat },
      { status: 400, match: isEmbedding },
    ]);
    await engine.query({ query: "x" });
    expect(await failed()).toEqual([
      "flush error",
      "RetrieverQueryEngine.query error",
      "VectorIndexRetriever.retrieve error",
      "OpenAIEmbedding error",
    ]);
  });
});

test("a pipeline with an extractor that asks a model", async () => {
  const transformations = [new v12.SentenceSplitter(), new v12.TitleExtractor({ nodes: 1 })];
  await new v12.IngestionPipeline({ transformations }).run({ documents: [new v12.Document({ text: "One. Two." })] });
  const tree = (await setup.tree()).split("\n");
  expect(tree.slice(0, 2)).toEqual(["chain IngestionPipeline.run", "  span SentenceSplitter.getNodesFromDocuments"]);
  expect(new Set(tree.slice(2))).toEqual(new Set(["  generation OpenAI.chat"]));
});

test("the model that a memory asks is part of the chat", async () => {
  const facts = v12.factExtractionBlock({ id: "facts", priority: 1, llm: v12.Settings.llm, maxFacts: 5 });
  const memory = v12.createMemory({ tokenLimit: 100, shortTermTokenLimitRatio: 0.1, memoryBlocks: [facts] });
  const engine = new v12.SimpleChatEngine({ memory });
  setup.server.script([
    {
      answer: { text: '{"facts":["it flushes"]}' },
      match: ({ rawBody }) => rawBody.includes("existing_facts") || rawBody.includes("facts:"),
      times: Infinity,
    },
  ]);
  await engine.chat({ message: "Tell me all about flushing. ".repeat(20) });
  await engine.chat({ message: "And what of the port?" });
  const tree = (await setup.tree()).split("\n");
  expect(tree.filter((line) => !line.startsWith(" "))).toEqual([
    "chain SimpleChatEngine.chat",
    "chain SimpleChatEngine.chat",
  ]);
  expect(tree.filter((line) => line === "  generation OpenAI.chat").length).toBeGreaterThan(2);
});

describe("agents within", () => {
  const { agent } = workflow;

  function createTool(name: string, execute: () => unknown): never {
    return v12.tool({
      name,
      description: name,
      parameters: { type: "object", properties: {} },
      execute,
    } as never) as never;
  }
  const call = (name: string, marker: string) => ({
    answer: { toolCalls: [{ id: "call_1", name, arguments: "{}" }] },
    match: ({ rawBody }: Request) => rawBody.includes(marker) && rawBody.includes(`"name":"${name}"`),
  });

  test("an agent as the tool of another", async () => {
    const { llm } = installed;
    const inner = agent({ name: "inner", llm, tools: [createTool("count", () => "4")] });
    const ask = createTool("ask", async () => (await inner.run("inner question")).data.result);
    setup.server.script([call("ask", "outer question"), call("count", "inner question")]);
    await agent({ name: "outer", llm, tools: [ask] }).run("outer question");
    expect((await setup.tree()).split("\n")).toEqual([
      "agent outer",
      "  span step outer",
      "    generation OpenAI.chat",
      "  tool ask",
      "    agent inner",
      "      span step inner",
      "        generation OpenAI.chat",
      "      tool count",
      "      span step inner",
      "        generation OpenAI.chat",
      "  span step outer",
      "    generation OpenAI.chat",
    ]);
  });

  test("one agent asked twice at once, with one tool and equal ids of calls", async () => {
    const helper = agent({ name: "helper", llm: installed.llm, tools: [createTool("count", () => "4")] });
    setup.server.script([call("count", "First"), call("count", "Second")]);
    await Promise.all([helper.run("First"), helper.run("Second")]);
    const records = await setup.records();
    for (const root of records.filter(({ type }) => type === "agent")) {
      const mine = records.filter(({ traceId }) => traceId === root.traceId);
      expect(mine.filter(({ type }) => type === "tool").map(({ parentId }) => parentId)).toEqual([root.id]);
      for (const { input } of mine.filter(({ type }) => type === "generation")) {
        expect(input).toContain(JSON.parse(root.input!));
      }
    }
    expect(records.filter(({ type, status }) => type === "agent" && status === "ok")).toHaveLength(2);
  });
});

test("an engine of another engine, and a retriever of one's own below", async () => {
  const index = await createIndex(v12);
  class Twice extends v12.BaseRetriever {
    readonly inner = index.asRetriever();
    public constructor() {
      super();
      Object.freeze(this);
    }
    async _retrieve(params: v12.QueryBundle): Promise<v12.NodeWithScore[]> {
      const [one] = await Promise.all([this.inner.retrieve(params), this.inner.retrieve(params)]);
      return one;
    }
  }
  await new v12.RetrieverQueryEngine(new Twice()).query({ query: "x" });
  expect((await setup.tree()).split("\n").slice(3)).toEqual([
    QUERY[0],
    "  retriever Twice.retrieve",
    ...[1, 2].flatMap(() => ["    retriever VectorIndexRetriever.retrieve", "      embedding OpenAIEmbedding"]),
    ...QUERY.slice(3),
  ]);
});

test("a branch of a legacy agent's stream", async () => {
  const agent = new openai.OpenAIAgent({ llm: installed.llm, tools: [] });
  const [left, right] = (await agent.chat({ message: "Hello", stream: true })).tee();
  const texts = await Promise.all([left, right].map((branch) => readAll(branch as never)));
  expect(texts[0]).toEqual(texts[1]);
  expect(await setup.tree()).toBe("agent OpenAIAgent.chat\n  generation OpenAI.chat");
});
