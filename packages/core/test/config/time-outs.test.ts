import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { createClient } from "../../src/api/index.ts";
import { consoleExporter } from "../../src/console.ts";
import { createTracer, SpanwiseConfigError, spanwise, type FlushOptions, type FlushResult } from "../../src/index.ts";

let sink: Sink;
beforeEach(async () => {
  sink = await createSink();
  sink.script([{ delayMs: 100, times: Infinity }]);
});
afterEach(() => sink.close());

type Wait = (options: FlushOptions | undefined) => Promise<FlushResult>;

const tracer = (): { flush: Wait; shutdown: Wait } => {
  const made = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], live: false, logLevel: "silent" });
  onTestFinished(async () => void (await made.shutdown({ timeoutMs: 50 })));
  made.startObservation("work").end();
  return { flush: (options) => made.flush(options), shutdown: (options) => made.shutdown(options) };
};

const client = (): { flush: Wait; close: Wait } => {
  const made = createClient({ baseUrl: sink.url, publicKey: "pk" });
  onTestFinished(async () => void (await made.close({ timeoutMs: 50 })));
  made.score({ name: "good", value: 1, traceId: "a".repeat(32) });
  return { flush: (options) => made.flush(options), close: (options) => made.close(options) };
};

const waits: [string, () => Wait][] = [
  ["flush", () => tracer().flush],
  ["shutdown", () => tracer().shutdown],
  ["client.flush", () => client().flush],
  ["client.close", () => client().close],
];

describe.each(waits)("%s", (_, make) => {
  test.each([Number.NaN, "soon", null, undefined, {}])("takes %s for the default", async (given) => {
    expect(await make()({ timeoutMs: given as number })).toMatchObject({ sent: 1, pending: 0 });
  });

  test("takes no options for the default", async () => {
    expect(await make()(null as never)).toMatchObject({ sent: 1, pending: 0 });
  });

  test.each([2 ** 31, 1e20, Number.POSITIVE_INFINITY])("waits %d ms for an answer", async (timeoutMs) => {
    expect(await make()({ timeoutMs })).toMatchObject({ sent: 1, pending: 0 });
  });

  test.each([0, -1, Number.NEGATIVE_INFINITY])("does not wait for %d ms", async (timeoutMs) => {
    expect(await make()({ timeoutMs })).toMatchObject({ sent: 0 });
  });
});

const long = { timeoutMs: 2 ** 40, flushTimeoutMs: Infinity, shutdownTimeoutMs: Infinity, maxAgeMs: Infinity };

test("no option is too long for a timer", async () => {
  const exporters = [spanwise({ baseUrl: sink.url })];
  const options = { ...long, maxOpenMs: Infinity, flushInterval: Infinity, exporters, logLevel: "silent" as const };
  const patient = createTracer(options);
  patient.startObservation("open");
  patient.startObservation("work").end();
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(patient.stats()).toMatchObject({ open: 1, queued: 1, sent: 0 });
  expect(await patient.flush()).toMatchObject({ sent: 1 });
  expect(await patient.shutdown()).toMatchObject({ sent: 1, dropped: 0 });
  const { datasets } = createClient({ baseUrl: sink.url, publicKey: "pk", secretKey: "sk", timeoutMs: Infinity });
  sink.script([{ delayMs: 20, status: 200, body: '{"id":"1"}' }]);
  expect(await datasets.create({ name: "set" })).toMatchObject({ id: "1" });
});

test.each([Number.NaN, -1, "10", Number.NEGATIVE_INFINITY])("a time-out of %s is a mistake", (value) => {
  const given = value as number;
  for (const key of [...Object.keys(long), "flushInterval", "maxOpenMs"]) {
    expect(() => createTracer({ exporters: [], [key]: given }), key).toThrow(SpanwiseConfigError);
  }
  const keys = { baseUrl: sink.url, publicKey: "pk", secretKey: "sk" };
  expect(() => createClient({ ...keys, timeoutMs: given })).toThrow(/timeoutMs must be a number of at least 1/);
  expect(() => createClient({ ...keys, retries: given })).toThrow(/retries must be a number of at least 0/);
  expect(() => consoleExporter({ maxWaitMs: given })).toThrow(/maxWaitMs must be/);
});
