import { createSink } from "@spanwise/testing";
import { expect, test } from "vitest";
import { createTracer, init, memory, propagateAttributes, spanwise } from "../../src/index.ts";
import { MAX_TRACE_BYTES } from "../../src/tracer/capture-trace.ts";

const quiet = { logLevel: "silent" } as const;
const sizeOf = (value: unknown): number => JSON.stringify(value).length;

test("attributes of a trace beyond the bound are left out and say so, each by itself", async () => {
  const exporter = memory();
  const tracer = createTracer({ ...quiet, exporters: [exporter] });
  const large = {
    userId: "u".repeat(5_000_000),
    tags: ["t".repeat(1_000_000)],
    metadata: { m: "m".repeat(1_000_000) },
  };
  propagateAttributes({ ...large, sessionId: "session" }, () => tracer.startObservation("propagated").end());
  tracer.startObservation("own", {}, { trace: { ...large, sessionId: "session" } }).end();
  const updated = tracer.startObservation("updated");
  updated.updateTrace({ ...large, sessionId: "session" });
  updated.end();
  await tracer.flush();
  expect(exporter.observations).toHaveLength(3);
  for (const { trace } of exporter.observations) {
    const fields = trace.current();
    expect(sizeOf(fields)).toBeLessThan(1_000);
    expect(fields).toMatchObject({
      sessionId: "session",
      userId: expect.stringMatching(/^\[left out: 50000\d\d bytes\]$/),
    });
    expect(fields.tags).toEqual([expect.stringContaining("left out")]);
    expect(fields.metadata).toContain("left out");
  }
});

test("propagated attributes do not grow without end, however deep they are nested", () => {
  const exporter = memory();
  const tracer = createTracer({ ...quiet, exporters: [exporter] });
  const nest = (depth: number): void => {
    if (depth === 0) tracer.startObservation("deep").end();
    else propagateAttributes({ metadata: { [`key ${depth}`]: "x".repeat(10_000) } }, () => nest(depth - 1));
  };
  nest(200);
  return tracer.flush().then(() => {
    expect(exporter.observations[0]!.trace.current().metadata!.length).toBeLessThan(MAX_TRACE_BYTES * 1.1);
  });
});

test("updates of one trace do not grow without end, and what replaces costs nothing", async () => {
  const exporter = memory();
  const tracer = createTracer({ ...quiet, exporters: [exporter] });
  const span = tracer.startObservation("span");
  for (let i = 0; i < 300; i++) {
    span.updateTrace({ metadata: { same: `${i}`.padEnd(10_000, "x") } });
    if (i % 10 === 0) await tracer.flush();
  }
  await tracer.flush();
  expect(span.updateTrace({ metadata: { last: true } }) && tracer.stats().bytesHeld).toBeLessThan(2_000);
  for (let i = 0; i < 300; i++) span.updateTrace({ metadata: { [`key ${i}`]: "x".repeat(10_000) } });
  span.end();
  await tracer.flush();
  const metadata = exporter.observations[0]!.trace.current().metadata!;
  expect(metadata).toContain("299xxx");
  expect(metadata).toContain('"last":true');
  expect(metadata.length).toBeLessThan(MAX_TRACE_BYTES * 1.1);
});

test("propagated attributes count towards the bound, once a trace", () => {
  const tracer = createTracer({ ...quiet, exporters: [memory()] });
  propagateAttributes({ metadata: { text: "x".repeat(100_000) } }, () => {
    const root = tracer.startObservation("root");
    expect(tracer.stats().bytesHeld).toBeGreaterThan(100_000);
    root.span("child");
    expect(tracer.stats().bytesHeld).toBeLessThan(150_000);
  });
});

test("what open observations are given while the queue is full is left out and counted", async () => {
  const exporter = memory();
  const tracer = createTracer({ ...quiet, exporters: [exporter], maxQueueBytes: 1_000_000 });
  const open = Array.from({ length: 1_000 }, () => tracer.startObservation("span", {}, { parent: null }));
  for (const [i, span] of open.entries()) {
    span.update({ output: `${i}`.padEnd(100_000, "x"), metadata: { more: "y".repeat(10_000) }, level: "WARNING" });
  }
  expect(tracer.stats().bytesHeld).toBeLessThan(1_200_000);
  expect(tracer.stats().truncated).toBeGreaterThan(900);
  // The first ones make room by their end; a later one goes out with its marker.
  for (const span of open) span.end();
  await tracer.flush();
  expect(exporter.observations.at(-1)).toMatchObject({
    output: '"[left out: the queue is full]"',
    metadata: '{"[left out: the queue is full]":true}',
    level: "WARNING",
  });
});

test("what earlier configurations still hold counts towards the bound of the one that is in force", async () => {
  const sink = await createSink({ rules: [{ status: 500, times: Infinity }] });
  const configure = () =>
    init({ ...quiet, exporters: [spanwise({ baseUrl: sink.url })], maxQueueBytes: 300_000, shutdownTimeoutMs: 300 });
  const tracer = configure();
  for (let i = 0; i < 20; i++) {
    const text = Array.from({ length: 5_000 }, () => Math.random().toString(36)).join("");
    tracer.startObservation("span", { input: text }, { parent: null }).end();
    configure();
  }
  expect(tracer.stats().bytesHeld).toBeLessThan(400_000);
  expect(tracer.stats().dropped.queue_full).toBeGreaterThan(0);
  await tracer.shutdown({ timeoutMs: 100 });
  expect(tracer.stats()).toMatchObject({ bytesHeld: 0, queued: 0 });
  await sink.close();
});

test("texts of scores and names of buckets are bounded", async () => {
  const exporter = memory();
  const tracer = createTracer({ ...quiet, exporters: [exporter] });
  tracer.score({ name: "category", value: "x".repeat(5_000_000), traceId: "t" });
  tracer.startObservation("span", { usageDetails: { input: 1, ["k".repeat(5_000_000)]: 2 } }).end();
  await tracer.flush();
  expect(String(exporter.scores[0]!.value).length).toBeLessThan(70_000);
  expect(exporter.observations[0]!.usageDetails).toEqual({ input: 1 });
});

test("what ends while a shutdown sends is sent too", async () => {
  const sink = await createSink();
  const tracer = createTracer({ ...quiet, exporters: [spanwise({ baseUrl: sink.url })], flushAt: 1, live: false });
  const span = tracer.startObservation("span");
  const down = tracer.shutdown();
  span.end({ output: "done" });
  await down;
  expect(tracer.stats()).toMatchObject({ started: 2, sent: 2, dropped: {} });
  expect(sink.spans().map(({ attributes }) => attributes["spanwise.observation.status"])).toEqual(["incomplete", "ok"]);
  await sink.close();
});
