import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DatasetItemRow } from "../src/api/types.ts";
import { itemPreview, itemText, readItemText, rowPreview } from "../src/model/item-text.ts";

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

test("a preview of what was cut is that of its beginning", () => {
  const row = { truncated: ["input"] } as unknown as DatasetItemRow;
  const preview = (json: string, chars: number): string | null =>
    rowPreview({ ...row, input: json.slice(0, chars) }, "input");
  const text = JSON.stringify("Where\nis\u0001 it?");
  expect(preview(text, 10)).toBe("Where is");
  // Inside of an escape.
  for (const chars of [11, 12, 13, 14, 15]) expect(preview(text, chars)).toMatch(/^Where is/);
  expect(preview(JSON.stringify([{ role: "user", content: "Why?" }, { role: "assistant" }]), 44)).toBe("Why?");
  // A text that begins with a quote, which was not cut, is one.
  expect(rowPreview({ ...row, truncated: ["metadata"], input: '"a' }, "input")).toBe('"a');
});
