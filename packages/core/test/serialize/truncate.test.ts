import fc from "fast-check";
import { expect, test } from "vitest";
import { stringifyWithin, utf8Bytes } from "../../src/serialize/truncate.ts";

test("what fits is left alone", () => {
  expect(stringifyWithin({ a: "b" }, 1024)).toEqual({ json: '{"a":"b"}', cuts: [] });
});

test("the longest string is cut first and says how long it was", () => {
  const long = `${"head ".repeat(1000)}tail`;
  const { json, cuts } = stringifyWithin({ short: "kept", long }, 2048, "input");
  const value = JSON.parse(json) as { short: string; long: string };
  expect(cuts).toEqual([`input.long=${long.length} characters`]);
  expect(value.short).toBe("kept");
  expect(value.long).toMatch(/^head head .*…\[cut: 5004 characters\]….*tail$/);
});

test("a cut never leaves half of a character", () => {
  const { json } = stringifyWithin({ text: "😀".repeat(2000) }, 2048);
  expect(json).not.toMatch(/[\ud800-\udbff](?![\udc00-\udfff])|\\ud8/);
  expect(utf8Bytes(json)).toBeLessThanOrEqual(2048);
});

test("then arrays keep their ends and a count", () => {
  const { json } = stringifyWithin(
    Array.from({ length: 5000 }, (_, i) => `item ${i}`),
    1024,
  );
  const items = JSON.parse(json) as string[];
  expect(items[0]).toBe("item 0");
  expect(items.at(-1)).toBe("item 4999");
  const kept = items.filter((item) => item.startsWith("item ")).length;
  expect(items).toContain(`[${5000 - kept} items left out]`);
});

test("so do objects: a table of texts by their ids is not lost as a whole", () => {
  const table = Object.fromEntries(
    Array.from({ length: 6000 }, (_, i) => [`document-${i}`, `text ${i} `.padEnd(250, "x")]),
  );
  const { json, cuts } = stringifyWithin({ question: "why?", table }, 1024 * 1024, "input");
  const value = JSON.parse(json) as { question: string; table: Record<string, string> };
  const keys = Object.keys(value.table).filter((key) => key !== "[cut]");
  expect(utf8Bytes(json)).toBeLessThanOrEqual(1024 * 1024);
  expect(value.question).toBe("why?");
  expect(keys.length).toBeGreaterThan(2000);
  expect([keys[0], keys.at(-1)]).toEqual(["document-0", "document-5999"]);
  expect(value.table["document-5999"]).toBe(table["document-5999"]);
  expect(value.table["[cut]"]).toBe(`${6000 - keys.length} keys`);
  expect(cuts).toContain("input.table=6000 keys");
});

test("of thousands of rows the list is cut, not each row", () => {
  const rows = Array.from({ length: 9000 }, () =>
    Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`key ${i}`, i])),
  );
  const kept = JSON.parse(stringifyWithin(rows, 256 * 1024).json) as object[];
  expect(Object.keys(kept[0]!)).toHaveLength(20);
});

test.each([
  [
    "a long conversation",
    Array.from({ length: 4000 }, () => ({ role: "user", content: "hello there friend ".repeat(50) })),
  ],
  ["its wide characters", Array.from({ length: 2000 }, () => ({ role: "user", content: "żółć 日本語 ".repeat(90) }))],
  ["its quotes", Array.from({ length: 2000 }, () => ({ role: "user", content: '{"a": "b"}\n'.repeat(90) }))],
  [
    "many small values",
    Array.from({ length: 9000 }, (_, i) => ({
      id: i,
      name: `the name of ${i}`,
      tags: ["a", "b"],
      at: { x: 1.5, y: 2.5, on: true },
    })).flatMap((row) => [row, row]),
  ],
  ["one text", "lorem ipsum ".repeat(400_000)],
])("what is left of %s fills the limit", (_what, value) => {
  const limit = 1024 * 1024;
  const { json, cuts } = stringifyWithin(value, limit, "input");
  expect(utf8Bytes(json)).toBeLessThanOrEqual(limit);
  expect(utf8Bytes(json)).toBeGreaterThan(0.9 * limit);
  const kept = JSON.parse(json) as unknown[];
  const left = /\[(\d+) items left out\]/.exec(json)?.[1];
  if (Array.isArray(value)) expect(kept.length + Number(left ?? 1) - 1).toBe(value.length);
  expect(cuts.length).toBeLessThanOrEqual(17);
});

test("whatever the value, the result is valid JSON within the limit", () => {
  const strings = fc.string({ unit: "grapheme", maxLength: 4000 });
  const values = fc.letrec((tie) => ({
    value: fc.oneof(strings, fc.array(tie("value")), fc.dictionary(fc.string({ maxLength: 20 }), tie("value"))),
  })).value;
  fc.assert(
    fc.property(values, fc.integer({ min: 1024, max: 8192 }), (value, limit) => {
      const { json } = stringifyWithin(value, limit);
      expect(() => JSON.parse(json)).not.toThrow();
      expect(utf8Bytes(json)).toBeLessThanOrEqual(limit);
    }),
  );
});
