import { describe, expect, it, test } from "vitest";
import {
  formatAbsolute,
  formatCost,
  formatCount,
  formatDuration,
  formatElapsed,
  formatRelative,
  formatTick,
  formatTimeTick,
  formatTotalCost,
} from "../src/model/format.ts";

describe("format", () => {
  it.each([
    [null, "–"],
    [-5, "0 ms"],
    [0.04, "0.1 ms"],
    [3.25, "3.3 ms"],
    [38.4, "38 ms"],
    [999.6, "1.00 s"],
    [1_240, "1.24 s"],
    [12_340, "12.3 s"],
    [59_960, "1m 00s"],
    [125_000, "2m 05s"],
    [3_780_000, "1h 03m"],
  ])("duration %j is %s", (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it("never shows an unknown price as 0", () => {
    expect(formatCost(null)).toBe("no price");
    expect(formatCost(0)).toBe("$0");
    expect(formatCost(0.000_000_1)).toBe("<$0.00001");
    expect(formatCost(0.000_219)).toBe("$0.000219");
    expect(formatCost(0.1257)).toBe("$0.1257");
    expect(formatCost(1_234.5)).toBe("$1,234.50");
  });

  it("marks a lower bound", () => {
    expect(formatTotalCost({ cost: 0.5, costIncomplete: true })).toBe("≥ $0.500");
    expect(formatTotalCost({ cost: null, costIncomplete: true })).toBe("no price");
  });

  it.each([
    [null, "–"],
    [812, "812"],
    [4_096, "4.1k"],
    [12_400, "12k"],
    [999_600, "1M"],
    [1_234_567, "1.2M"],
  ])("count %j is %s", (count, text) => {
    expect(formatCount(count)).toBe(text);
  });

  it("shows round steps on the axis without empty decimals", () => {
    expect([0, 50, 500, 2_000, 2_500, 20_000, 60_000].map(formatTick)).toEqual([
      "0",
      "50 ms",
      "500 ms",
      "2 s",
      "2.5 s",
      "20 s",
      "1m 00s",
    ]);
  });

  it("ticks with one digit", () => {
    expect(formatElapsed(9_999)).toBe("9.9 s");
    expect(formatElapsed(61_900)).toBe("1m 01s");
  });

  it("says how long ago, and does not break on a clock that is ahead", () => {
    expect(formatRelative(10_000, 9_000)).toBe("now");
    expect(formatRelative(0, 12_000)).toBe("12s ago");
    expect(formatRelative(0, 3 * 3_600_000)).toBe("3h ago");
  });

  it("gives UTC beside local time", () => {
    expect(formatAbsolute(1_773_480_413_589)).toContain("2026-03-14 09:26:53.589 UTC");
  });
});

test("a moment on a time axis is one line: the day where it begins, the time else", () => {
  const day = new Date(2026, 2, 14).getTime();
  expect(formatTimeTick(day, 3_600_000)).toBe("14 Mar");
  expect(formatTimeTick(day + 9.5 * 3_600_000, 3_600_000)).toBe("09:30");
  expect(formatTimeTick(day + 9.5 * 3_600_000, 86_400_000)).toBe("14 Mar");
  expect(formatTimeTick(day + 61_000, 30_000)).toBe("00:01:01");
});
