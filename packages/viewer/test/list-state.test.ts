import { describe, expect, it } from "vitest";
import {
  nextSort,
  parseRange,
  rangeBounds,
  rangeText,
  readListState,
  writeListState,
} from "../src/model/list-state.ts";

describe("the address of a list", () => {
  it("says only what is not the default, and keeps what belongs to others", () => {
    const start = new URLSearchParams("peek=abc");
    const set = writeListState(start, {
      q: " status:error ",
      range: parseRange("24h"),
      sort: "-cost",
      columns: ["cost", "start"],
    });
    expect(set.toString()).toBe("peek=abc&q=status%3Aerror&range=24h&sort=-cost&cols=cost%2Cstart");
    const back = writeListState(set, { q: "", range: { kind: "all" }, sort: "-start", columns: null });
    expect(back.toString()).toBe("peek=abc");
  });

  it("is read back as it was written", () => {
    const state = { q: "a b", range: parseRange("15m"), sort: "name", columns: ["x"] };
    expect(readListState(writeListState(new URLSearchParams(), state))).toEqual(state);
    expect(readListState(new URLSearchParams())).toEqual({
      q: "",
      range: { kind: "all" },
      sort: "-start",
      columns: null,
    });
  });

  it("understands ranges, and takes nonsense for all time", () => {
    expect(parseRange("7d")).toEqual({ kind: "last", text: "7d", durationMs: 604_800_000 });
    expect(parseRange("1700000000000-1700000060000")).toEqual({
      kind: "between",
      from: 1_700_000_000_000,
      to: 1_700_000_060_000,
    });
    for (const text of [null, "", "0h", "9w", "5-3", "1700000060000-1700000000000"]) {
      expect(parseRange(text)).toEqual({ kind: "all" });
    }
    expect(rangeText(parseRange("1700000000000-1700000060000"))).toBe("1700000000000-1700000060000");
  });

  it("asks from a whole minute on, with an open end", () => {
    expect(rangeBounds(parseRange("1h"), 7_201_234)).toEqual({ from: 3_600_000 });
    expect(rangeBounds({ kind: "all" }, 1)).toEqual({});
  });

  it("sorts by a column descending first, then the other way", () => {
    expect(nextSort("-start", "cost")).toBe("-cost");
    expect(nextSort("-cost", "cost")).toBe("cost");
    expect(nextSort("cost", "cost")).toBe("-cost");
  });
});
