import { withTraceEvents } from "@llamaindex/workflow-core/middleware/trace-events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkflowPlugin, hookCallbackManager, instrumentLlamaIndex } from "../src/index.ts";
import { createEmbedding, createIndex, createLLM, readAll, settingsOf, v12, workflow } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";

let setup: Setup;

beforeEach(async () => {
  setup = await createSetup();
  Object.assign(settingsOf(v12), { llm: createLLM(setup), embedModel: createEmbedding(setup) });
});
afterEach(() => setup.close());

test("events alone: what llamaindex's own manager tells", async () => {
  const hook = hookCallbackManager(v12.Settings.callbackManager, { tracer: setup.tracer });
  expect(hookCallbackManager(v12.Settings.callbackManager)).toBe(hook);
  const index = await createIndex(v12);
  await Promise.all(["one", "two"].map((query) => index.asQueryEngine().query({ query })));
  hook.uninstall();
  await index.asQueryEngine().query({ query: "three" });

  const records = await setup.records();
  for (const text of ["one", "two"]) {
    const root = records.find(({ input }) => input === JSON.stringify(text))!;
    expect(root).toMatchObject({ name: "RetrieverQueryEngine.query", type: "chain", status: "ok" });
    const below = records.filter(({ parentId }) => parentId === root.id);
    expect(below.map(({ name }) => name)).toEqual(["retrieve", "synthesize"]);
  }
  expect(JSON.stringify(records)).not.toContain("three");
});

test("one manager for both copies of the core brings the model calls", async () => {
  const { CallbackManager } = v12;
  const manager = new CallbackManager();
  const hook = hookCallbackManager(manager, { tracer: setup.tracer });
  const core = await import("@llamaindex/core/global");
  const before = core.Settings.callbackManager;
  core.Settings.callbackManager = manager as never;
  await v12.Settings.withCallbackManager(manager, async () => {
    const engine = (await createIndex(v12)).asQueryEngine();
    for await (const chunk of await engine.query({ query: "x", stream: true })) void chunk;
  });
  core.Settings.callbackManager = before;
  hook.uninstall();
  const generation = (await setup.records()).find(({ type }) => type === "generation")!;
  expect(generation).toMatchObject({ status: "ok" });
  expect(JSON.parse(generation.output!)).toMatchObject({ role: "assistant", content: expect.stringMatching(/./) });
});

test("a model that no wrapper was put on is recorded by its events, once", async () => {
  const core = await import("@llamaindex/core/global");
  const handle = instrumentLlamaIndex({ llamaindex: v12, core }, { tracer: setup.tracer });
  const unknown = createLLM(setup);
  const messages = [{ role: "user" as const, content: "Hello" }];
  await unknown.chat({ messages });
  await readAll(await unknown.chat({ messages, stream: true }));
  handle.uninstall();
  const records = await setup.records();
  // The first call made it known.
  expect(records.map(({ name }) => name)).toEqual(["OpenAI.chat", "OpenAI.chat"]);
  for (const { usageDetails } of records) expect(usageDetails!["total"]).toBeGreaterThan(1);
});

test("a listener of the application's hears what it heard", async () => {
  const heard: string[] = [];
  const listen = (event: { detail: { id: string } }) => void heard.push(typeof event.detail.id);
  v12.Settings.callbackManager.on("query-start", listen);
  const handle = instrumentLlamaIndex({ llamaindex: v12 }, { tracer: setup.tracer });
  await (await createIndex(v12)).asQueryEngine().query({ query: "x" });
  handle.uninstall();
  v12.Settings.callbackManager.off("query-start", listen);
  expect(heard).toEqual(["string"]);
});

test("beside an installation, what is wrapped is recorded once", async () => {
  const handle = instrumentLlamaIndex({ llamaindex: v12, workflow }, { tracer: setup.tracer });
  const hook = hookCallbackManager(v12.Settings.callbackManager, { tracer: setup.tracer });
  await (await createIndex(v12)).asQueryEngine().query({ query: "x" });
  hook.uninstall();
  handle.uninstall();
  expect(await setup.tree()).toBe(
    [
      "chain VectorStoreIndex.fromDocuments",
      "  span SentenceSplitter.getNodesFromDocuments",
      "  embedding OpenAIEmbedding",
      "chain RetrieverQueryEngine.query",
      "  retriever VectorIndexRetriever.retrieve",
      "    embedding OpenAIEmbedding",
      "  span CompactAndRefine.synthesize",
      "    generation OpenAI.chat",
    ].join("\n"),
  );
});

test("it takes a callback manager", () => {
  expect(() => hookCallbackManager({})).toThrow(/Settings\.callbackManager/);
});

test("a workflow of the application's own", async () => {
  const { createWorkflow, workflowEvent } = workflow;
  const startEvent = workflowEvent<string>({ debugLabel: "start" });
  const stopEvent = workflowEvent<string>({ debugLabel: "stop" });
  const flow = withTraceEvents(createWorkflow(), {
    plugins: [createWorkflowPlugin({ tracer: setup.tracer }) as never],
  });
  flow.handle([startEvent], async function shout(_context: unknown, event: { data: string }) {
    return stopEvent.with(event.data.toUpperCase());
  } as never);
  const { stream, sendEvent } = flow.createContext();
  sendEvent(startEvent.with("hello"));
  await stream.until(stopEvent).toArray();
  const [record] = await setup.records();
  expect(record).toMatchObject({ name: "shout", type: "chain", input: '"hello"', output: '"HELLO"' });
});
