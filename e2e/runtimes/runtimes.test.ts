import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { runtimeBinaries } from "../../scripts/lib/runtimes.mjs";
import { bundle } from "../support/bundle.ts";
import { createConsumer, root, type Consumer } from "../support/consumer.ts";
import { start } from "../support/run.ts";
import { startWorker } from "../support/workerd.ts";
import { checkSink, COMPLETE } from "./check.ts";

let consumer: Consumer;
let sink: Sink;

beforeAll(() => {
  consumer = createConsumer(["core"]);
  copyFileSync(join(root, "e2e/runtimes/program.mjs"), join(consumer.folder, "program.mjs"));
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
});
afterEach(() => sink.close());

test.each<["bun" | "deno", string[]]>([
  ["bun", ["run", "program.mjs"]],
  ["deno", ["run", "-A", "--no-config", "--node-modules-dir=manual", "program.mjs"]],
])("%s runs the program", async (name, args) => {
  const options = { command: runtimeBinaries()[name], cwd: consumer.folder, env: { SINK_URL: sink.url } };
  const { code, output } = await start(args, options).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output.trim().split("\n").at(-1)!)).toEqual(COMPLETE);
  checkSink(sink);
});

test.each<["bun" | "deno", string[]]>([
  ["bun", ["run"]],
  ["deno", ["run", "-A", "--no-config", "--node-modules-dir=manual"]],
])("%s: a script that simply ends delivers", async (name, args) => {
  const text = 'import { init, startObservation } from "@spanwise/core";\ninit();\nstartObservation("work").end();\n';
  const file = consumer.write("ends.mjs", text);
  const env = { SPANWISE_BASE_URL: sink.url };
  const { code, tookMs } = await start([...args, file], { command: runtimeBinaries()[name], env }).finished();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  expect(sink.spans().map((span) => span.name)).toEqual(["work"]);
});

test.each([
  ["with nodejs_compat", ["nodejs_compat"], true],
  ["bare, where context ends at an await", [], false],
])("workerd %s runs the program", async (_name, flags, keepsContext) => {
  const entry = `import { program } from "./program.mjs";
export default { async fetch(request, env) { return Response.json(await program(env.SINK)); } };`;
  const worker = await startWorker(await bundle(consumer, entry, "workerd"), { SINK: sink.url }, flags);
  const answer = await worker.dispatchFetch("http://worker/");
  expect(await answer.json()).toEqual({ ...COMPLETE, keepsContext });
  await worker.dispose();
  checkSink(sink);
});
