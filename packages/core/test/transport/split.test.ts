import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTracer, spanwise, type Tracer } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;

function record(count: number, isPoison: (i: number) => boolean = () => false): void {
  for (let i = 0; i < count; i++) {
    tracer.startObservation(`span ${i}`, { input: isPoison(i) ? "poison" : "x" }, { parent: null }).end();
  }
}

beforeEach(async () => {
  sink = await createSink();
  const exporters = [spanwise({ baseUrl: sink.url })];
  // A slow machine would make two batches of what is recorded at once.
  tracer = createTracer({ exporters, flushInterval: 60_000, logLevel: "silent" });
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 50 });
  await sink.close();
});

test.each([400, 413])("a backend that answers %i to everything is not asked once a record", async (status) => {
  sink.script([{ status, times: Infinity }]);
  record(512);
  expect(await tracer.flush()).toEqual({ sent: 0, failed: 512, dropped: 0, pending: 0 });
  expect(sink.requests.length).toBeLessThanOrEqual(22);
  expect(tracer.stats()).toMatchObject({ queued: 0, bytesHeld: 0 });
});

test.each([
  ["one, the first", (i: number) => i === 0],
  ["one, the last", (i: number) => i === 511],
  ["one in each part", (i: number) => i % 50 === 25],
  ["a run of them", (i: number) => i >= 100 && i < 140],
])("offending records are dropped alone: %s", async (_, isPoison) => {
  sink.script([{ match: (request) => request.body.includes("poison"), status: 400, times: Infinity }]);
  record(512, isPoison);
  const failed = Array.from({ length: 512 }, (_, i) => i).filter(isPoison).length;
  expect(await tracer.flush()).toEqual({ sent: 512 - failed, failed, dropped: 0, pending: 0 });
  expect(sink.spans()).toHaveLength(512 - failed);
});

const page = { status: 403, headers: { "content-type": "text/html" }, body: "<html>blocked</html>", times: Infinity };

test("a firewall's 403 costs the record that it dislikes", async () => {
  sink.script([{ ...page, match: (request) => request.body.includes("poison") }]);
  record(20, (i) => i === 7);
  expect(await tracer.flush()).toEqual({ sent: 19, failed: 1, dropped: 0, pending: 0 });
});

test("a firewall that lets nothing pass pauses the destination and costs nothing", async () => {
  sink.script([page]);
  record(40);
  expect(await tracer.flush({ timeoutMs: 3_000 })).toEqual({ sent: 0, failed: 0, dropped: 0, pending: 40 });
  expect(tracer.stats().destinations[0]).toMatchObject({ paused: true });
  sink.reset();
  expect(await tracer.flush()).toEqual({ sent: 40, failed: 0, dropped: 0, pending: 0 });
});

test.each([307, 308])("a %i within the origin is followed once", async (status) => {
  sink.script([{ status, headers: { location: "/api/public/otel/v1/traces" }, times: 1 }]);
  record(1);
  expect(await tracer.flush()).toMatchObject({ sent: 1 });
  expect(sink.requests).toHaveLength(2);
});
