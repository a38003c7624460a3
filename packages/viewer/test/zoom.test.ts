import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fit, inside, isWhole, minimapBars, panBy, parseZoom, zoomBy, zoomText } from "../src/trace/zoom.ts";
import { model } from "./trace-fixture.ts";

const whole = { from: 0, to: 1_000 };

describe("zoom", () => {
  it("keeps what is under the pointer where it is", () => {
    const zoom = zoomBy(whole, 0.5, 0.25, whole);
    expect(zoom).toEqual({ from: 125, to: 625 });
    expect(zoom.from + 0.25 * (zoom.to - zoom.from)).toBe(250);
  });

  it("never leaves the trace, nor shows less than a hundredth of a millisecond", () => {
    const moves = fc.array(
      fc.tuple(fc.boolean(), fc.double({ min: 0.01, max: 3, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })),
    );
    fc.assert(
      fc.property(moves, (steps) => {
        let zoom = whole;
        for (const [isZoom, amount, around] of steps) {
          zoom = isZoom ? zoomBy(zoom, amount, around, whole) : panBy(zoom, amount - 1.5, whole);
          expect(zoom.from).toBeGreaterThanOrEqual(-1e-6);
          expect(zoom.to).toBeLessThanOrEqual(1_000 + 1e-6);
          expect(zoom.to - zoom.from).toBeGreaterThan(0.0099);
        }
      }),
    );
  });

  it("moves by a share, and stops at the ends", () => {
    expect(panBy({ from: 0, to: 100 }, 0.5, whole)).toEqual({ from: 50, to: 150 });
    expect(panBy({ from: 900, to: 1_000 }, 0.5, whole)).toEqual({ from: 900, to: 1_000 });
    expect(inside({ from: -50, to: 2_000 }, whole)).toEqual(whole);
    expect(isWhole(zoomBy(whole, 4, 0.5, whole), whole)).toBe(true);
  });

  it("is written into an address and read from it", () => {
    expect(parseZoom(zoomText({ from: 12.3456, to: 99 }))).toEqual({ from: 12.346, to: 99 });
    for (const text of [null, "", "5", "9-3", "a-b", "3-3"]) expect(parseZoom(text)).toBeNull();
  });

  it("fits a trace without any length", () => {
    const { from, to } = fit(model([{ id: "a", duration: 0 }]));
    expect(to - from).toBeGreaterThan(0);
  });
});

describe("minimapBars", () => {
  it("draws deeper on top, and neighbours of one kind as one bar", () => {
    const trace = model([
      { id: "root", type: "agent", duration: 100 },
      { id: "a", parent: "root", type: "tool", start: 0, duration: 50 },
      { id: "b", parent: "root", type: "tool", start: 50, duration: 25 },
      { id: "c", parent: "root", type: "tool", status: "error", start: 75, duration: 0 },
    ]);
    const bars = minimapBars(trace, 1);
    expect(bars.map(({ index, left }) => [trace.dictionary[trace.types[index]!], left])).toEqual([
      ["tool", 0],
      ["tool", 0.75],
      ["agent", 0.75 + 1 / 600],
    ]);
    expect(bars.reduce((sum, { width }) => sum + width, 0)).toBeCloseTo(1);
  });

  it("stays small however long the trace is", () => {
    const many = model(Array.from({ length: 3_000 }, (_, i) => ({ id: String(i), start: i, duration: 2 })));
    expect(minimapBars(many, 16).length).toBeLessThan(200);
  });
});
