import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;

function trace(options: TracerOptions = {}): Tracer {
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent", ...options });
  return tracer;
}

function record(count: number, input: unknown = "x"): void {
  for (let i = 0; i < count; i++) tracer.startObservation(`span ${i}`, { input }, { parent: null }).end();
}

beforeEach(async () => {
  sink = await createSink();
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 50 });
  await sink.close();
});

const outages = [
  ["500", { status: 500 }],
  ["503 with Retry-After", { status: 503, headers: { "retry-after": "0" } }],
  ["429 with Retry-After", { status: 429, headers: { "retry-after": "0" } }],
  ["408", { status: 408 }],
  ["a reset before the body", { reset: "headers" }],
  ["a reset within the body", { reset: "body" }],
  ["a reset within the reply", { reset: "mid-reply" }],
  ["garbage for HTTP", { rawReply: "this is not HTTP\r\n\r\n" }],
] as const;

describe("what a backend refuses for a while arrives later, once", () => {
  test.each(outages)("%s", async (_, rule) => {
    sink.script([{ ...rule, times: 1 }]);
    trace();
    record(3, "payload");
    expect(await tracer.flush()).toEqual({ sent: 3, failed: 0, dropped: 0, pending: 0 });
    const names = new Set(sink.spans().map(({ name }) => name));
    expect([...names].sort()).toEqual(["span 0", "span 1", "span 2"]);
    expect(tracer.stats()).toMatchObject({ sent: 3, queued: 0, bytesHeld: 0, retried: 1 });
  });
});

test("a proxy's page with status 200 counts as delivered", async () => {
  sink.script([{ body: "<html>welcome</html>", headers: { "content-type": "text/html" } }]);
  trace();
  record(1);
  expect(await tracer.flush()).toMatchObject({ sent: 1 });
});

test("400 drops the offending record alone, as rejected", async () => {
  sink.script([{ match: (request) => request.body.includes("poison"), status: 400, times: Infinity }]);
  trace();
  record(7);
  tracer.startObservation("poison", { input: "poison" }, { parent: null }).end();
  record(6);
  expect(await tracer.flush()).toEqual({ sent: 13, failed: 1, dropped: 0, pending: 0 });
  expect(sink.spans()).toHaveLength(13);
  expect(tracer.stats()).toMatchObject({ started: 14, sent: 13, dropped: { rejected: 1 }, bytesHeld: 0 });
});

test("413 splits until the backend takes it", async () => {
  sink.script([{ match: (request) => request.body.byteLength > 3000, status: 413, times: Infinity }]);
  trace();
  record(16, "y".repeat(500));
  expect(await tracer.flush()).toMatchObject({ sent: 16, failed: 0 });
  expect(sink.spans()).toHaveLength(16);
});

test("split batches that waited compressed are read back", async () => {
  sink.script([
    { status: 500, times: 1 },
    { match: (request) => request.body.includes("poison"), status: 400, times: Infinity },
  ]);
  trace();
  record(5);
  tracer.startObservation("poison", { input: "poison" }, { parent: null }).end();
  expect(await tracer.flush()).toMatchObject({ sent: 5, failed: 1 });
  expect(new Set(sink.spans().map(({ name }) => name)).size).toBe(5);
});

test("partial success is counted and not sent again", async () => {
  sink.script([{ partialSuccess: { rejectedSpans: 2, errorMessage: "no" }, times: 1 }]);
  trace();
  record(5);
  expect(await tracer.flush()).toMatchObject({ sent: 3, failed: 2 });
  expect(sink.requests).toHaveLength(1);
});

test("refused keys pause the destination and keep the queue", async () => {
  sink.script([{ status: 401, times: 1 }]);
  trace();
  record(4);
  expect(await tracer.flush({ timeoutMs: 300 })).toMatchObject({ sent: 0, pending: 4 });
  expect(tracer.stats().destinations[0]).toMatchObject({ paused: true, queued: 4 });
  expect(sink.requests).toHaveLength(1);
  expect(await tracer.flush()).toMatchObject({ sent: 4, pending: 0 });
  expect(tracer.stats().destinations[0]).toMatchObject({ paused: false });
});

