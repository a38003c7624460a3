import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { itemPreview, itemText, readItemText } from "../src/model/item-text.ts";

describe("an item's value as text", () => {
  test("is read back as what it was", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // -0 is written as 0 by JSON.
        const kept: unknown = JSON.parse(JSON.stringify(value));
        expect(readItemText(itemText(kept))).toEqual({ value: kept, error: null });
      }),
    );
  });

  test.each(["plain words", " 12", "12", "true", "null", "{not json", '"quoted"', "", "  spaced  ", "\n"])(
    "keeps the text %j a text",
    (text) => {
      // Nothing but space is nothing: such a text comes back as it was only with its quotes.
      const { value, error } = readItemText(itemText(text));
      expect(error).toBeNull();
      expect(value).toBe(text);
    },
  );

  test("takes words as a text, and numbers and lists as what they are", () => {
    expect(readItemText("Paris").value).toBe("Paris");
    expect(readItemText("12").value).toBe(12);
    expect(readItemText("[1, 2]").value).toEqual([1, 2]);
    expect(readItemText("  ")).toEqual({ value: null, error: null });
  });

  test("does not make a text of JSON that lost a bracket", () => {
    expect(readItemText('{"a": 1').error).toMatch(/Not valid JSON/);
  });
});

test("a preview is the last thing that was said, or the value", () => {
  expect(itemPreview([{ role: "user", content: "Why?" }])).toBe("Why?");
  expect(itemPreview("Paris")).toBe("Paris");
  expect(itemPreview(null)).toBeNull();
});
