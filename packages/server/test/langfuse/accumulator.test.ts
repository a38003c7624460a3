import { describe, expect, it } from "vitest";
import { Accumulator, MAX_SAMPLE } from "../../src/query/aggregate/accumulator.ts";

describe("a metric of more values than are kept", () => {
  it("tells percentiles and histograms of a sample, and all else of every value", () => {
    const count = 5 * MAX_SAMPLE;
    const aggregations = ["p50", "histogram", "sum", "max"] as const;
    const [median, histogram, sum, max] = aggregations.map((aggregation) => {
      const accumulator = new Accumulator(aggregation);
      for (let value = 1; value <= count; value += 1) accumulator.add(value);
      return accumulator.result(4);
    });
    expect(sum).toBe((count * (count + 1)) / 2);
    expect(max).toBe(count);
    // The deviation of a sample's median is 0.35 % here: this is more than ten of them.
    expect(Math.abs((median as number) / (count / 2) - 1)).toBeLessThan(0.05);
    const bins = histogram as [number, number, number][];
    expect(bins).toHaveLength(4);
    expect(bins.reduce((all, [, , height]) => all + height, 0)).toBeCloseTo(count);
    for (const [, , height] of bins) expect(Math.abs(height / (count / 4) - 1)).toBeLessThan(0.1);
  });
});
