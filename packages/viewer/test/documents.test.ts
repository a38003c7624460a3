import { describe, expect, it } from "vitest";
import { sourceOf } from "../src/json/json-index.ts";
import { Documents, LARGE_CHARS } from "../src/workers/documents.ts";

const large = "z".repeat(LARGE_CHARS + 1);

describe("Documents", () => {
  it("leaves a small answer as it is", () => {
    expect(new Documents().read('{"id":1}')).toEqual({ small: '{"id":1}', large: {} });
  });

  it("keeps large members by reference, and everything else as text, digits included", () => {
    const documents = new Documents();
    const text = `{"id":"x","input":${JSON.stringify({ large })},"big":12345678901234567890}`;
    const read = documents.read(text);
    expect(read.small).toBe('{"id":"x","big":12345678901234567890}');
    expect(Object.keys(read.large)).toEqual(["input"]);
    const { document, entry, chars } = read.large["input"]!;
    expect(sourceOf(documents.get(document), entry)).toHaveLength(chars);
  });

  it("opens JSON that was recorded as text, and leaves text that only begins like it", () => {
    const documents = new Documents();
    const nested = documents.read(JSON.stringify({ input: JSON.stringify([large]) })).large["input"]!;
    expect(nested.entry).toBe(0);
    expect(documents.get(nested.document).childCounts[0]).toBe(1);
    const plain = documents.read(JSON.stringify({ input: `[${large}` })).large["input"]!;
    expect(sourceOf(documents.get(plain.document), plain.entry)).toBe(JSON.stringify(`[${large}`));
  });

  it("gives a readable error for what it no longer has", () => {
    expect(() => new Documents().get(7)).toThrow(/no longer in memory/);
  });
});
