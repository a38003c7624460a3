import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { criticalSegments, isCritical } from "../src/trace/critical-path.ts";
import { errorPlaces, matchPlaces, mostExpensive, nextPlace, slowest } from "../src/trace/jumps.ts";
import { ancestors, children, DETACHED, durationOf, FLAG, indexOf, subtreeSum, idOf } from "../src/trace/model.ts";
import { allCollapsible, closedAbove, guides, rowOf, treeKey, visibleRows } from "../src/trace/rows.ts";
import { idsOf, model, type Observation } from "./trace-fixture.ts";

const NONE: ReadonlySet<string> = new Set();

describe("buildTrace", () => {
  it("puts children below their parents in order of start, and says where each is", () => {
    const trace = model([
      { id: "a" },
      { id: "b", parent: "a", start: 2 },
      { id: "d", parent: "b", start: 3 },
      { id: "c", parent: "a", start: 5 },
    ]);
    expect(idsOf(trace, trace.order)).toEqual(["a", "b", "d", "c"]);
    expect([...trace.depths]).toEqual([0, 1, 2, 1]);
    expect([...trace.sizes]).toEqual([4, 2, 1, 1]);
    expect([...trace.positions]).toEqual([1, 1, 1, 2]);
    expect([...trace.setSizes]).toEqual([1, 2, 1, 2]);
    expect(idsOf(trace, children(trace, 0))).toEqual(["b", "c"]);
    expect(guides(trace, 2)).toEqual([true, false]);
  });

  it("keeps an orphan as a marked root, and cuts a circle at its earliest member", () => {
    const trace = model([
      { id: "a" },
      { id: "orphan", parent: "gone", start: 1 },
      { id: "x", parent: "y", start: 2 },
      { id: "y", parent: "x", start: 3 },
      { id: "below", parent: "y", start: 4 },
    ]);
    expect([...trace.detached]).toEqual([DETACHED.none, DETACHED.parentMissing, DETACHED.parentCycle, 0, 0]);
    expect(idsOf(trace, trace.order)).toEqual(["a", "orphan", "x", "y", "below"]);
  });

  it("rolls up time, tokens and cost, an aggregate not counted twice, a lower bound where a price is missing", () => {
    const trace = model([
      { id: "agent", type: "agent", duration: 10, input: 100, output: 50, cost: 0.3, flags: FLAG.aggregate },
      { id: "call", parent: "agent", type: "generation", start: 1, duration: 20, input: 100, output: 50, cost: 0.3 },
      { id: "local", parent: "agent", type: "generation", start: 2, input: 7, output: 1 },
    ]);
    expect(subtreeSum(trace, 0)).toEqual({ inputTokens: 107, outputTokens: 51, cost: 0.3, costIncomplete: true });
    expect(subtreeSum(trace, 1).costIncomplete).toBe(false);
    expect(trace.ends[0]).toBe(21);
    expect(trace.endMs).toBe(21);
  });

  it("has no end where something runs, and counts it up to now", () => {
    const trace = model(
      [
        { id: "root", duration: 10 },
        { id: "open", parent: "root", status: "running", duration: -1, start: 4 },
      ],
      50,
    );
    expect([...trace.ends]).toEqual([-1, -1]);
    expect(trace.endMs).toBe(50);
    expect(durationOf(trace, 1, 60)).toBe(56);
    expect(trace.runningCount).toBe(1);
  });

  it("gives every observation exactly one place, whatever the parents", () => {
    const parents = fc.array(fc.integer({ min: -2, max: 30 }), { maxLength: 30 });
    fc.assert(
      fc.property(parents, (given) => {
        const observations: Observation[] = given.map((parent, index) => ({
          id: `o${index}`,
          start: index,
          cost: 1,
          ...(parent < 0 ? {} : { parent: `o${parent}` }),
        }));
        const trace = model(observations);
        expect(new Set(trace.order).size).toBe(given.length);
        let total = 0;
        for (const [place, index] of trace.order.entries()) {
          expect(trace.places[index]).toBe(place);
          const parent = trace.parents[index]!;
          if (parent < 0) total += trace.totalCosts[index]!;
          else {
            expect(trace.places[parent]).toBeLessThan(place);
            expect(place).toBeLessThan(trace.places[parent]! + trace.sizes[parent]!);
            expect(trace.depths[index]).toBe(trace.depths[parent]! + 1);
          }
          expect(ancestors(trace, index)).toHaveLength(trace.depths[index]!);
        }
        expect(total).toBe(given.length);
      }),
    );
  });

  it("builds a chain as deep as the trace is long", () => {
    const deep = Array.from({ length: 20_000 }, (_, index): Observation => ({
      id: String(index),
      ...(index === 0 ? {} : { parent: String(index - 1) }),
    }));
    // The fixture's search for parents would take longer than what is tested.
    const trace = model(deep.slice(0, 1_000));
    expect(trace.depths[999]).toBe(999);
  });
});

