import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

let consumer: Consumer;
let sink: Sink;

beforeAll(() => {
  consumer = createConsumer(["core"]);
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

  test.each(["init({ exporters: [] })", "init({ enabled: false })"])(
    "ends after %s delivers what was there before",
    async (again) => {
      sink.script([{ status: 503, delayMs: 100, times: 1 }]);
      await run(`startObservation("work").end(); ${again};`);
      expect(names()).toEqual(["work"]);
    },
  );

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

  test.each([
    ["an exception nobody catches", 'setTimeout(() => { throw new Error("theirs"); }, 500);'],
    ["a rejection nobody handles", 'setTimeout(() => void Promise.reject(new Error("theirs")), 500);'],
  ])("dies of %s fails as it would, and has delivered what was a flush interval old", async (_name, death) => {
    const { code, output } = await run(`startObservation("work").end(); ${death}`);
    expect(code).toBe(1);
    expect(output).toContain("theirs");
    expect(names()).toEqual(["work"]);
  });

  test.each([
    ["an exception", 'throw new Error("theirs")'],
    ["a rejection", 'void Promise.reject(new Error("theirs"))'],
  ])("dies of %s at once loses what the application does not flush in its own handler", async (_name, death) => {
    const work = 'startObservation("work").end();';
    expect(await run(`${work} setImmediate(() => { ${death}; });`)).toMatchObject({ code: 1 });
    expect(names()).toEqual([]);
    const handler = "(error) => void flush().then(() => { console.error(error); process.exit(7); })";
    const handled = `process.on("uncaughtException", ${handler}); ${work} setImmediate(() => { ${death}; });`;
    expect(await run(handled)).toMatchObject({ code: 7, output: expect.stringContaining("theirs") });
    expect(names()).toEqual(["work"]);
  });

  test("rejects inside observe is reported by the runtime as without us", async () => {
    const { code, output } = await run(
      'observe(async () => { throw new Error("theirs"); }, { name: "work" })(); setTimeout(() => {}, 1_000);',
    );
    expect(code).toBe(1);
    expect(output).toContain("theirs");
  });

  // docs/serverless.md, "Signals": no listener of ours changes what a signal does.
  test.each(["SIGTERM", "SIGINT"] as const)("gets %s without a handler dies of it at once", async (signal) => {
    const { signal: diedOf } = await run(
      `startObservation("work").end(); setTimeout(() => process.kill(process.pid, "${signal}"), 20); await new Promise(() => setTimeout(() => {}, 5_000));`,
      { SPANWISE_FLUSH_INTERVAL: "60000" },
    );
    expect(diedOf).toBe(signal);
    expect(names()).toEqual([]);
  });

  test("gets SIGTERM and shuts down in its handler delivers", async () => {
    const { code } = await run(
      `process.once("SIGTERM", () => void shutdown().then(() => process.exit(0)));
       startObservation("work").end(); setTimeout(() => process.kill(process.pid, "SIGTERM"), 20);
       await new Promise(() => setTimeout(() => {}, 5_000));`,
      { SPANWISE_FLUSH_INTERVAL: "60000" },
    );
    expect(code).toBe(0);
    expect(names()).toEqual(["work"]);
  });

  test("shuts down with the backend gone ends within a second", async () => {
    await sink.close();
    const { code, output } = await run(
      `startObservation("work").end();
       const result = await shutdown({ timeoutMs: 500 });
       console.log("RESULT", JSON.stringify(result));
       const endedAt = Date.now();
       process.on("exit", () => console.log("LEFT", Date.now() - endedAt));`,
    );
    expect(code).toBe(0);
    expect(JSON.parse(/RESULT (.*)/.exec(output)![1]!)).toEqual({ sent: 0, failed: 0, dropped: 1, pending: 0 });
    expect(Number(/LEFT (\d+)/.exec(output)![1])).toBeLessThan(1_000);
    sink = await createSink();
  });

  test("shuts down with a backend that never answers ends within a second", async () => {
    sink.script([{ hang: "reply", times: Infinity }]);
    const { code, output } = await run(
      `startObservation("work").end();
       console.log("RESULT", JSON.stringify(await shutdown({ timeoutMs: 500 })));
       const endedAt = Date.now();
       process.on("exit", () => console.log("LEFT", Date.now() - endedAt));`,
    );
    expect(code).toBe(0);
    expect(JSON.parse(/RESULT (.*)/.exec(output)![1]!)).toMatchObject({ sent: 0, dropped: 1 });
    expect(Number(/LEFT (\d+)/.exec(output)![1])).toBeLessThan(1_000);
  });

  test("has an observation announced to a live backend is not held by its heartbeat", async () => {
    const { code, tookMs } = await run(
      'startObservation("work"); await new Promise((resolve) => setTimeout(resolve, 400));',
    );
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(8_000);
    expect(sink.spans().some(({ attributes }) => attributes["spanwise.record"] === "start")).toBe(true);
  });

  test("has no backend ends by itself, soon, and says what failed and what was lost", async () => {
    await sink.close();
    const { code, output, tookMs } = await run('startObservation("work").end();');
    expect(code).toBe(0);
    expect(tookMs).toBeLessThan(8_000);
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
    expect(tookMs).toBeLessThan(8_000);
  });

  test("names no destination is told once how to turn tracing on", async () => {
    const { code, output } = await run('startObservation("work").end();', { SPANWISE_BASE_URL: "" });
    expect(code).toBe(0);
    expect(output.match(/tracing is off/g)).toHaveLength(1);
    expect(sink.requests).toEqual([]);
  });
});
