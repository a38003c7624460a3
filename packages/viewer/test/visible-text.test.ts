import { expect, test } from "vitest";
import { readablePreview } from "../src/model/preview.ts";
import { visibleText } from "../src/model/visible-text.ts";

test("names what would turn the order of a text, and leaves text that is written from right to left", () => {
  expect(visibleText("x\u202Egnp.exe")).toBe("x⟨U+202E⟩gnp.exe");
  expect(visibleText("a\u2067b\u2069c")).toBe("a⟨U+2067⟩b⟨U+2069⟩c");
  expect(visibleText("שלום\u200F عالم")).toBe("שלום\u200F عالم");
  expect(readablePreview("Invoice \u202Egpj.exe")).toBe("Invoice ⟨U+202E⟩gpj.exe");
});
