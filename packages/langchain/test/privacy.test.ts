import { Annotation, START, StateGraph } from "@langchain/langgraph";
import { expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createTraced } from "./support/traced.ts";
import { find } from "./support/tree.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

const State = Annotation.Root({ text: Annotation<string>() });

it("a node's trace policy decides what is shown of it, and fails closed", async () => {
  const { tracer, exporter, root } = createTraced();
  const graph = new StateGraph(State)
    .addNode("policed", () => ({ text: "secret out" }), {
      tracePolicy: { processInputs: () => ({ text: "[in]" }), processOutputs: () => ({ text: "[out]" }) },
    } as never)
    .addNode("broken", () => ({ text: "public" }), {
      tracePolicy: {
        processInputs: () => {
          throw new Error("no");
        },
        processOutputs: () => {
          throw new Error("no");
        },
      },
    } as never)
    .addEdge(START, "policed")
    .addEdge("policed", "broken")
    .compile();
  await graph.invoke({ text: "given" }, { callbacks: [new CallbackHandler({ tracer })] });
  const tree = await root();
  expect(find(tree, "policed")).toMatchObject({ input: { text: "[in]" }, output: { text: "[out]" } });
  expect(find(tree, "broken").input).toBeUndefined();
  expect(find(tree, "broken").output).toBeUndefined();
  expect(exporter.observations.filter(({ name }) => name === "policed").map(({ output }) => output)).not.toContain(
    "secret",
  );
});

it("in the background starts are still told at once, and in place", async () => {
  const { tracer, root } = createTraced();
  const handler = new CallbackHandler({ tracer });
  Object.assign(handler, { awaitHandlers: false });
  const { RunnableLambda } = await import("@langchain/core/runnables");
  const { awaitAllCallbacks } = await import("@langchain/core/callbacks/promises");
  const slow = { name: "slow", handleChainStart: () => new Promise((resolve) => setTimeout(resolve, 30)) };
  const around = tracer.startObservation("around");
  await tracer.runWithObservation(around, () =>
    RunnableLambda.from((given: { n: number }) => {
      given.n = 99;
      return given.n;
    }).invoke({ n: 1 }, { callbacks: [slow, handler], runName: "step" }),
  );
  around.end();
  await awaitAllCallbacks();
  const tree = await root();
  expect(tree.children.map(({ name, input, output }) => [name, input, output])).toEqual([["step", { n: 1 }, 99]]);
});
