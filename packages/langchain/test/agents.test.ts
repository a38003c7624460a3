import { createModelServer, type ModelServer } from "@spanwise/testing";
import { createAgent, createMiddleware, modelFallbackMiddleware } from "langchain";
import { HumanMessage } from "@langchain/core/messages";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createTraced } from "./support/traced.ts";
import { find, flatten, shape } from "./support/tree.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let server: ModelServer;
beforeAll(async () => {
  server = await createModelServer();
});
afterAll(() => server.close());

const model = (name = "gpt-4o-mini") =>
  new ChatOpenAI({ model: name, apiKey: "k", configuration: { baseURL: server.url }, maxRetries: 0 });
const NO_PARAMETERS = { type: "object", properties: {} } as never;

it("middleware: hooks are nodes, a fallback is a second model call beside the failed one", async () => {
  const { tracer, root } = createTraced();
  server.script([{ status: 500 }, { answer: { text: "from the second" } }]);
  const agent = createAgent({
    model: model(),
    tools: [],
    name: "helper",
    middleware: [
      createMiddleware({ name: "Log", beforeModel: () => undefined, afterAgent: () => undefined }),
      modelFallbackMiddleware(model("gpt-4o")),
    ],
  });
  const { messages } = await agent.invoke(
    { messages: [new HumanMessage("hi")] },
    { callbacks: [new CallbackHandler({ tracer })] },
  );
  expect(messages.at(-1)!.content).toBe("from the second");
  const tree = await root();
  expect(tree).toMatchObject({ name: "helper", type: "agent", status: "ok" });
  const names = flatten(tree).map(({ name }) => name);
  expect(names).toContain("Log.before_model");
  expect(names).toContain("Log.after_agent");
  const node = find(tree, "model_request");
  const calls = node.children.filter(({ type }) => type === "generation");
  expect(calls.map(({ status }) => status)).toEqual(["error", "ok"]);
  expect(node).toMatchObject({ status: "ok", metadata: { recoveredErrors: 1 } });
});

it("an agent inside a tool of another agent hangs under that tool", async () => {
  const { tracer, root } = createTraced();
  server.script([
    { answer: { toolCalls: [{ name: "delegate", arguments: "{}" }] } },
    { answer: { text: "inner answer" } },
    { answer: { text: "outer answer" } },
  ]);
  const inner = createAgent({ model: model(), tools: [], name: "inner" });
  const delegate = tool(
    async () => {
      const { messages } = await inner.invoke({ messages: [new HumanMessage("inner?")] });
      return messages.at(-1)!.content;
    },
    { name: "delegate", description: "d", schema: NO_PARAMETERS },
  );
  const outer = createAgent({ model: model(), tools: [delegate as never], name: "outer" });
  await outer.invoke({ messages: [new HumanMessage("outer?")] }, { callbacks: [new CallbackHandler({ tracer })] });
  const tree = await root();
  const agents = flatten(tree).filter(({ type }) => type === "agent");
  expect(agents.map(({ name }) => name)).toEqual(["outer", "inner"]);
  expect(shape(find(tree, "delegate"))).toMatch(/^delegate\(inner\(/);
  expect(flatten(find(tree, "delegate")).some(({ type }) => type === "generation")).toBe(true);
});

it("a tool that throws failed; the agent that went on did not", async () => {
  const { tracer, root } = createTraced();
  server.script([{ answer: { toolCalls: [{ name: "bad", arguments: "{}" }] } }, { answer: { text: "sorry" } }]);
  const bad = tool(
    () => {
      throw new RangeError("out of range");
    },
    { name: "bad", description: "d", schema: NO_PARAMETERS },
  );
  const agent = createAgent({ model: model(), tools: [bad as never], name: "agent" });
  await agent
    .invoke({ messages: [new HumanMessage("x")] }, { callbacks: [new CallbackHandler({ tracer })] })
    .catch(() => {});
  const tree = await root();
  expect(find(tree, "bad")).toMatchObject({
    type: "tool",
    status: "error",
    statusMessage: "out of range",
    metadata: { error: { name: "RangeError" } },
  });
});
