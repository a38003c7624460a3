import { createModelServer, type ModelServer } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { CallbackHandler, traceEmbeddings } from "../src/index.ts";
import { createScriptedModel } from "./support/chat-models.ts";
import { MAJORS, type LangChain } from "./support/majors.ts";
import { createTracedCallbacks } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

const NUMBER = {
  title: "answer",
  type: "object",
  properties: { n: { type: "number" } },
  required: ["n"],
  additionalProperties: false,
};

/** Scenarios of LangChain's callbacks that no other file has. */
describe.each(MAJORS)("core $version", { timeout: 30_000 }, ({ version, load }) => {
  let lc: LangChain;
  beforeAll(async () => {
    lc = await load();
  }, 60_000);
  afterEach(() => expect(CallbackHandler.stats().open).toBe(0));

  const chatModel = (fields: object = {}) =>
    new lc.ChatOpenAI({
      model: "gpt-4o-mini",
      apiKey: "k",
      configuration: { baseURL: server.url },
      maxRetries: 0,
      ...fields,
    });

  it("structured output with the raw answer beside it: one generation, with the schema", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: '{"n":7}' } }]);
    const model = chatModel({ model: "gpt-4o" }).withStructuredOutput(NUMBER, {
      method: "jsonSchema",
      name: "answer",
      includeRaw: true,
    });
    const result = (await model.invoke("a number", { callbacks })) as { parsed: unknown };
    expect(result.parsed).toEqual({ n: 7 });
    const tree = await root();
    const all = flatten(tree);
    const generations = all.filter(({ type }) => type === "generation");
    expect(generations).toHaveLength(1);
    expect(JSON.stringify(generations[0]!.input.response_format)).toContain('"n"');
    expect(tree.output).toMatchObject({ raw: { role: "assistant" }, parsed: { n: 7 } });
    expect(all.every(({ status }) => status === "ok")).toBe(true);
  });

  it("a branch: its condition and the branch taken", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const branch = lc.RunnableBranch.from<string, string>([
      [(x: string) => x.length > 3, lc.RunnableLambda.from((x: string) => `long ${x}`)],
      lc.RunnableLambda.from((x: string) => `short ${x}`),
    ]);
    await branch.invoke("four", { callbacks });
    const tree = await root();
    expect(tree).toMatchObject({ name: "RunnableBranch", type: "chain", input: "four", output: "long four" });
    expect(tree.children.map(({ metadata, output }) => [metadata.step, output])).toEqual([
      ["condition:1", true],
      ["branch:1", "long four"],
    ]);
    expect(tree.trace.tags ?? []).toEqual([]);
  });

  it("a lambda that is a generator: its output is what it yielded", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const lambda = lc.RunnableLambda.from(async function* (x: string) {
      yield `${x}1`;
      yield `${x}2`;
    });
    await lambda.invoke("a", { callbacks });
    for await (const _ of await lambda.stream("b", { callbacks }));
    expect((await roots()).map(({ input, output }) => [input, output])).toEqual([
      ["a", "a1a2"],
      ["b", "b1b2"],
    ]);
  });

  it("retrieval: documents, the embedding below the retriever, the answer made of both", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const embeddings = traceEmbeddings(
      new lc.OpenAIEmbeddings({ model: "text-embedding-3-small", apiKey: "k", configuration: { baseURL: server.url } }),
      { tracer },
    );
    class Store extends lc.VectorStore {
      readonly #documents: { document: unknown; vector: number[] }[] = [];
      override _vectorstoreType(): string {
        return "tiny";
      }
      override async addVectors(vectors: number[][], documents: unknown[]): Promise<void> {
        documents.forEach((document, i) => this.#documents.push({ document, vector: vectors[i]! }));
      }
      override async addDocuments(documents: { pageContent: string }[]): Promise<void> {
        const texts = documents.map(({ pageContent }) => pageContent);
        await this.addVectors(await this.embeddings.embedDocuments(texts), documents);
      }
      override async similaritySearchVectorWithScore(query: number[], k: number): Promise<never> {
        const dot = (vector: number[]) => vector.reduce((sum, x, i) => sum + x * query[i]!, 0);
        const scored = this.#documents.map(({ document, vector }) => [document, dot(vector)] as const);
        return scored.toSorted((a, b) => b[1] - a[1]).slice(0, k) as never;
      }
    }
    const store = new Store(embeddings, {});
    const quiet = tracer.startObservation("index");
    await tracer.runWithObservation(quiet, () =>
      store.addDocuments(
        ["Oslo is cold.", "Rome is warm."].map((pageContent) => new lc.Document({ pageContent, metadata: { n: 1 } })),
      ),
    );
    quiet.end();
    server.script([{}, { answer: { text: "It is cold." } }]);
    const chain = lc.RunnableSequence.from([
      { context: store.asRetriever(1) as never, question: new lc.RunnablePassthrough() },
      lc.ChatPromptTemplate.fromTemplate("{context} {question}"),
      chatModel(),
      new lc.StringOutputParser(),
    ]);
    await chain.invoke("Oslo is cold.", { callbacks, runName: "rag" });
    const tree = (await roots()).find(({ name }) => name === "rag")!;
    expect(find(tree, "VectorStoreRetriever")).toMatchObject({
      type: "retriever",
      input: "Oslo is cold.",
      output: [{ pageContent: "Oslo is cold.", metadata: { n: 1 } }],
      metadata: { documents: 1, step: "map:key:context" },
      children: [{ type: "embedding", name: "OpenAIEmbeddings", output: { count: 1 } }],
    });
    expect(find(tree, "ChatOpenAI").input[0].content).toContain("Oslo is cold.");
    expect(flatten(tree).filter(({ type }) => type === "generation")).toHaveLength(1);
  });

  it("streamEvents version 2: the tree of a stream, and the events the user asked for", async () => {
    const { callbacks, root } = createTracedCallbacks();
    server.script([{ answer: { text: "one two three" }, chunkDelayMs: 5 }]);
    const chain = lc.ChatPromptTemplate.fromTemplate("{q}").pipe(chatModel()).pipe(new lc.StringOutputParser());
    const kinds = new Set<string>();
    for await (const { event } of chain.streamEvents({ q: "x" }, { version: "v2", callbacks })) kinds.add(event);
    expect(kinds).toContain("on_chat_model_stream");
    const tree = await root();
    expect(shape(tree)).toBe("RunnableSequence(ChatPromptTemplate, ChatOpenAI, StrOutputParser)");
    expect(tree).toMatchObject({ status: "ok", output: "one two three" });
    expect(find(tree, "ChatOpenAI")).toMatchObject({
      output: { content: "one two three" },
      usageDetails: { input: expect.any(Number) },
      completionStartTime: expect.any(Number),
    });
    expect(JSON.stringify(find(tree, "ChatOpenAI").modelParameters ?? {})).not.toContain("version");
  });

  it("a run id of the caller's, and one that comes again", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const runId = "0190f6a0-0000-7000-8000-000000000001";
    const step = lc.RunnableLambda.from((x: string) => x);
    await step.invoke("a", { callbacks, runId });
    await step.invoke("b", { callbacks, runId });
    expect((await roots()).map(({ input, output }) => [input, output])).toEqual([
      ["a", "a"],
      ["b", "b"],
    ]);
  });

  it("a handler on the inner model alone: a root of its own, or a child of the traced code around", async () => {
    const { callbacks, roots, tracer } = createTracedCallbacks();
    const model = createScriptedModel(lc, () => ({ content: "ok" }));
    model.callbacks = callbacks;
    const chain = lc.RunnableLambda.from((x: string) => x).pipe(model);
    await chain.invoke("x");
    const around = tracer.startObservation("around");
    await tracer.runWithObservation(around, () => chain.invoke("x"));
    around.end();
    expect((await roots()).map(shape)).toEqual(["ScriptedModel", "around(ScriptedModel)"]);
  });

  it("arguments that a tool refuses: the caller's error, and nothing left open", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const strict = lc.tool(() => "never", {
      name: "strict",
      description: "d",
      schema: { type: "object", properties: { n: { type: "number" } }, required: ["n"] } as never,
    });
    await expect(strict.invoke({ n: "text" } as never, { callbacks })).rejects.toThrow();
    expect((await roots()).filter(({ status }) => status === "ok")).toEqual([]);
  });

  it("a tool that gives a command to its graph", async () => {
    const { callbacks, root } = createTracedCallbacks();
    const hand = lc.tool(() => new lc.Command({ goto: "next", update: { a: 1 } }), {
      name: "hand",
      description: "d",
      schema: { type: "object", properties: {} } as never,
    });
    await hand.invoke({} as never, { callbacks });
    expect((await root()).output).toMatchObject({ command: { update: { a: 1 } } });
  });

  it("thread_id of a plain runnable is in the metadata, on 1.x where the caller writes it there", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    const step = lc.RunnableLambda.from((x: string) => x);
    await step.invoke("a", { callbacks, configurable: { thread_id: "t-1" } });
    await step.invoke("b", { callbacks, metadata: { thread_id: "t-2" } });
    expect((await roots()).map(({ trace }) => trace.sessionId)).toEqual([version === "1" ? undefined : "t-1", "t-2"]);
  });

  it("a model that gives no usage, and one whose client is told not to: no tokens are made up", async () => {
    const { callbacks, roots } = createTracedCallbacks();
    await createScriptedModel(lc, () => ({ content: "ok" })).invoke("x", { callbacks });
    server.script([{ answer: { text: "one two" } }]);
    for await (const _ of await chatModel({ streamUsage: false }).stream("x", { callbacks }));
    const [scripted, streamed] = await roots();
    expect(scripted).toMatchObject({ type: "generation", output: { content: "ok" }, usageDetails: undefined });
    expect(streamed!.output.content).toBe("one two");
    if (streamed!.usageDetails) expect(streamed!.metadata.usageEstimated).toBe(true);
  });
});
