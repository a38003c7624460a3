import { createSink, type Sink } from "@spanwise/testing";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { bundleCore, type Bundle } from "../support/bundle.ts";
import { run } from "../support/program.ts";

// Each starts a process, and a runner may be slow.
vi.setConfig({ testTimeout: 30_000 });

let bundle: Bundle;
let sink: Sink;

beforeAll(async () => {
  bundle = await bundleCore();
}, 60_000);
afterAll(() => bundle.remove());
beforeEach(async () => {
  sink = await createSink();
});
afterEach(() => sink.close());

async function outputOf(body: string, env: Record<string, string> = {}, flags: string[] = []): Promise<string> {
  const program = run(bundle, body, env, flags);
  expect(await program.ended, program.output()).toBe(0);
  return program.output().trim();
}

test("without a destination one line says how to turn it on, and only one", async () => {
  const output = await outputOf(`init(); init(); startObservation("a").end(); await flush();`);
  expect(output.split("\n")).toEqual([
    expect.stringContaining("[spanwise] tracing is off: no destination. Set SPANWISE_BASE_URL"),
  ]);
});

test.each([
  ["switched off", "init({ enabled: false });", {}],
  ["switched off by SPANWISE_ENABLED", "init();", { SPANWISE_ENABLED: "false" }],
  ["switched off by LANGFUSE_TRACING_ENABLED", "init();", { LANGFUSE_TRACING_ENABLED: "false" }],
])("%s it says nothing and sends nothing", async (_, body, env) => {
  const variables = { SPANWISE_BASE_URL: sink.url, ...env };
  expect(await outputOf(`${body} startObservation("a").end(); await flush();`, variables)).toBe("");
  expect(sink.requests).toEqual([]);
});

test.each([false, true])("enabled: %s decides about timers, listeners and values looked at", async (enabled) => {
  const output = await outputOf(
    `
    const listeners = () => process.listenerCount("beforeExit") + process.listenerCount("exit");
    // Node has some of its own.
    const own = listeners();
    init({ baseUrl: process.env.URL, enabled: ${enabled} });
    const before = process.getActiveResourcesInfo().join();
    let looked = 0;
    const watched = new Proxy({}, new Proxy({}, { get: () => () => { looked++; return undefined; } }));
    const span = startObservation("a", { get input() { looked++; return watched; }, metadata: watched }, { type: "agent" });
    span.update({ output: watched });
    span.updateTrace({ tags: watched });
    span.generation("b", { input: watched }).end({ output: watched });
    span.score({ name: "s", value: 1 });
    span.end({ output: watched });
    const traced = observe((value) => value);
    traced(watched);
    console.log(JSON.stringify({
      looked,
      resources: process.getActiveResourcesInfo().join() === before,
      listeners: listeners() - own,
      started: getTracer().stats().started,
    }));`,
    { URL: sink.url },
  );
  const seen = JSON.parse(output) as { looked: number };
  if (!enabled) expect(seen).toEqual({ looked: 0, resources: true, listeners: 0, started: 0 });
  // What is counted is there to be counted.
  else {
    expect(seen).toMatchObject({ resources: false, listeners: 1, started: 3 });
    expect(seen.looked).toBeGreaterThan(0);
  }
});

test("disabled: nothing is kept beyond the handle", async () => {
  const output = await outputOf(
    `
    init({ enabled: false });
    const handles = new Array(100_000);
    const input = "x".repeat(1000);
    for (let i = 0; i < 1000; i++) startObservation("warm", { input });
    gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < handles.length; i++) handles[i] = startObservation("a", { input: { text: input + i } });
    gc();
    const held = process.memoryUsage().heapUsed - before;
    handles.length = 0;
    gc();
    console.log(JSON.stringify({ held: held / 100_000, left: (process.memoryUsage().heapUsed - before) / 100_000 }));`,
    {},
    ["--expose-gc"],
  );
  const { held, left } = JSON.parse(output.split("\n").at(-1)!) as { held: number; left: number };
  // A handle is an object of five fields.
  expect(held).toBeLessThan(150);
  expect(left).toBeLessThan(10);
});

test("observe that was made before init, and one made while it was off, begin to work", async () => {
  const output = await outputOf(
    `
    const early = observe(function early() { return "result"; });
    early();
    init({ enabled: false });
    const off = observe(function off() { return 1; });
    off(); early();
    init({ baseUrl: process.env.URL });
    console.log(early(), off());
    console.log(JSON.stringify(await flush()));`,
    { URL: sink.url },
  );
  expect(output).toContain('result 1\n{"sent":2,"failed":0,"dropped":0,"pending":0}');
  expect(sink.spans().map(({ name }) => name)).toEqual(["early", "off"]);
});

test("a handle that was started while it was off stays silent; its children after init are recorded", async () => {
  await outputOf(
    `
    init({ enabled: false });
    const silent = startObservation("silent");
    init({ baseUrl: process.env.URL, live: false });
    silent.update({ output: 1 });
    silent.end();
    startObservation("recorded").end();
    await flush();`,
    { URL: sink.url },
  );
  expect(sink.spans().map(({ name }) => name)).toEqual(["recorded"]);
});

test("switched off later: what is open is sent, and nothing after it", async () => {
  await outputOf(
    `
    init({ baseUrl: process.env.URL, live: false, logLevel: "error" });
    const open = startObservation("open", { input: "known" });
    init({ enabled: false, logLevel: "error" });
    open.end({ output: "late" });
    startObservation("after").end();
    await flush();`,
    { URL: sink.url },
  );
  expect(sink.spans().map(({ name, attributes }) => [name, attributes["spanwise.observation.status"]])).toEqual([
    ["open", "incomplete"],
  ]);
});