test("nobody listens: flush settles at its deadline, shutdown counts the rest", async () => {
  await sink.close();
  trace();
  record(10);
  expect(await tracer.flush({ timeoutMs: 200 })).toEqual({ sent: 0, failed: 0, dropped: 0, pending: 10 });
  expect(await tracer.shutdown({ timeoutMs: 100 })).toEqual({ sent: 0, failed: 0, dropped: 10, pending: 0 });
  expect(tracer.stats()).toMatchObject({ started: 10, queued: 0, dropped: { shutdown: 10 }, bytesHeld: 0 });
  sink = await createSink();
});

test("a half-open connection ends at the time-out and the batch is sent again", async () => {
  sink.script([{ hang: "reply", times: 1 }]);
  trace({ timeoutMs: 100 });
  record(2);
  expect(await tracer.flush()).toMatchObject({ sent: 2 });
});

test.each([
  ["never answers", () => new Promise<Response>(() => {})],
  ["never ends its answer", async () => new Response(new ReadableStream())],
])("a fetch of the user's that %s and knows no signal ends at the time-out", async (_, hang) => {
  let calls = 0;
  trace({ timeoutMs: 500, fetch: (...given) => (calls++ === 0 ? hang() : fetch(...given)) });
  record(2);
  expect(await tracer.flush({ timeoutMs: 5_000 })).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });
  expect(tracer.stats()).toMatchObject({ retried: 1, lastError: "spanwise: no answer within 500 ms" });
});

test("one failing destination does not delay another", async () => {
  const healthy = await createSink();
  sink.script([{ status: 500, times: Infinity }]);
  trace({ exporters: [spanwise({ baseUrl: sink.url }), spanwise({ baseUrl: healthy.url })] });
  record(3);
  await healthy.waitFor(() => healthy.spans().length === 3);
  expect(tracer.stats()).toMatchObject({ sent: 0, queued: 3 });
  await tracer.shutdown({ timeoutMs: 50 });
  expect(tracer.stats()).toMatchObject({ sent: 3, dropped: {}, queued: 0, bytesHeld: 0 });
  await healthy.close();
});

test("at most four requests are under way, and the queue bound refuses what is new", async () => {
  sink.script([{ hang: "reply", times: Infinity }]);
  trace({ flushAt: 1, maxQueueBytes: 20_000 });
  record(100, "z".repeat(500));
  await sink.waitFor(() => sink.requests.length >= 4);
  expect(sink.requests.length).toBe(4);
  const { dropped, queued, started } = tracer.stats();
  expect(dropped.queue_full).toBeGreaterThan(0);
  expect(queued + dropped.queue_full!).toBe(started);
});

test.each([
  ["0", "0"],
  ["a part of a second", "0.001"],
  ["a date that has passed", "Thu, 01 Jan 1970 00:00:00 GMT"],
])("a Retry-After of %s does not have a backend asked without a pause", async (_, after) => {
  sink.script([{ status: 429, headers: { "retry-after": after }, times: Infinity }]);
  trace({ live: false });
  record(3);
  await tracer.flush({ timeoutMs: 1_500 });
  expect(sink.requests.length).toBeLessThan(60);
  expect(tracer.stats()).toMatchObject({ queued: 3, dropped: {} });
});

test("a partial success with a negative number of spans refuses none", async () => {
  // ExportTraceServiceResponse { partial_success { rejected_spans: -1 } }
  const body = Uint8Array.from([0x0a, 11, 0x08, ...Array<number>(9).fill(0xff), 1]);
  sink.script([{ body, headers: { "content-type": "application/x-protobuf" } }]);
  trace({ live: false });
  record(3);
  expect(await tracer.flush()).toEqual({ sent: 3, failed: 0, dropped: 0, pending: 0 });
});

test("with a maxAgeMs of 0 each batch has one attempt, however long it waited for its turn", async () => {
  sink.script([
    { delayMs: 30, times: 6 },
    { status: 503, times: Infinity },
  ]);
  trace({ maxAgeMs: 0, flushAt: 1 });
  record(6);
  await sink.waitFor(() => sink.spans().length === 6);
  record(1);
  await tracer.flush();
  expect(tracer.stats()).toMatchObject({ queued: 0, sent: 6, dropped: { expired: 1 } });
});
