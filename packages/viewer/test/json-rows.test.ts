import { describe, expect, it } from "vitest";
import { jsonRows, jsonSummary, MAX_CHILDREN } from "../src/model/json-rows.ts";

const closed = { toggled: new Map<string, boolean>() };

describe("jsonRows", () => {
  it("gives paths in JavaScript's notation", () => {
    const rows = jsonRows({ messages: [{ "tool-name": 1 }] }, closed);
    expect(rows.map((row) => row.path)).toEqual(["", "messages", "messages[0]", 'messages[0]["tool-name"]']);
  });

  it("opens and closes by key", () => {
    expect(jsonRows({ a: { b: 1 } }, { toggled: new Map([["$", false]]) })).toHaveLength(1);
    expect(jsonRows({ a: { b: { c: { d: 1 } } } }, closed).at(-1)).toMatchObject({ label: "c", isOpen: false });
  });

  it("cuts long arrays into ranges and does not walk the closed ones", () => {
    const huge = Array.from({ length: 100_000 }, (_, i) => i);
    const rows = jsonRows(huge, closed);
    expect(rows).toHaveLength(1 + huge.length / MAX_CHILDREN);
    expect(rows[1]).toMatchObject({ kind: "range", label: "0 … 99", isOpen: false });
    const opened = jsonRows(huge, { toggled: new Map([[rows[2]?.key ?? "", true]]) });
    expect(opened).toHaveLength(rows.length + MAX_CHILDREN);
    expect(opened[3]).toMatchObject({ label: "100", value: 100, path: "[100]" });
  });

  it("summarises closed nodes", () => {
    const [row] = jsonRows({ a: 1, b: 2, c: 3, d: 4, e: 5 }, closed);
    expect(row && jsonSummary(row)).toBe("{ a, b, c, d, … }");
    const [empty] = jsonRows([], closed);
    expect(empty).toMatchObject({ isOpen: false });
    expect(empty && jsonSummary(empty)).toBe("[]");
  });
});
