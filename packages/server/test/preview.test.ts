import { describe, expect, it } from "vitest";
import { previewOf, previewOfHead } from "../src/mapping/preview.ts";

describe("the preview of a payload's head", () => {
  it("is the preview where nothing was cut", () => {
    for (const value of ["text", 1, { a: 1 }, [{ role: "user", content: "hi" }]]) {
      expect(previewOfHead(JSON.stringify(value))).toBe(previewOf(JSON.stringify(value)));
    }
  });

  it("is the first text, wherever the JSON was cut", () => {
    const whole = JSON.stringify([{ role: "user", content: 'say "ä\u0001\\" 😀 now' }, { content: "last" }]);
    expect(previewOfHead(whole.slice(0, -1))).toBe('say "ä\u0001\\" 😀 now');
    for (let length = 1; length < whole.length; length += 1) {
      expect(typeof previewOfHead(whole.slice(0, length))).toBe("string");
    }
  });
});

it("shows letters that were sent as escapes, as Python does", () => {
  const json = String.raw`{"city": "\u6771\u4eac \ud83d\ude00", "quote": "\u0022\\u6771\u000a"}`;
  const shown = String.raw`{"city": "東京 😀", "quote": "\u0022\\u6771\u000a"}`;
  expect(previewOf(json)).toBe(shown);
  expect(previewOfHead(json.slice(0, -1))).toBe(shown.slice(0, -1));
  const long = JSON.stringify({ a: "東".repeat(300) }).replaceAll("東", "\\u6771");
  expect(previewOf(long)).toBe(`{"a":"${"東".repeat(293)}…`);
});
