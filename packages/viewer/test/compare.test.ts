import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { align, matchLists } from "../src/compare/align.ts";
import { delta, formatDelta, measure, tone } from "../src/compare/delta.ts";
import { diffText, foldDiff, lineDiff } from "../src/compare/line-diff.ts";
import { idOf } from "../src/trace/model.ts";
import { model, type Observation } from "./trace-fixture.ts";

const step = (id: string, name: string, parent?: string, more: Partial<Observation> = {}): Observation => ({
  id,
  name,
  ...(parent === undefined ? {} : { parent }),
  ...more,
});

describe("two traces as one tree", () => {
  const rowsOf = (a: Observation[], b: Observation[]) => {
    const [first, second] = [model(a), model(b)];
    return align(first, second).map((row) => [
      row.a === -1 ? null : idOf(first, row.a),
      row.b === -1 ? null : idOf(second, row.b),
      row.depth,
    ]);
  };

  test("match steps of one type and name, and keep those of one alone in their place", () => {
    const a = [step("a", "agent"), step("p", "plan", "a", { start: 1 }), step("s", "search", "a", { start: 2 })];
    const b = [step("A", "agent"), step("P", "plan", "A", { start: 1 }), step("X", "answer", "A", { start: 2 })];
    expect(rowsOf(a, b)).toEqual([
      ["a", "A", 0],
      ["p", "P", 1],
      ["s", null, 1],
      [null, "X", 1],
    ]);
  });

  test("do not match a tool with a model call of its name", () => {
    expect(
      rowsOf([step("a", "x", undefined, { type: "tool" })], [step("b", "x", undefined, { type: "generation" })]),
    ).toEqual([
      ["a", null, 0],
      [null, "b", 0],
    ]);
  });

  test("show everything below a step that only one has", () => {
    expect(rowsOf([step("a", "x"), step("c", "y", "a")], [step("b", "z")])).toEqual([
      ["a", null, 0],
      ["c", null, 1],
      [null, "b", 0],
    ]);
  });
});

describe("matched lists", () => {
  const words = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 30 });

  test("hold each entry once, in order, and match equal ones alone", () => {
    fc.assert(
      fc.property(words, words, (a, b) => {
        const matched = matchLists(a, b);
        expect(matched.map(([i]) => i).filter((i) => i !== -1)).toEqual(a.map((_, i) => i));
        expect(matched.map(([, j]) => j).filter((j) => j !== -1)).toEqual(b.map((_, j) => j));
        for (const [i, j] of matched) {
          expect(i !== -1 || j !== -1).toBe(true);
          if (i !== -1 && j !== -1) expect(a[i]).toBe(b[j]);
        }
      }),
    );
  });

  test("match a list with itself in full, and long ones too", () => {
    const long = Array.from({ length: 3_000 }, (_, index) => `step ${index % 7}`);
    expect(matchLists(long, long).every(([i, j]) => i === j)).toBe(true);
    const other = ["first", ...long.slice(5), "last"];
    const matched = matchLists(long, other);
    expect(matched.map(([i]) => i).filter((i) => i !== -1)).toHaveLength(long.length);
    expect(matched.map(([, j]) => j).filter((j) => j !== -1)).toEqual(other.map((_, j) => j));
  });
});

describe("a difference", () => {
  test("is what the whole subtree takes more", () => {
    const a = model([step("a", "x", undefined, { duration: 100 }), step("c", "y", "a", { input: 10, cost: 0.1 })]);
    const b = model([step("a", "x", undefined, { duration: 150 }), step("c", "y", "a", { input: 30, cost: 0.4 })]);
    const difference = delta(measure(a, 0), measure(b, 0));
    expect(difference.durationMs).toBe(50);
    expect(difference.tokens).toBe(20);
    expect(difference.cost).toBeCloseTo(0.3);
  });

  test("is unknown where one side is", () => {
    const a = model([step("a", "x", undefined, { input: 10 })]);
    expect(delta(measure(a, 0), null)).toEqual({ durationMs: null, tokens: null, cost: null });
    expect(delta(measure(a, 0), measure(a, 0)).cost).toBeNull();
    expect(formatDelta(null, String)).toBe("");
  });

  test("is notable from a tenth on", () => {
    expect(tone(100, 105)).toBeNull();
    expect(tone(100, 120)).toBe("more");
    expect(tone(100, 50)).toBe("less");
    expect(tone(0, 0)).toBeNull();
    expect(formatDelta(-5, String)).toBe("−5");
    expect(formatDelta(5, String)).toBe("+5");
  });
});

describe("lines", () => {
  test("of both, with what is in one alone marked", () => {
    expect(lineDiff("a\nb\nc", "a\nx\nc")).toEqual([
      { kind: "same", text: "a" },
      { kind: "removed", text: "b" },
      { kind: "added", text: "x" },
      { kind: "same", text: "c" },
    ]);
  });

  test("that are equal and far from a change are counted", () => {
    const before = Array.from({ length: 20 }, (_, index) => `line ${index}`).join("\n");
    const blocks = foldDiff(lineDiff(before, `${before}\nmore`));
    expect(blocks[0]).toEqual({ kind: "gap", count: 17 });
    expect(blocks[1]).toMatchObject({ kind: "lines", lines: [{}, {}, {}, { kind: "added", text: "more" }] });
    expect(foldDiff(lineDiff(before, before))).toEqual([{ kind: "gap", count: 20 }]);
  });

  test("of a text inside of JSON are compared one by one", () => {
    const text = diffText([{ content: "one\ntwo" }]);
    expect(text.split("\n").map((line) => line.trim())).toContain('"two"');
    expect(diffText(null)).toBe("");
    expect(diffText("plain\ntext")).toBe("plain\ntext");
  });
});
