import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Block, type Inline, parseInline, parseMarkdown } from "../src/model/markdown.ts";

describe("parseMarkdown", () => {
  it("reads code, headings, lists and paragraphs", () => {
    const blocks = parseMarkdown("# Title\n\ntext\nmore\n- one\n  - two\n\n```ts\nlet a = 1;\n```\nend");
    expect(blocks.map((block) => block.kind)).toEqual(["heading", "paragraph", "list", "code", "paragraph"]);
    expect(blocks[3]).toEqual({ kind: "code", language: "ts", text: "let a = 1;" });
  });

  it("takes an open fence to the end: streamed text is often cut", () => {
    expect(parseMarkdown("```\na\nb")).toEqual([{ kind: "code", language: "", text: "a\nb" }]);
  });

  it("reads tables: alignment, escaped bars, bars in code, rows of another length", () => {
    const text =
      "Prices:\n| Plan | Cost \\| month |\n|:--|--:|\n| `a|b` | **$2** |\n| only one |\n| 1 | | 3 |\n\nafter";
    const [before, table, after] = parseMarkdown(text);
    expect([before?.kind, table?.kind, after?.kind]).toEqual(["paragraph", "table", "paragraph"]);
    if (table?.kind !== "table") throw new Error("no table");
    expect(table.aligns).toEqual(["left", "right"]);
    expect(table.head.map(inlineText)).toEqual(["Plan", "Cost | month"]);
    expect(table.rows.map((cells) => cells.map(inlineText))).toEqual([
      ["a|b", "$2"],
      ["only one", ""],
      ["1", "", "3"],
    ]);
    expect(table.rows[0]?.[1]).toEqual([{ kind: "strong", text: "$2" }]);
  });

  it("leaves bars that are no table as text", () => {
    for (const text of ["a | b\nc | d", "a | b\n---", "| a | b |\n|---|", "---|---"])
      expect(parseMarkdown(text).every(({ kind }) => kind === "paragraph")).toBe(true);
  });

  it("makes links of http, https and mailto only", () => {
    expect(parseInline("[a](https://example.com)")).toEqual([{ kind: "link", text: "a", href: "https://example.com" }]);
    for (const href of ["javascript:alert(1)", "data:text/html,x", "JAVASCRIPT:x", "//example.com", "vbscript:x"]) {
      expect(parseInline(`[a](${href})`).some((inline) => inline.kind === "link")).toBe(false);
    }
  });

  it("leaves images as text: nothing is loaded", () => {
    expect(parseInline("![x](https://example.com/track.png)")).toEqual([
      { kind: "text", text: "![x](https://example.com/track.png)" },
    ]);
  });

  it("keeps every visible character of any text that has no markup", () => {
    const words = fc.array(fc.stringMatching(/^[A-Za-z0-9 ,;:?<>&"'=]{0,20}$/), { maxLength: 8 });
    fc.assert(
      fc.property(words, (lines) => {
        const shown = parseMarkdown(lines.join("\n")).map(blockText).join("");
        expect(shown.replace(/\s/g, "")).toBe(lines.join("").replace(/\s/g, ""));
      }),
    );
  });

  it("takes time in proportion for text made to be slow", () => {
    const hostile = [
      `${"[".repeat(100_000)}${"*".repeat(100_000)}`,
      "|-".repeat(100_000),
      `${"|`".repeat(100_000)}\n-|-`,
    ];
    const startedAt = performance.now();
    for (const text of hostile) parseMarkdown(text);
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});

function blockText(block: Block): string {
  if (block.kind === "code") return block.text;
  if (block.kind === "list") return block.items.map((item) => inlineText(item.inlines)).join("");
  if (block.kind === "table") return [block.head, ...block.rows].flat().map(inlineText).join("|");
  return inlineText(block.inlines);
}

function inlineText(inlines: readonly Inline[]): string {
  return inlines.map((inline) => inline.text).join("");
}
