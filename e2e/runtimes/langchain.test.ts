import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { runtimeBinaries } from "../../scripts/lib/runtimes.mjs";
import { bundle } from "../support/bundle.ts";
import type { Consumer } from "../support/consumer.ts";
import { createLangChainConsumer } from "../support/langchain-consumer.ts";
import { start } from "../support/run.ts";
import { startWorker } from "../support/workerd.ts";
import { checkLangChain, LANGCHAIN_COMPLETE } from "./check-langchain.ts";

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

test.each<["bun" | "deno", string[]]>([
  ["bun", ["run", "langchain.mjs"]],
  ["deno", ["run", "-A", "--no-config", "--node-modules-dir=manual", "langchain.mjs"]],
])("%s runs the LangChain program", async (name, args) => {
  const options = { command: runtimeBinaries()[name], cwd: consumer.folder, env: { SINK_URL: sink.url } };
  const { code, output } = await start(args, options).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual(LANGCHAIN_COMPLETE);
  checkLangChain(sink);
});

test.each([
  ["with nodejs_compat", ["nodejs_compat"]],
  ["bare, where context ends at an await", []],
])("workerd %s runs the LangChain program", async (_name, flags) => {
  const entry = `import { langChainProgram } from "./langchain.mjs";
export default { async fetch(request, env) { return Response.json(await langChainProgram(env.SINK)); } };`;
  const worker = await startWorker(await bundle(consumer, entry, "workerd"), { SINK: sink.url }, flags);
  const answer = await worker.dispatchFetch("http://worker/");
  expect(await answer.json()).toEqual(LANGCHAIN_COMPLETE);
  await worker.dispose();
  checkLangChain(sink, { followsContext: false });
});
