import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  flush,
  getTracer,
  init,
  memory,
  shutdown,
  spanwise,
  startObservation,
  type TracerOptions,
} from "../../src/index.ts";

let sink: Sink;
let release: () => void;
let gate: Promise<void>;

const waitsForGate = (): TracerOptions => ({
  exporters: [memory()],
  mask: async (record) => (await gate, record),
  logLevel: "silent",
});

beforeEach(async () => {
  sink = await createSink();
  gate = new Promise((resolve) => (release = resolve));
});
afterEach(async () => {
  release();
  await shutdown({ timeoutMs: 100 });
  await sink.close();
});

test("a shutdown that ends after the next init does not shut that down", async () => {
  init(waitsForGate());
  startObservation("before").end();
  const down = shutdown();
  const exporter = memory();
  const tracer = init({ exporters: [exporter], logLevel: "silent" });
  const before = tracer.stats();
  const open = startObservation("open");
  release();
  await down;
  open.end();
  startObservation("after").end();
  await tracer.flush();
  expect(exporter.observations.map(({ name }) => name)).toEqual(["open", "after"]);
  expect(tracer.stats().dropped).toEqual(before.dropped);
});

test("shutdown with tracing off by now sends what was recorded before", async () => {
  init({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent" });
  startObservation("before").end();
  init({ enabled: false, logLevel: "silent" });
  expect(await shutdown()).toEqual({ sent: 1, failed: 0, dropped: 0, pending: 0 });
  expect(sink.spans().map(({ name }) => name)).toEqual(["before"]);
});

test("what an earlier configuration waits with is not given up: a flush has it tried again", async () => {
  sink.script([{ status: 503, headers: { "retry-after": "60" }, times: 2 }]);
  const tracer = init({ exporters: [spanwise({ baseUrl: sink.url })], flushAt: 1, live: false, logLevel: "silent" });
  const before = tracer.stats().dropped;
  startObservation("before").end();
  await expect.poll(() => tracer.stats().retried).toBe(1);
  init({ exporters: [memory()], logLevel: "silent" });
  await sink.waitFor(({ requests }) => requests.length === 2);
  await expect.poll(() => flush()).toMatchObject({ pending: 0 });
  expect(sink.spans().map(({ name }) => name)).toEqual(["before"]);
  expect(tracer.stats().dropped).toEqual(before);
});

test("shutdown counts what still waits for its mask as lost", async () => {
  const tracer = init(waitsForGate());
  const before = tracer.stats().dropped.shutdown ?? 0;
  for (let i = 0; i < 100; i++) startObservation("span").end();
  startObservation("scored").scoreTrace({ name: "score", value: 1 });
  expect(await shutdown({ timeoutMs: 20 })).toEqual({ sent: 0, failed: 0, dropped: 102, pending: 0 });
  expect(tracer.stats()).toMatchObject({ queued: 0, bytesHeld: 0, dropped: { shutdown: before + 101 } });
  const after = tracer.stats();
  release();
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(getTracer().stats()).toEqual(after);
});
