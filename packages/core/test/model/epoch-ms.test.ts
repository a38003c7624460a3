import { afterEach, expect, test, vi } from "vitest";
import { createTracer, memory } from "../../src/index.ts";
import { configureLog } from "../../src/log.ts";
import { toEpochMs } from "../../src/model/time.ts";

test.each([
  ["milliseconds", 1_700_000_000_000.25, 1_700_000_000_000.25],
  ["a Date", new Date(5), 5],
  ["microseconds", 1_700_000_000_000_000, undefined],
  ["nanoseconds", 1.7e18, undefined],
  ["what no Date can hold", 8.64e15 + 1, undefined],
  ["the past of 1970", -1, undefined],
  ["no number", Number.NaN, undefined],
  ["an invalid Date", new Date(Number.NaN), undefined],
  ["a bigint", 1n as never, undefined],
])("%s", (_, given, expected) => {
  expect(toEpochMs(given)).toBe(expected);
});

afterEach(() => void vi.useRealTimers());

let hours = 0;

test.each([
  ["seconds, which are taken for milliseconds", 1_732_000_000, 1_732_000_000],
  ["microseconds", 1_732_000_000_000_000, undefined],
  ["nanoseconds", 1.732e18, undefined],
  ["OpenTelemetry's pair", [1_732_000_000, 5] as never, undefined],
  ["text", "2024-11-19T07:06:40Z" as never, undefined],
  ["a symbol", Symbol("time") as never, undefined],
])("%s: told once a minute, and the observation is kept", async (_, startTime: number, expected) => {
  vi.useFakeTimers({ toFake: ["performance", "Date"] });
  // A minute after whatever was told before, in this test or another.
  vi.advanceTimersByTime(3_600_000 * ++hours);
  const warn = vi.fn();
  const exporter = memory();
  const logger = { debug: () => {}, info: () => {}, warn, error: () => {} };
  const tracer = createTracer({ exporters: [exporter], logger, logLevel: "warn" });
  const now = Date.now();
  tracer.startObservation("first", {}, { startTime }).end();
  tracer.startObservation("second", {}, { startTime }).end();
  await tracer.flush();
  const times = exporter.observations.map((record) => Math.round(record.startTime));
  expect(times).toEqual(Array(2).fill(expected ?? expect.closeTo(now, -2)));
  expect(warn.mock.calls).toEqual([[expect.stringContaining("not in milliseconds since 1970")]]);
  configureLog("warn");
});

test.each([undefined, null, 0, 1_000, new Date(1_732_000_000_000), 1_732_000_000_000])("%s is not told", (time) => {
  const warn = vi.fn();
  configureLog("warn", { debug: () => {}, info: () => {}, warn, error: () => {} });
  toEpochMs(time);
  configureLog("warn");
  expect(warn).not.toHaveBeenCalled();
});
