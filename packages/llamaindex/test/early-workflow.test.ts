import { Settings } from "@llamaindex/core/global";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import * as early from "workflow-v1-0";
import { instrumentLlamaIndex, traceEngine } from "../src/index.ts";
import { gc } from "./support/gc.ts";
import { createLLM, openai, v12 } from "./support/llamaindex.ts";
import { TOOL_RUN } from "./support/trees.ts";
import { createSetup, type Setup } from "./support/setup.ts";

/** `@llamaindex/workflow` 1.0, of the first releases of llamaindex 0.11. */
let setup: Setup;
let uninstall: () => void;

beforeEach(async () => {
  setup = await createSetup();
  // Its memory asks for a model when it is made.
  Settings.llm = createLLM(setup);
  ({ uninstall } = instrumentLlamaIndex({ llamaindex: v12, openai, workflow: early }, { tracer: setup.tracer }));
});
afterEach(async () => {
  uninstall();
  await setup.close();
});

function createAgent(name = "helper", rest: object = {}): early.AgentWorkflow {
  const parameters = { type: "object", properties: { a: { type: "string" } } };
  const add = v12.tool({ name: "add", description: "adds", parameters, execute: () => "4" } as never);
  // Models and tools of another copy of the core, to the type checker too.
  return early.agent({ name, llm: createLLM(setup), tools: [add], ...rest });
}

const toolCall = { answer: { toolCalls: [{ name: "add", arguments: '{"a":"2"}' }] } };

test("a run that is awaited", async () => {
  setup.server.script([toolCall]);
  const { data } = await createAgent().run("2+2?");
  expect((await setup.tree()).split("\n")).toEqual(TOOL_RUN);
  const [run, step] = await setup.records();
  expect(run).toMatchObject({
    input: '"2+2?"',
    output: JSON.stringify(Reflect.get(Object(data), "result")),
    status: "ok",
  });
  expect(JSON.parse(step!.output!)).toMatchObject({ tool_calls: [{ function: { name: "add" } }] });
});

test("a run that is iterated, and one that is left", async () => {
  setup.server.script([toolCall]);
  let text: unknown;
  for await (const event of createAgent().run("2+2?")) {
    if (event instanceof early.StopEvent) text = Reflect.get(Object(event.data), "result");
  }
  for await (const event of createAgent("left").run("Hello")) if (event instanceof early.AgentInput) break;
  expect((await setup.tree()).split("\n").slice(0, TOOL_RUN.length)).toEqual(TOOL_RUN);
  const runs = (await setup.records()).filter(({ type }) => type === "agent");
  expect(runs[0]).toMatchObject({ status: "ok", output: JSON.stringify(text) });
  expect(runs[1]).toMatchObject({ name: "left", status: "cancelled" });
});

test("what the caller does with the result is outside of the run", async () => {
  const outer = setup.tracer.startObservation("outer");
  const seen: unknown[] = [];
  await setup.tracer.runWithObservation(outer, () =>
    createAgent()
      .run("Hello")
      .then(() => seen.push(setup.tracer.getActiveObservation()?.id))
      .finally(() => seen.push(setup.tracer.getActiveObservation()?.id)),
  );
  outer.end();
  expect(seen).toEqual([outer.id, outer.id]);
});

test("a run awaited twice is one", async () => {
  const running = createAgent().run("Hello");
  const [first, second] = [await running, await running];
  expect(second).toBe(first);
  expect((await setup.records()).filter(({ type }) => type === "agent")).toHaveLength(1);
});

test("a model that fails: the caller's own error, and error all the way up", async () => {
  const silenced = vi.spyOn(console, "error").mockImplementation(() => {});
  setup.server.script([{ status: 400, error: { message: "no such thing" } }]);
  await expect(createAgent().run("Hello")).rejects.toMatchObject({ status: 400 });
  silenced.mockRestore();
  expect((await setup.records()).map(({ type, status }) => [type, status])).toEqual([
    ["agent", "error"],
    ["span", "error"],
    ["generation", "error"],
  ]);
});

test("a run that times out", async () => {
  setup.server.script([{ delayMs: 2_000 }]);
  await expect(createAgent("slow", { timeout: 0.05 }).run("Hello")).rejects.toThrow(/timed out/);
  await expect.poll(async () => (await setup.records()).find(({ type }) => type === "agent")?.status).toBe("error");
});

test("two runs at once of one workflow, and one of another", async () => {
  const one = createAgent("one");
  await Promise.all([one.run("First"), one.run("Second"), createAgent("other").run("Third")]);
  const records = await setup.records();
  const runs = records.filter(({ type }) => type === "agent");
  expect(runs.map(({ name, input }) => [name, input])).toEqual([
    ["one", '"First"'],
    ["one", '"Second"'],
    ["other", '"Third"'],
  ]);
  for (const { traceId, input } of runs) {
    const generations = records.filter((record) => record.traceId === traceId && record.type === "generation");
    expect(generations).toHaveLength(1);
    expect(generations[0]!.input).toContain(JSON.parse(input!));
  }
});

test("a run that nobody looks at does not begin, and is incomplete", async () => {
  createAgent().run("Hello");
  await expect
    .poll(async () => {
      gc();
      return (await setup.records()).map(({ type, status }) => [type, status]);
    })
    .toEqual([["agent", "incomplete"]]);
});

test("one workflow alone", async () => {
  uninstall();
  const helper = traceEngine(createAgent(), { tracer: setup.tracer });
  await helper.run("Hello");
  expect((await setup.records()).map(({ type }) => type)).toEqual(["agent", "span", "generation"]);
});
