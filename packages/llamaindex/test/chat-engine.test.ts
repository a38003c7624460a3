import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { traceEngine } from "../src/index.ts";
import { createIndex, install, type Installed, openai, readAll, v12 } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { versions } from "./support/versions.ts";

let setup: Setup;
let installed: Installed;

beforeEach(async () => void (setup = await createSetup()));
afterEach(async () => {
  installed.uninstall();
  await setup.close();
});

const CONTEXT_CHAT = [
  "chain ContextChatEngine.chat",
  "  retriever VectorIndexRetriever.retrieve",
  "    embedding OpenAIEmbedding",
  "  generation OpenAI.chat",
].join("\n");

describe.each(versions)("llamaindex %s", (_version, llamaindex) => {
  test("a chat over documents, plain and streamed", async () => {
    installed = install(setup, llamaindex);
    const retriever = (await createIndex(llamaindex)).asRetriever();
    const engine = new llamaindex.ContextChatEngine({ retriever });
    await engine.chat({ message: "How often?" });
    const stream = await engine.chat({ message: "Which port?", stream: true });
    const text = (await readAll(stream)).map(({ delta }) => delta).join("");

    expect((await setup.tree()).split("\n").slice(3).join("\n")).toBe(`${CONTEXT_CHAT}\n${CONTEXT_CHAT}`);
    const [first, second] = (await setup.records()).filter(({ name }) => name === "ContextChatEngine.chat");
    expect(first).toMatchObject({ input: '"How often?"' });
    expect(JSON.parse(second!.output!)).toBe(text);
    expect(JSON.parse(second!.metadata!)).toMatchObject({ sourceNodes: [{}, {}] });
  });

  test("a plain chat", async () => {
    installed = install(setup, llamaindex);
    const engine = new llamaindex.SimpleChatEngine();
    await engine.chat({ message: "Hello" });
    expect(await setup.tree()).toBe("chain SimpleChatEngine.chat\n  generation OpenAI.chat");
  });

  test.each(["exported", "made by the index, of a class that nobody exports"])(
    "a condensed question: %s",
    async (how) => {
      installed = install(setup, llamaindex);
      const index = await createIndex(llamaindex);
      const engine =
        how === "exported"
          ? new llamaindex.CondenseQuestionChatEngine({ queryEngine: index.asQueryEngine(), chatHistory: [] })
          : index.asChatEngine({ mode: "condense_question" } as never);
      await engine.chat({ message: "How often?" });
      const tree = (await setup.tree()).split("\n").slice(3);
      if (tree[0] === "chain ContextChatEngine.chat") return; // 0.11 has one mode only.
      expect(tree).toEqual([
        "chain CondenseQuestionChatEngine.chat",
        "  generation OpenAI.chat",
        "  chain RetrieverQueryEngine.query",
        "    retriever VectorIndexRetriever.retrieve",
        "      embedding OpenAIEmbedding",
        "    span CompactAndRefine.synthesize",
        "      generation OpenAI.chat",
      ]);
    },
  );
});

test("a condensed question, streamed, and the same left early", async () => {
  installed = install(setup, v12);
  const index = await createIndex(v12);
  const create = () => new v12.CondenseQuestionChatEngine({ queryEngine: index.asQueryEngine(), chatHistory: [] });
  const text = (await readAll(await create().chat({ message: "How often?", stream: true }))).map(String).join("");
  for await (const chunk of await create().chat({ message: "How often?", stream: true })) if (String(chunk)) break;
  const records = await setup.records();
  const [whole, left] = records.filter(({ name }) => name === "CondenseQuestionChatEngine.chat");
  expect(whole).toMatchObject({ status: "ok", output: JSON.stringify(text) });
  expect(left).toMatchObject({ status: "cancelled" });
  const below = records.filter(({ traceId, type }) => traceId === left!.traceId && type === "generation");
  expect(below.map(({ status }) => status)).toEqual(["ok", "cancelled"]);
});

test("an engine that was built before is whole with traceEngine, and without it from its second call", async () => {
  installed = install(setup, v12);
  const retriever = (await createIndex(v12)).asRetriever();
  installed.uninstall();
  const engines = [new v12.ContextChatEngine({ retriever }), new v12.ContextChatEngine({ retriever })] as const;
  installed = install(setup, v12);
  const before = (await setup.tree()).split("\n").length;
  traceEngine(engines[0], { tracer: setup.tracer });
  await engines[0].chat({ message: "One" });
  await engines[1].chat({ message: "Two" });
  await engines[1].chat({ message: "Three" });
  expect((await setup.tree()).split("\n").slice(before)).toEqual([
    ...CONTEXT_CHAT.split("\n"),
    "retriever VectorIndexRetriever.retrieve",
    "  embedding OpenAIEmbedding",
    "generation OpenAI.chat",
    ...CONTEXT_CHAT.split("\n"),
  ]);
});

describe("agents of before agent()", () => {
  const tool = v12.tool({
    name: "add",
    description: "adds",
    parameters: { type: "object", properties: { a: { type: "number" } } } as never,
    execute: () => "4",
  } as never) as never;

  test("ReActAgent, whose tools the model never sees", async () => {
    installed = install(setup, v12);
    // A model of the other copy of the core, to the type checker too.
    const init = { llm: installed.llm, tools: [tool] };
    const agent = Reflect.construct(v12.ReActAgent, [init]) as InstanceType<typeof v12.ReActAgent>;
    setup.server.script([
      { answer: { text: 'Thought: I need a tool.\nAction: add\nInput: {"a": 2}' } },
      { answer: { text: "Thought: I can answer without using any more tools.\nAnswer: 4" } },
    ]);
    await agent.chat({ message: "2+2?" });
    expect(await setup.tree()).toBe(
      ["agent ReActAgent.chat", "  generation OpenAI.chat", "  tool add", "  generation OpenAI.chat"].join("\n"),
    );
  });

  test.each([false, true])("OpenAIAgent, streamed: %s", async (stream) => {
    installed = install(setup, v12);
    const agent = new openai.OpenAIAgent({ llm: installed.llm, tools: [tool] });
    setup.server.script([{ answer: { toolCalls: [{ name: "add", arguments: '{"a":2}' }] } }]);
    if (stream) {
      const answer = await agent.chat({ message: "2+2?", stream: true });
      const reader = answer.getReader();
      while (!(await reader.read()).done);
    } else await agent.chat({ message: "2+2?" });

    expect(await setup.tree()).toBe(
      ["agent OpenAIAgent.chat", "  generation OpenAI.chat", "  tool add", "  generation OpenAI.chat"].join("\n"),
    );
    const [agentRun, , toolRun] = await setup.records();
    expect(agentRun!.output).toContain("4");
    expect(toolRun).toMatchObject({ input: '{"a":2}', output: '"4"' });
  });
});
