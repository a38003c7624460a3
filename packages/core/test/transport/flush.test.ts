import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTracer, langfuse, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";
import { ByteBudget } from "../../src/pipeline/budget.ts";
import { Ledger } from "../../src/pipeline/ledger.ts";
import { Lane } from "../../src/transport/lane.ts";
import type { BatchWriter, LaneFormat } from "../../src/transport/lane-format.ts";

let sink: Sink;
let tracer: Tracer | undefined;

function trace(options: TracerOptions = {}): Tracer {
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent", ...options });
  return tracer;
}

/** A lane whose records are single bytes. */
function createLane(writer: Partial<BatchWriter<{ bytes: number }>> = {}): {
  lane: Lane<{ bytes: number }>;
  push: () => void;
} {
  const empty = new Uint8Array();
  const format: LaneFormat<{ bytes: number }> = {
    url: `${sink.url}/v1/traces`,
    headers: { "content-type": "application/json" },
    compress: false,
    wrap: (records) => ({ head: empty, records, tail: empty }),
    createWriter: () => {
      let length = 0;
      return {
        append: () => void length++,
        get length() {
          return length;
        },
        finish: () => ({ bytes: new Uint8Array(length).fill(32), ends: [...Array(length).keys()].map((i) => i + 1) }),
        ...writer,
      };
    },
    readSuccess: () => ({ kind: "delivered", refused: [], again: [] }),
  };
  const budget = new ByteBudget(1_000_000);
  const settings = {
    flushAt: 512,
    flushIntervalMs: 60_000,
    maxBatchBytes: 1_000_000,
    maxAgeMs: 600_000,
    timeoutMs: 10_000,
    live: undefined,
    fetch: undefined,
  };
  const resource = { serviceName: "s", environment: "e", release: undefined, version: undefined, instanceId: "i" };
  const context = { budget, settings, resource, hasOpen: () => false, onError: () => {}, onDrop: () => {} };
  const lane = new Lane("test", format, context, 60_000);
  const ledger = new Ledger();
  const push = (): void => {
    ledger.start();
    lane.push({ bytes: 1 }, ledger.enqueue("r", 1));
  };
  return { lane, push };
}

beforeEach(async () => {
  sink = await createSink();
});

afterEach(async () => {
  await tracer?.shutdown({ timeoutMs: 50 });
  tracer = undefined;
  await sink.close();
});

test("flush waits for what was there when it was called, not for what comes after", async () => {
  sink.script([{ delayMs: 20, status: 200, times: Infinity }]);
  const { lane, push } = createLane();
  const load = setInterval(push, 1);
  for (let i = 0; i < 5; i++) push();
  const startedAt = performance.now();
  await lane.flush(AbortSignal.timeout(15_000));
  clearInterval(load);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(lane.tally.sent).toBeGreaterThanOrEqual(5);
  lane.close();
});

test("flush waits for the older of two batches although the younger is settled first", async () => {
  sink.script([
    { delayMs: 300, status: 200, times: 1 },
    { status: 200, times: Infinity },
  ]);
  const { lane, push } = createLane();
  push();
  const first = lane.flush(AbortSignal.timeout(15_000));
  push();
  await lane.flush(AbortSignal.timeout(15_000));
  await first;
  expect(lane.tally.sent).toBe(2);
  expect(lane.tally.queued).toBe(0);
});

test("a flush that met its deadline leaves nothing behind", async () => {
  sink.script([{ hang: "reply", times: Infinity }]);
  const { lane, push } = createLane();
  push();
  for (let i = 0; i < 10; i++) await lane.flush(AbortSignal.timeout(5));
  expect(lane.flushing).toBe(0);
  lane.close();
});

test.each([401, 403])("flush and shutdown return when the keys were refused with %i", async (status) => {
  sink.script([{ status, times: Infinity }]);
  trace();
  tracer!.startObservation("a").end();
  const startedAt = performance.now();
  expect(await tracer!.flush({ timeoutMs: 15_000 })).toMatchObject({ pending: 1 });
  expect(await tracer!.shutdown({ timeoutMs: 15_000 })).toMatchObject({ dropped: 1 });
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(sink.requests).toHaveLength(2);
});

test.each([Number.NaN, "x", null])("a flush of %s milliseconds is one of the default", async (timeoutMs) => {
  sink.script([{ delayMs: 100, times: 1 }]);
  trace();
  tracer!.startObservation("a").end();
  expect(await tracer!.flush({ timeoutMs: timeoutMs as number })).toMatchObject({ sent: 1, pending: 0 });
});

test("flush does not wait for a Retry-After beyond its deadline", async () => {
  sink.script([{ status: 503, headers: { "retry-after": "30" }, times: Infinity }]);
  const { lane, push } = createLane();
  push();
  const startedAt = performance.now();
  await lane.flush(AbortSignal.timeout(15_000), startedAt + 15_000);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  expect(lane.tally.queued).toBe(1);
  lane.close();
});

test("refused keys are said although another error was said before", async () => {
  const lines: string[] = [];
  const say = (line: string): void => void lines.push(line);
  sink.script([
    { status: 500, times: 1 },
    { status: 401, times: Infinity },
  ]);
  trace({ logLevel: "warn", logger: { debug: say, info: say, warn: say, error: say } });
  tracer!.startObservation("a").end();
  await tracer!.flush({ timeoutMs: 5_000 });
  await tracer!.flush({ timeoutMs: 5_000 });
  expect(lines.filter((line) => line.includes("HTTP 401"))).toHaveLength(1);
});

test("a lost start record is nobody's loss", async () => {
  const drops: unknown[] = [];
  sink.script([{ status: 400, times: Infinity }]);
  trace({ live: true, onDrop: (drop) => void drops.push(drop) });
  tracer!.startObservation("still open");
  await sink.waitFor(() => sink.requests.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(drops).toEqual([]);
});

test("an answer about scores longer than 64 KiB is read", async () => {
  const errors = [{ id: "unknown", status: 400, message: "x".repeat(100_000) }];
  sink.script([{ status: 207, body: JSON.stringify({ successes: [], errors }), times: 1 }]);
  trace({ exporters: [langfuse({ baseUrl: sink.url, publicKey: "p", secretKey: "s" })] });
  tracer!.score({ name: "s", value: 1, traceId: "0".repeat(31) + "1" });
  expect(await tracer!.flush()).toMatchObject({ sent: 1 });
  expect(tracer!.stats().retried).toBe(0);
});

test("an answer about scores that cannot be read is no success", async () => {
  sink.script([{ status: 207, body: "{", times: 1 }]);
  trace({ exporters: [langfuse({ baseUrl: sink.url, publicKey: "p", secretKey: "s" })] });
  tracer!.score({ name: "s", value: 1, traceId: "0".repeat(31) + "1" });
  expect(await tracer!.flush()).toMatchObject({ sent: 1 });
  expect(tracer!.stats().retried).toBe(1);
});

test("a batch that cannot be sealed is counted, and nothing is thrown where nobody catches", async () => {
  const { lane, push } = createLane({
    finish: () => {
      throw new RangeError("Array buffer allocation failed");
    },
  });
  push();
  push();
  await lane.flush(AbortSignal.timeout(10_000));
  expect(lane.tally).toMatchObject({ queued: 0, sent: 0, dropped: { internal_error: 2 } });
  expect(lane.tally.lastError).toContain("allocation failed");
  lane.close();
});