describe("critical path", () => {
  it("waits for the child that ended last, then for the one before it, and has the rest itself", () => {
    const trace = model([
      { id: "root", duration: 100 },
      { id: "first", parent: "root", start: 10, duration: 20 },
      { id: "beside", parent: "root", start: 12, duration: 5 },
      { id: "last", parent: "root", start: 40, duration: 50 },
    ]);
    expect(criticalSegments(trace, 0)).toEqual([
      { from: 0, to: 10 },
      { from: 30, to: 40 },
      { from: 90, to: 100 },
    ]);
    expect(criticalSegments(trace, 1)).toEqual([{ from: 10, to: 30 }]);
    expect(isCritical(trace, 2)).toBe(false);
    expect(criticalSegments(trace, 3)).toEqual([{ from: 40, to: 90 }]);
    expect(idOf(trace, slowest(trace))).toBe("last");
  });

  it("covers the root's time without gaps or overlaps, whatever runs beside what", () => {
    const spans = fc.array(fc.tuple(fc.integer({ min: 0, max: 8 }), fc.nat(100), fc.nat(100)), { maxLength: 9 });
    fc.assert(
      fc.property(spans, (given) => {
        const trace = model([
          { id: "root", duration: 100 },
          ...given.map(([parent, start, duration], index) => ({
            id: `o${index}`,
            parent: parent < index ? `o${parent}` : "root",
            start,
            duration,
          })),
        ]);
        const all = [...trace.order]
          .flatMap((index) => criticalSegments(trace, index))
          .toSorted((a, b) => a.from - b.from);
        let at = 0;
        for (const { from, to } of all) {
          expect(from).toBe(at);
          expect(to).toBeGreaterThan(from);
          at = to;
        }
        expect(at).toBe(100);
      }),
    );
  });
});

describe("rows and keys", () => {
  const trace = model([
    { id: "a" },
    { id: "b", parent: "a", start: 1 },
    { id: "c", parent: "b", start: 2, status: "error" },
    { id: "d", parent: "a", start: 3, cost: 2 },
    { id: "e", start: 4, status: "error", cost: 1 },
  ]);
  const key = (selected: string | null, name: string, collapsed = NONE) => {
    const action = treeKey(trace, visibleRows(trace, collapsed), collapsed, indexOf(trace, selected), name);
    return action === null ? null : `${action.type} ${idOf(trace, action.index)}`;
  };

  it("hides what is below a collapsed row, and finds rows by observation", () => {
    const rows = visibleRows(trace, new Set(["b"]));
    expect(idsOf(trace, rows)).toEqual(["a", "b", "d", "e"]);
    expect(rowOf(trace, rows, indexOf(trace, "d"))).toBe(2);
    expect(rowOf(trace, rows, indexOf(trace, "c"))).toBe(-1);
    expect(closedAbove(trace, indexOf(trace, "c"), new Set(["b", "d"]))).toEqual(["b"]);
    expect(allCollapsible(trace)).toEqual(new Set(["b"]));
    expect(trace.errorsBelow[1]).toBe(1);
  });

  it("walks, enters and leaves as the WAI-ARIA tree does", () => {
    expect(key("a", "ArrowDown")).toBe("select b");
    expect(key("a", "ArrowUp")).toBe("select a");
    expect(key(null, "ArrowDown")).toBe("select a");
    expect(key("e", "ArrowDown")).toBe("select e");
    expect(key("b", "ArrowRight")).toBe("select c");
    expect(key("b", "ArrowRight", new Set(["b"]))).toBe("expand b");
    expect(key("b", "ArrowLeft")).toBe("collapse b");
    expect(key("c", "ArrowLeft")).toBe("select b");
    expect(key("e", "ArrowLeft")).toBeNull();
    expect(key("c", "ArrowRight")).toBeNull();
    expect(key("c", "Home")).toBe("select a");
    expect(key("a", "End")).toBe("select e");
    expect(key("a", "x")).toBeNull();
  });

  it("goes to errors in a circle, to the dearest, and to what matches", () => {
    const errors = errorPlaces(trace);
    const next = (selected: string | null, step: 1 | -1) =>
      idOf(trace, nextPlace(trace, errors, indexOf(trace, selected), step));
    expect([next(null, 1), next("c", 1), next("e", 1), next("a", -1), next("d", -1)]).toEqual([
      "c",
      "e",
      "c",
      "e",
      "c",
    ]);
    expect(nextPlace(trace, [], 0, 1)).toBe(-1);
    expect(idOf(trace, mostExpensive(trace))).toBe("d");
    expect(matchPlaces(trace, "D", new Set(["a"])).map((place) => idOf(trace, trace.order[place]!))).toEqual([
      "a",
      "d",
    ]);
    expect(matchPlaces(trace, " ", new Set(["a"]))).toEqual([]);
  });
});

it("finds an observation by its id, and by nothing that is only a part of one", () => {
  const trace = model([{ id: "ab" }, { id: "b", start: 1 }, { id: "abc", start: 2 }]);
  expect(["ab", "b", "abc", "a", "c", "", "ab\nb"].map((id) => indexOf(trace, id))).toEqual([0, 1, 2, -1, -1, -1, -1]);
  expect([0, 1, 2, 3].map((index) => idOf(trace, index))).toEqual(["ab", "b", "abc", ""]);
});
