import { withTraceEvents } from "@llamaindex/workflow-core/middleware/trace-events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createWorkflowPlugin } from "../src/index.ts";
import { createIndex, install, v12, workflow, type Installed } from "./support/llamaindex.ts";
import { createSetup, type Setup } from "./support/setup.ts";
import { QUERY } from "./support/trees.ts";
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

const startEvent = workflow.workflowEvent<string>({ debugLabel: "start" });
const stopEvent = workflow.workflowEvent<string>({ debugLabel: "stop" });

type Handler = (context: unknown, event: { data: string }) => Promise<unknown>;

/** A workflow with one handler, and how it is asked. */
function createFlow(handler: Handler): (text: string) => Promise<string> {
  const plugin = createWorkflowPlugin({ tracer: setup.tracer });
  const flow = withTraceEvents(workflow.createWorkflow(), { plugins: [plugin as never] });
  flow.handle([startEvent], handler as never);
  return async (text) => {
    const { stream, sendEvent } = flow.createContext();
    sendEvent(startEvent.with(text));
    const events = await stream.until(stopEvent).toArray();
    return (events.at(-1) as { data: string }).data;
  };
}

test("a query in a handler is below it, also with two runs at once", async () => {
  const engine = (await createIndex(v12)).asQueryEngine();
  const ask = createFlow(async function answer(_context, { data }) {
    const { message } = await engine.query({ query: data });
    return stopEvent.with(JSON.stringify(message.content));
  });
  await Promise.all([ask("First?"), ask("Second?")]);
  expect((await setup.tree()).split("\n").slice(3)).toEqual(
    [1, 2].flatMap(() => ["chain answer", ...QUERY.map((line) => `  ${line}`)]),
  );
  const records = await setup.records();
  for (const root of records.filter(({ name }) => name === "answer")) {
    const query = records.find(({ parentId }) => parentId === root.id)!;
    expect(query.input).toBe(root.input);
    expect(JSON.parse(root.metadata!)).toEqual({ event: "stop" });
  }
});

test("a handler that fails is an error, and fails as it would without us", async () => {
  const ask = createFlow(async function fails() {
    throw new Error("broken step");
  });
  const { rejections, restore } = catchUnhandledRejections();
  void ask("x").catch(() => {});
  await expect.poll(async () => (await setup.records()).map(({ status }) => status)).toEqual(["error"]);
  // Rejections are reported when the microtasks are done.
  await new Promise((resolve) => setImmediate(resolve));
  restore();
  const plain = await countWithoutUs();
  expect(rejections.length).toBe(plain);
  expect((await setup.records())[0]).toMatchObject({ name: "fails", statusMessage: "broken step" });
});

/** Unhandled rejections of the same workflow without the plugin. */
async function countWithoutUs(): Promise<number> {
  const flow = workflow.createWorkflow();
  let ran = false;
  flow.handle([startEvent], (async () => {
    ran = true;
    throw new Error("broken step");
  }) satisfies Handler);
  const { rejections, restore } = catchUnhandledRejections();
  const { stream, sendEvent } = flow.createContext();
  sendEvent(startEvent.with("x"));
  void stream
    .until(stopEvent)
    .toArray()
    .catch(() => {});
  await expect.poll(() => ran).toBe(true);
  // Rejections are reported when the microtasks are done.
  await new Promise((resolve) => setImmediate(resolve));
  restore();
  return rejections.length;
}
