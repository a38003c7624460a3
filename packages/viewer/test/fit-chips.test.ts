import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fitChips } from "../src/model/fit-chips.ts";

const chips = (...texts: string[]) => texts.map((text) => ({ label: null, text }));

describe("fitChips", () => {
  it("shows all that fit", () => {
    expect(fitChips(chips("prod", "eu"), 190)).toBe(2);
  });

  it("leaves room for the count of the rest", () => {
    // Two chips of 69 px and their gap need 142 px. With a third, its count would have to fit behind them.
    expect(fitChips(chips("a".repeat(10), "b".repeat(10)), 152)).toBe(2);
    expect(fitChips(chips("a".repeat(10), "b".repeat(10), "c".repeat(10)), 152)).toBe(1);
  });

  it("counts labels", () => {
    expect(fitChips([{ label: "session", text: "sess_41f0" }, ...chips("prod")], 120)).toBe(1);
  });

  it("shows the first chip however long it is, and none of none", () => {
    expect(fitChips(chips("x".repeat(500)), 50)).toBe(1);
    expect(fitChips([], 190)).toBe(0);
  });

  it("never shows fewer on a wider line", () => {
    const chip = fc.record({ label: fc.option(fc.string({ maxLength: 12 })), text: fc.string({ maxLength: 40 }) });
    fc.assert(
      fc.property(fc.array(chip), fc.nat(600), fc.nat(600), (list, width, more) => {
        expect(fitChips(list, width + more)).toBeGreaterThanOrEqual(fitChips(list, width));
      }),
    );
  });
});
