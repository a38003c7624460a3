import { afterEach, beforeEach, expect, test } from "vitest";
import { traceEngine } from "../src/index.ts";
import { createIndex, createLLM, install, v12, workflow, type Installed } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { TOOL_RUN } from "./support/trees.ts";
import { catchUnhandledRejections } from "./support/unhandled.ts";

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

const { agent, multiAgent } = workflow;

function createTool(name: string, execute: (input: Record<string, unknown>) => unknown) {
  const properties = { a: { type: "string" } };
  return v12.tool({ name, description: name, parameters: { type: "object", properties }, execute } as never) as never;
}

function call(name: string, args: object) {
  return { answer: { toolCalls: [{ name, arguments: JSON.stringify(args) }] } };
}

test("a run with a tool: steps, call, answer, and tokens although agents always stream", async () => {
  const helper = agent({ name: "helper", llm: installed.llm, tools: [createTool("add", ({ a }) => `${String(a)}!`)] });
  setup.server.script([call("add", { a: "2" })]);
  const { data } = await helper.run("What is it?");

  expect((await setup.tree()).split("\n")).toEqual(TOOL_RUN);
  const [run, step, generation, tool] = await setup.records();
  expect(run).toMatchObject({ input: '"What is it?"', output: JSON.stringify(data.result) });
  expect(JSON.parse(step!.output!)).toMatchObject({ tool_calls: [{ function: { name: "add" } }] });
  expect(generation!.usageDetails!["total"]).toBeGreaterThan(5);
  expect(tool).toMatchObject({ input: '{"a":"2"}', output: '"2!"' });
});

test("a query tool: the query is in the tool", async () => {
  const index = await createIndex(v12);
  const docs = index.queryTool({ metadata: { name: "docs", description: "the docs" } }) as never;
  setup.server.script([{ ...call("docs", { query: "How often?" }), match: isChat }]);
  await agent({ name: "helper", llm: installed.llm, tools: [docs] }).run("How often does it flush?");
  expect((await setup.tree()).split("\n").slice(6)).toEqual([
    "  tool docs",
    "    chain RetrieverQueryEngine.query",
    "      retriever VectorIndexRetriever.retrieve",
    "        embedding OpenAIEmbedding",
    "      span CompactAndRefine.synthesize",
    "        generation OpenAI.chat",
    "  span step helper",
    "    generation OpenAI.chat",
  ]);
});

test("a hand-off", async () => {
  const { llm } = installed;
  const writer = agent({ name: "writer", description: "writes", llm, tools: [createTool("write", () => "written")] });
  const clerk = agent({
    name: "clerk",
    description: "asks",
    llm,
    tools: [createTool("ask", () => "asked")],
    canHandoffTo: [writer],
  });
  setup.server.script([call("handOff", { toAgent: "writer", reason: "writing" })]);
  await multiAgent({ agents: [clerk, writer], rootAgent: clerk }).run("Write it");
  expect(await setup.tree()).toBe(
    [
      "agent clerk",
      "  span step clerk",
      "    generation OpenAI.chat",
      "  tool handOff",
      "  span step writer",
      "    generation OpenAI.chat",
    ].join("\n"),
  );
  const [run, , , handOff] = await setup.records();
  expect(JSON.parse(run!.metadata!)).toEqual({ agents: ["clerk", "writer"] });
  expect(JSON.parse(handOff!.input!)).toEqual({ toAgent: "writer", reason: "writing" });
});

