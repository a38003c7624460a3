import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { checkLangChain, LANGCHAIN_COMPLETE } from "./runtimes/check-langchain.ts";
import type { Consumer } from "./support/consumer.ts";
import { createLangChainConsumer } from "./support/langchain-consumer.ts";
import { start } from "./support/run.ts";

let consumer: Consumer;
let sink: Sink;
beforeAll(() => {
  consumer = createLangChainConsumer();
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
});
afterEach(() => sink.close());

const finished = () => sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
const run = async (args: readonly string[]) => {
  const { code, output } = await start(args, {
    cwd: consumer.folder,
    env: { SINK_URL: sink.url, SPANWISE_BASE_URL: sink.url },
  }).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  return output;
};

// bun, deno and workerd run it in e2e/runtimes (`npm run test:matrix`).
test("this Node runs the LangChain program of all runtimes", async () => {
  expect(JSON.parse((await run(["langchain.mjs"])).trim().split("\n").at(-1)!)).toEqual(LANGCHAIN_COMPLETE);
  checkLangChain(sink);
});

const BODY = `
  const undo = CallbackHandler.registerGlobally();
  const graph = new StateGraph(Annotation.Root({ text: Annotation() }))
    .addNode("answer", async () => ({ text: await RunnableLambda.from(() => "inner").invoke("x") }))
    .addEdge(START, "answer")
    .compile();
  // From CommonJS, the ES module build is covered one turn of the event loop later.
  await new Promise((resolve) => setTimeout(resolve, 50));
  await graph.invoke({ text: "x" }, { runName: "own build" });
  const other = await otherBuild();
  if (other.RunnableLambda === RunnableLambda) throw new Error("there is one build only");
  await other.RunnableLambda.from((x) => x).invoke("x", { runName: "other build" });
  undo();
  await graph.invoke({ text: "x" }, { runName: "undone" });
  await other.RunnableLambda.from((x) => x).invoke("x", { runName: "undone" });
  await flush();
`;

const PROGRAMS = {
  mjs: `import { createRequire } from "node:module";
import { flush } from "@spanwise/core";
import { CallbackHandler } from "@spanwise/langchain";
import { RunnableLambda } from "@langchain/core/runnables";
import { Annotation, START, StateGraph } from "@langchain/langgraph";
const otherBuild = async () => createRequire(import.meta.url)("@langchain/core/runnables");
${BODY}`,
  cjs: `const { flush } = require("@spanwise/core");
const { CallbackHandler } = require("@spanwise/langchain");
const { RunnableLambda } = require("@langchain/core/runnables");
const { Annotation, START, StateGraph } = require("@langchain/langgraph");
const otherBuild = () => import("@langchain/core/runnables");
(async () => {${BODY}})();`,
};

test.each(["mjs", "cjs"] as const)(
  "registerGlobally, %s: both builds of LangChain, until it is undone",
  async (format) => {
    consumer.write(`global.${format}`, PROGRAMS[format]);
    await run([`global.${format}`]);
    const spans = finished();
    const byId = new Map(spans.map((span) => [span.spanId, span.name]));
    const tree = spans.map(({ name, parentSpanId }) => `${parentSpanId ? byId.get(parentSpanId) : "root"} > ${name}`);
    expect(tree.toSorted()).toEqual([
      "answer > RunnableLambda",
      "own build > answer",
      "root > other build",
      "root > own build",
    ]);
  },
);

test("registerGlobally in a module that is loaded before the program", async () => {
  consumer.write(
    "preload.mjs",
    `import { CallbackHandler } from "@spanwise/langchain";\nCallbackHandler.registerGlobally();\n`,
  );
  consumer.write(
    "program.mjs",
    `import { RunnableLambda } from "@langchain/core/runnables";
await RunnableLambda.from((x) => x).invoke("x", { runName: "preloaded" });\n`,
  );
  await run(["--import", "./preload.mjs", "program.mjs"]);
  expect(finished().map(({ name }) => name)).toEqual(["preloaded"]);
});
