import { describe, expect, it } from "vitest";
import { brushedRange, layoutDensity } from "../src/model/density.ts";
import { chooseColumns, fitColumns, gridTemplate } from "../src/model/fit-columns.ts";

const size = (id: string, width: number, priority: number, grow = 0) => ({ id, width, priority, grow });

describe("fitColumns", () => {
  const columns = [size("name", 100, Number.POSITIVE_INFINITY, 1), size("cost", 50, 2), size("tags", 80, 1)];

  it("drops the least important until the rest fits, gaps included", () => {
    const fit = (width: number) => fitColumns(columns, width, 10).map(({ id }) => id);
    expect(fit(250)).toEqual(["name", "cost", "tags"]);
    expect(fit(249)).toEqual(["name", "cost"]);
    expect(fit(159)).toEqual(["name"]);
    expect(fit(10)).toEqual(["name"]);
    // Before the first measurement nothing is known, and nothing is dropped.
    expect(fit(0)).toEqual(["name", "cost", "tags"]);
  });

  it("gives what is left to those that grow", () => {
    expect(gridTemplate(columns)).toBe("minmax(100px, 1fr) 50px 80px");
  });
});

it("shows chosen columns in the chosen order, fixed ones first, unknown ones never", () => {
  const all = ["name", "cost", "tags"].map((id) => ({ id, isDefault: id !== "tags", isFixed: id === "name" }));
  expect(chooseColumns(all, null).map(({ id }) => id)).toEqual(["name", "cost"]);
  expect(chooseColumns(all, ["tags", "later", "cost"]).map(({ id }) => id)).toEqual(["name", "tags", "cost"]);
});

describe("the density strip", () => {
  const density = {
    from: 1_000,
    to: 2_000,
    bucketMs: 250,
    buckets: [4, 0, 1, 1].map((count) => ({ count, errors: count === 4 ? 2 : 0, cost: null, maxDurationMs: null })),
    outliers: [
      { kind: "cost" as const, time: 1_500, value: 3, traceId: "t", observationId: null },
      { kind: "cost" as const, time: 5_000, value: 3, traceId: "outside", observationId: null },
    ],
  };

  it("draws what is there, errors as their share, and marks within the range", () => {
    const { bars, marks } = layoutDensity(density);
    expect(bars.map(({ index, height, errorHeight }) => [index, height, errorHeight])).toEqual([
      [0, 1, 0.5],
      [2, 0.5, 0],
      [3, 0.5, 0],
    ]);
    expect(marks).toMatchObject([{ traceId: "t", left: 0.5 }]);
  });

  it("selects whole buckets, from either side, and nothing for a click", () => {
    expect(brushedRange(density, 0.6, 0.3)).toEqual({ from: 1_250, to: 1_750 });
    expect(brushedRange(density, -1, 2)).toEqual({ from: 1_000, to: 2_000 });
    expect(brushedRange(density, 0.5, 0.5)).toBeNull();
  });
});
