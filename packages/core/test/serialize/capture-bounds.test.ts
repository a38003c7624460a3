import { describe, expect, test } from "vitest";
import { capture, MAX_ITEMS, MAX_NODES } from "../../src/serialize/capture.ts";
import { stringifyWithin } from "../../src/serialize/truncate.ts";

/** Values and keys of plain data. */
function countNodes(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + countNodes(item), 1);
  return Object.values(value).reduce((sum: number, item) => sum + 1 + countNodes(item), 1);
}

/** Each marker is a value beyond the bound; there is at most one for each open level. */
const SLACK = 1_000;

const small = (i: number): unknown => ({
  id: i,
  a: { b: `x${i}`, c: [1, 2, 3] },
  t: [`q${i}`],
  n: "name",
  p: { q: {} },
});

const wide: [what: string, make: () => unknown][] = [
  ["small objects", () => Array.from({ length: 50_000 }, (_, i) => small(i))],
  ["rows of numbers", () => Array.from({ length: 2048 }, () => Array.from({ length: 1536 }, () => Math.random()))],
  ["rows of booleans", () => Array.from({ length: 1000 }, () => Array.from({ length: 1000 }, () => true))],
  ["keys", () => Object.fromEntries(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i]))],
  ["entries of a Map", () => new Map(Array.from({ length: 200_000 }, (_, i) => [`k${i}`, i]))],
  ["entries of a Map of numbers", () => new Map(Array.from({ length: 200_000 }, (_, i) => [i, i]))],
  ["items of a Set", () => new Set(Array.from({ length: 200_000 }, (_, i) => i))],
];

describe("bounds", () => {
  test.each(wide)("%s beyond the bound are not copied", (_, make) => {
    const { value } = capture(make());
    expect(countNodes(value)).toBeLessThanOrEqual(MAX_NODES + SLACK);
    expect(JSON.stringify(value).length).toBeLessThan(5 * 1024 * 1024);
    expect(JSON.stringify(value)).toMatch(/left out/);
  });

  test("an object keeps its first keys and a count", () => {
    const { value } = capture(Object.fromEntries(Array.from({ length: 25_000 }, (_, i) => [`k${i}`, i])));
    const copy = value as Record<string, unknown>;
    expect(Object.keys(copy)).toHaveLength(MAX_ITEMS + 1);
    expect(copy["[left out]"]).toBe("15000 keys");
    expect(copy.k0).toBe(0);
  });

  test("every row of a matrix keeps its ends and a count", () => {
    const rows = Array.from({ length: 2048 }, (_, row) => Array.from({ length: 1536 }, (__, i) => row + i / 1536));
    const copy = capture(rows).value as unknown[][];
    expect(copy).toHaveLength(2048);
    expect(copy[0]).toEqual(rows[0]);
    expect(copy.at(-2)).toHaveLength(9);
    expect(copy.at(-2)![4]).toBe("[1528 items left out]");
    expect(copy.at(-2)![8]).toBe(rows.at(-2)![1535]);
    expect(stringifyWithin(copy, 1024 * 1024).cuts).toEqual([]);
  });

  test("the last messages are kept when the middle does not fit", () => {
    const messages = Array.from({ length: 3000 }, (_, i) => ({ role: "user", content: `${i} ${"x".repeat(4000)}` }));
    const copy = capture(messages).value as { content: string }[];
    expect(copy.length).toBeLessThan(1500);
    expect(copy[0]!.content).toMatch(/^0 x/);
    expect(copy.at(-1)!.content).toMatch(/^2999 x/);
    expect(copy.find((item) => typeof item === "string")).toBe(`[${3000 - copy.length + 1} items left out]`);
  });

  test("many attachments in one value are all kept: they are taken out before anything is sent", () => {
    const url = `data:image/png;base64,${"A".repeat(3_000_000)}`;
    const copy = capture(Array.from({ length: 10 }, () => ({ url }))).value;
    expect(copy).toEqual(Array.from({ length: 10 }, () => ({ url })));
  });

  test("a huge text is shared, and cut before it is serialised", () => {
    const text = `head${"é".repeat(5_000_000)}tail`;
    const { value, bytes } = capture({ text, after: 1 });
    expect((value as { text: string }).text).toBe(text);
    expect(bytes).toBeGreaterThan(5_000_000);
    const { json, cuts } = stringifyWithin(value, 64 * 1024, "input");
    expect(cuts).toEqual(["input.text=5000008 characters"]);
    expect(JSON.parse(json)).toMatchObject({
      after: 1,
      text: expect.stringMatching(/^headé+…\[cut: 5000008 characters\]…é+tail$/),
    });
    expect(json.length).toBeGreaterThan(20_000);
  });

  test("small values that do not fit are cut once, not by trying", () => {
    const value = Array.from({ length: 20_000 }, (_, i) => ({ i, toJSON: undefined, name: `item ${i}` }));
    let serialised = 0;
    const original = JSON.stringify;
    JSON.stringify = ((...args: Parameters<typeof original>) => {
      serialised++;
      return original(...args);
    }) as typeof original;
    try {
      expect(stringifyWithin(value, 64 * 1024, "input").cuts[0]).toMatch(/^input=\d+/);
    } finally {
      JSON.stringify = original;
    }
    // The whole, the sample of its texts, and what is left.
    expect(serialised).toBeLessThanOrEqual(3);
  });
});

test("of thousands of errors the stacks of the first are read: each costs the caller when it is", () => {
  let read = 0;
  const errors = Array.from({ length: 5_000 }, (_, i) =>
    Object.defineProperty(new Error(`failed ${i}`), "stack", { get: () => `stack ${read++}` }),
  );
  const { errors: kept } = capture(new AggregateError(errors)).value as {
    errors: { message: string; stack?: string }[];
  };
  expect(read).toBeLessThanOrEqual(100);
  expect(kept.slice(0, 8).every(({ stack }) => stack?.startsWith("stack "))).toBe(true);
  expect(kept.at(-1)).toMatchObject({ message: "failed 4999" });
});

test("a BigInt whose digits would take a second to find is a marker", () => {
  expect(capture(1n << 65_000n).value).toBe((1n << 65_000n).toString());
  expect(capture([1n << 8_000_000n, -(1n << 70_000n)]).value).toEqual(
    Array(2).fill("[BigInt of more than 65536 bits]"),
  );
});
