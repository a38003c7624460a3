import { describe, expect, it } from "vitest";
import type { QueryField } from "../src/api/types.ts";
import { accept, suggest, typingAt } from "../src/query/complete.ts";

const field = (name: string, more: Partial<QueryField> = {}): QueryField => ({
  name,
  kind: "text",
  description: `the ${name}`,
  values: [],
  facet: false,
  ...more,
});
const FIELDS = [
  field("status", { kind: "enum", values: ["ok", "error"] }),
  field("model"),
  field("metadata.", { kind: "key" }),
];

/** The caret is where the bar is. */
function at(marked: string) {
  const caret = marked.indexOf("|");
  const query = marked.replace("|", "");
  const typing = typingAt(query, caret);
  const known = {
    model: [
      { value: "gpt-4o", count: 9 },
      { value: "my model", count: 1 },
    ],
  };
  return { query, typing, suggestions: suggest(typing, FIELDS, known) };
}

/** The query after the first suggestion was taken. */
function taken(marked: string): string {
  const { query, typing, suggestions } = at(marked);
  const result = accept(query, typing, suggestions[0]!);
  return `${result.query.slice(0, result.caret)}|${result.query.slice(result.caret)}`;
}

describe("completion", () => {
  it("offers fields where nothing or a word is typed", () => {
    expect(at("|").suggestions.map(({ label }) => label)).toEqual(["status", "model", "metadata."]);
    expect(at("st|").suggestions.map(({ label }) => label)).toEqual(["status"]);
    expect(at("odel|").suggestions.map(({ label }) => label)).toEqual(["model"]);
  });

  it("offers values behind a colon, also for a negated field and in a group", () => {
    expect(at("status:|").suggestions.map(({ label }) => label)).toEqual(["ok", "error"]);
    expect(at("-status:e|").suggestions.map(({ label }) => label)).toEqual(["error"]);
    expect(at("status:(ok OR e|").suggestions.map(({ label }) => label)).toEqual(["error"]);
    expect(at("model:|").suggestions[0]).toMatchObject({ label: "gpt-4o", detail: "9" });
  });

  it("puts the choice in place of what is typed, and goes on behind it", () => {
    expect(taken("st|")).toBe("status:|");
    expect(taken("refund -st|")).toBe("refund -status:|");
    expect(taken("meta|")).toBe("metadata.|");
    expect(taken("status:e| model:x")).toBe("status:error| model:x");
    expect(taken("model:my|")).toBe('model:"my model" |');
  });
});
