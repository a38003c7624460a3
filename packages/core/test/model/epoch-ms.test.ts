import { expect, test } from "vitest";
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