test("two runs at once with the same ids of tool calls", async () => {
  const runs = ["one", "two"].map((name) =>
    agent({ name, llm: createLLM(setup), tools: [createTool(`tool-${name}`, () => `from ${name}`)] }),
  );
  const toolCall = (name: string) => ({ id: "call_1", name: `tool-${name}`, arguments: "{}" });
  setup.server.script(
    ["one", "two"].map((name) => ({
      answer: { toolCalls: [toolCall(name)] },
      match: ({ rawBody }) => rawBody.includes(`tool-${name}`),
    })),
  );
  await Promise.all(runs.map((run) => run.run("Go")));
  const records = await setup.records();
  for (const name of ["one", "two"]) {
    const root = records.find((record) => record.name === name)!;
    const mine = records.filter(({ traceId }) => traceId === root.traceId);
    expect(mine.map(({ type }) => type).toSorted()).toEqual(
      ["agent", "generation", "generation", "span", "span", "tool"].toSorted(),
    );
    expect(mine.find(({ type }) => type === "tool")).toMatchObject({ name: `tool-${name}`, parentId: root.id });
  }
});

test("a tool that throws: the agent goes on, the tool is an error", async () => {
  const fails = createTool("fails", () => {
    throw new Error("broken tool");
  });
  setup.server.script([call("fails", {})]);
  await agent({ name: "helper", llm: installed.llm, tools: [fails] }).run("Go");
  const records = await setup.records();
  expect(records.find(({ type }) => type === "tool")).toMatchObject({ status: "error", statusMessage: "broken tool" });
  expect(records[0]).toMatchObject({ type: "agent", status: "ok" });
});

test("a model that fails: LlamaIndex never settles the run, the record ends with the error", async () => {
  setup.server.script([{ status: 400, error: { message: "no such thing" } }]);
  const { rejections, restore } = catchUnhandledRejections();
  try {
    void agent({ name: "helper", llm: installed.llm, tools: [createTool("add", () => "")] }).run("Go");
    await expect
      .poll(async () => (await setup.records()).map(({ status }) => status))
      .toEqual(["error", "error", "error"]);
    // The one that there is without us.
    await expect.poll(() => rejections).toMatchObject([{ status: 400 }]);
  } finally {
    restore();
  }
  const [run] = await setup.records();
  expect(run).toMatchObject({ type: "agent", level: "ERROR" });
  expect(run!.statusMessage).toContain("no such thing");
});

test("events that are streamed, and a run that its reader leaves", async () => {
  const helper = agent({ name: "helper", llm: installed.llm, tools: [createTool("add", () => "")] });
  const seen: string[] = [];
  for await (const event of helper.runStream("Hello")) {
    if (workflow.agentStreamEvent.include(event)) seen.push(event.data.delta);
  }
  for await (const event of helper.runStream("Hello")) if (workflow.agentStreamEvent.include(event)) break;
  await expect.poll(async () => (await setup.records()).filter(({ type }) => type === "agent").length).toBe(2);
  const [first, second] = (await setup.records()).filter(({ type }) => type === "agent");
  expect(seen.join("")).not.toBe("");
  expect(first).toMatchObject({ status: "ok", output: JSON.stringify(seen.join("")) });
  // The agent goes on without a reader.
  expect(second).toMatchObject({ status: "ok" });
});

test("one workflow alone, without its module", async () => {
  installed.uninstall();
  const helper = traceEngine(agent({ name: "helper", llm: installed.llm, tools: [createTool("add", () => "")] }), {
    tracer: setup.tracer,
  });
  const { data } = await helper.run("Hello");
  expect(await setup.tree()).toBe("agent helper\n  span step helper\n    generation OpenAI.chat");
  expect((await setup.records())[0]).toMatchObject({ output: JSON.stringify(data.result) });
});

test("the same workflow after another installation", async () => {
  const helper = agent({ name: "helper", llm: installed.llm, tools: [createTool("add", () => "")] });
  await helper.run("One");
  installed.uninstall();
  await helper.run("Unseen");
  installed = install(setup, v12);
  await helper.run("Two");
  const runs = (await setup.records()).filter(({ type }) => type === "agent");
  expect(runs.map(({ input, status }) => [input, status])).toEqual([
    ['"One"', "ok"],
    ['"Two"', "ok"],
  ]);
});

function isChat({ path }: { path: string }): boolean {
  return path.endsWith("/chat/completions");
}
