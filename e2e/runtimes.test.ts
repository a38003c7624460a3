import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createSink } from "@spanwise/testing";
import { expect, test } from "vitest";
import { checkSink, COMPLETE } from "./runtimes/check.ts";
import { createConsumer, root } from "./support/consumer.ts";
import { start } from "./support/run.ts";

// The browser runs it in e2e/browser/runtime.test.ts; bun, deno and workerd in e2e/runtimes (`npm run test:matrix`).
test("this Node runs the program of all runtimes", async () => {
  const consumer = createConsumer(["core"]);
  const sink = await createSink();
  copyFileSync(join(root, "e2e/runtimes/program.mjs"), join(consumer.folder, "program.mjs"));
  const { code, output } = await start(["program.mjs"], {
    cwd: consumer.folder,
    env: { SINK_URL: sink.url },
  }).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  expect(JSON.parse(output)).toEqual(COMPLETE);
  checkSink(sink);
  await sink.close();
  consumer.remove();
});
