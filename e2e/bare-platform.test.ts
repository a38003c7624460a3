import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

/**
 * A test environment such as Jest's jsdom takes the build for browsers and has few of their globals: an application's modules are
 * imported there all the same, and run.
 */
let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(["core"]);
});
afterAll(() => consumer.remove());

const ABSENT =
  "TextEncoder TextDecoder fetch Request Response Headers ReadableStream CompressionStream DecompressionStream structuredClone BroadcastChannel MessageChannel Blob setImmediate";

test.each([["browser"], ["node"]])(
  "each entry imports and observe works where globals are absent, %s",
  async (condition) => {
    const program = `
for (const name of ${JSON.stringify(ABSENT.split(" "))}) delete globalThis[name];
const { exports: entries } = require("@spanwise/core/package.json");
for (const entry of Object.keys(entries)) require("@spanwise/core" + entry.slice(1));
const { init, memory, observe, startObservation } = require("@spanwise/core");
const exporter = memory();
const tracer = init({ exporters: [exporter], baseUrl: "http://127.0.0.1:9" });
(async () => {
  const answer = await observe(async (question) => question + "!", { name: "ask" })("why");
  startObservation("long").end({ output: "é".repeat(100_000) });
  await tracer.flush({ timeoutMs: 100 });
  console.log(JSON.stringify({ answer, names: exporter.observations.map(({ name }) => name) }));
  await tracer.shutdown({ timeoutMs: 100 });
})();
`;
    const { code, output } = await start(["-C", condition, consumer.write(`bare-${condition}.cjs`, program)], {
      cwd: consumer.folder,
    }).finished();
    expect({ code, output }).toMatchObject({ code: 0 });
    expect(JSON.parse(output.split("\n").find((line) => line.startsWith("{")) ?? "{}")).toMatchObject({
      answer: "why!",
      names: ["ask", "long"],
    });
  },
);
