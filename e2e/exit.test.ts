import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

let consumer: Consumer;
let sink: Sink;

beforeAll(() => {
  consumer = createConsumer();
});
afterAll(() => consumer.remove());
beforeEach(async () => {
  sink = await createSink();
});
afterEach(() => sink.close());

const header = {
  esm: 'import { init, startObservation, flush, shutdown, observe } from "@spanwise/core";\n',
  cjs: 'const { init, startObservation, flush, shutdown, observe } = require("@spanwise/core");\n',
};

describe.each(["esm", "cjs"] as const)("%s: a process that", (format) => {
  const run = (body: string, env: Record<string, string> = {}) => {
    const file = consumer.write(
      `script.${format === "esm" ? "mjs" : "cjs"}`,
      `${header[format]}init();\n(async () => {\n${body}\n})();\n`,
    );
    return start([file], { env: { SPANWISE_BASE_URL: sink.url, ...env } }).finished();
  };
  const names = (): string[] => sink.spans().map(({ name }) => name);

  test("simply ends delivers", async () => {
    const { code } = await run('startObservation("work").end();');
    expect(code).toBe(0);
    expect(names()).toEqual(["work"]);
  });

  test("ends with something open delivers it as incomplete", async () => {
    await run('startObservation("work", { input: "known" });');
    const [span] = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
    expect(span!.attributes).toMatchObject({
      "spanwise.observation.status": "incomplete",
      "langfuse.observation.input": '"known"',
    });
  });

  test("calls process.exit after flush delivers", async () => {
    const { output } = await run(
      'startObservation("work").end(); console.log(JSON.stringify(await flush())); process.exit(0);',
    );
    expect(names()).toEqual(["work"]);
    expect(output).toContain('{"sent":1,"failed":0,"dropped":0,"pending":0}');
  });

  test("awaits shutdown delivers", async () => {
    const { code } = await run('startObservation("work").end(); await shutdown();');
    expect(code).toBe(0);
    expect(names()).toEqual(["work"]);
  });

  test("throws still delivers nothing it cannot, and fails as it would", async () => {
    const { code, output } = await run(
      'startObservation("work").end(); setTimeout(() => { throw new Error("theirs"); }, 500);',
    );
    expect(code).toBe(1);
    expect(output).toContain("theirs");
    expect(names()).toEqual(["work"]);
  });

  test("has no backend ends by itself, soon, and says what failed and what was lost", async () => {
    await sink.close();
    const { code, output, tookMs } = await run('startObservation("work").end();');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(5_000);
    const lines = output.split("\n").filter((line) => line.startsWith("[spanwise]"));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toContain("ECONNREFUSED");
    expect(lines[1]).toContain("1 observations were not sent");
    sink = await createSink();
  });

  test("has a backend that never answers ends within three seconds", async () => {
    sink.script([{ hang: "reply", times: Infinity }]);
    const { code, tookMs } = await run('startObservation("work").end();');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(4_000);
  });

  test("names no destination is told once how to turn tracing on", async () => {
    const { code, output } = await run('startObservation("work").end();', { SPANWISE_BASE_URL: "" });
    expect(code).toBe(0);
    expect(output.match(/tracing is off/g)).toHaveLength(1);
    expect(sink.requests).toEqual([]);
  });
});

test("the ESM and the CJS build in one process share tracer and context", async () => {
  const file = consumer.write(
    "both.mjs",
    `import { createRequire } from "node:module";
import * as esm from "@spanwise/core";
const cjs = createRequire(import.meta.url)("@spanwise/core");
esm.init();
await esm.startActiveObservation("outer", async () => {
  await null;
  cjs.startObservation("inner").end();
});
console.log("same", cjs.getTracer() === esm.getTracer());
await esm.shutdown();
`,
  );
  const { output } = await start([file], { env: { SPANWISE_BASE_URL: sink.url } }).finished();
  expect(output).toContain("same true");
  const spans = Object.fromEntries(sink.spans().map((span) => [span.name, span]));
  expect(spans.inner!.parentSpanId).toBe(spans.outer!.spanId);
});
