import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { slotRows } from "../src/ui/use-slots.ts";

describe("slots", () => {
  test("hold the rows in order where the elements were last put into order", () => {
    expect(slotRows({ from: 6, to: 10, slots: 4, orderedFrom: 6 }).map(({ row }) => row)).toEqual([6, 7, 8, 9]);
  });

  test("keep their places while rows go by: what left at the top comes in below, in the same element", () => {
    const before = slotRows({ from: 0, to: 4, slots: 4, orderedFrom: 0 });
    const after = slotRows({ from: 2, to: 6, slots: 4, orderedFrom: 0 });
    expect(after.map(({ slot }) => slot)).toEqual(before.map(({ slot }) => slot));
    expect(after.map(({ row }) => row)).toEqual([4, 5, 2, 3]);
  });

  test("hold each row of the range once, and no other, wherever one scrolls", () => {
    const count = fc.nat(200);
    fc.assert(
      fc.property(count, count, count, fc.integer({ min: 1, max: 60 }), (from, length, orderedFrom, slots) => {
        const to = from + Math.min(length, slots);
        const found = slotRows({ from, to, slots, orderedFrom });
        expect(found.map(({ row }) => row).toSorted((a, b) => a - b)).toEqual(
          Array.from({ length: to - from }, (_, at) => from + at),
        );
        expect(new Set(found.map(({ slot }) => slot)).size).toBe(found.length);
      }),
    );
  });
});
