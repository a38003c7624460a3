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
