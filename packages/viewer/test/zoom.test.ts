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

it("draws at most so many bars into the minimap, the longest", () => {
  const trace = model(
    Array.from({ length: 400 }, (_, i) => ({ id: String(i), start: i, duration: i === 7 ? 300 : 2 })),
  );
  const bars = minimapBars(trace, 20, 50);
  expect(bars.length).toBeLessThanOrEqual(50);
  expect(bars[0]).toMatchObject({ index: 7, line: 0 });
  expect(minimapBars(trace, 20, 1_000)).toHaveLength(400);
});
