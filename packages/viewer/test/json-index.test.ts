import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutValue } from "../src/json/cut.ts";
import { parseExact, writeExact } from "../src/json/exact.ts";
import {
  decodeHead,
  entryAt,
  indexJson,
  InvalidJsonError,
  type JsonIndex,
  KIND,
  keyOf,
  pathOf,
  sourceOf,
} from "../src/json/json-index.ts";
import { JsonView } from "../src/json/json-view.ts";

/** The value an index describes, read through nothing but the index. */
function rebuild(index: JsonIndex, entry = 0): unknown {
  const kind = index.kinds[entry];
  if (kind !== KIND.object && kind !== KIND.array) return JSON.parse(sourceOf(index, entry));
  const children: number[] = [];
  for (let at = entry + 1; at < index.nexts[entry]!; at = index.nexts[at]!) children.push(at);
  expect(children).toHaveLength(index.childCounts[entry]!);
  if (kind === KIND.array) return children.map((child) => rebuild(index, child));
  return Object.fromEntries(children.map((child) => [keyOf(index, child), rebuild(index, child)]));
}

describe("indexJson", () => {
  it("describes any JSON, however it is spaced", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, "\t"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        // Through the parser, which knows no -0 and keeps one of two equal names.
        expect(rebuild(indexJson(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it.each(["", "{", "[1,", "[1,]", '{"a"}', '{"a":}', '"open', "[1] 2", "{a:1}", "]"])("refuses %j", (text) => {
    expect(() => indexJson(text)).toThrow(InvalidJsonError);
  });

  it("finds the value at an offset, and says its path", () => {
    const text = '{"messages":[{"role":"user","content":"find me"}],"odd key":{"x":[1,2,30]}}';
    const index = indexJson(text);
    const at = (part: string) => pathOf(index, entryAt(index, text.indexOf(part)));
    expect(at("find me")).toBe("messages[0].content");
    expect(at("role")).toBe("messages[0].role");
    expect(at("30")).toBe('["odd key"].x[2]');
  });

  it("cuts a string between characters, never inside an escape", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "\\", '"', "\n", "é", "\u0001"), minLength: 1 }),
        fc.nat(30),
        (text, most) => {
          const { text: head, isCut } = decodeHead(indexJson(JSON.stringify(text)), 0, most);
          expect(text.startsWith(head)).toBe(true);
          if (!isCut) expect(head).toBe(text);
        },
      ),
    );
  });
});

describe("JsonView", () => {
  const value = { a: { b: { c: { d: 1 } } }, list: Array.from({ length: 5 }, (_, i) => ({ i })), id: 1 };
  const view = () => new JsonView(indexJson(JSON.stringify(value).replace('"id":1', '"id":12345678901234567890')));

  it("opens the first levels, and shows a number's own digits", () => {
    const lines = view().lines(0, 100);
    expect(lines.map(({ label, depth }) => [label, depth])).toEqual([
      [null, 0],
      ["a", 1],
      ["b", 2],
      ["c", 3],
      ["list", 1],
      ...[0, 1, 2, 3, 4].flatMap((i) => [
        [String(i), 2],
        ["i", 3],
      ]),
      ["id", 1],
    ]);
    expect(lines.at(-1)?.text).toBe("12345678901234567890");
    expect(lines[3]).toMatchObject({ isOpen: false, childCount: 1, text: "{ d }" });
    expect(lines[4]?.text).toBe("[ 5 items ]");
  });

  it("opens and closes a line, and nothing else", () => {
    const shown = view();
    const before = shown.lineCount;
    const list = shown.lines(0, 100).find(({ label }) => label === "list")!;
    shown.toggle(list.entry, false);
    expect(shown.lineCount).toBe(before - 10);
    shown.toggle(list.entry, true);
    expect(shown.lineCount).toBe(before);
  });

  it("finds text in a circle, opens what is above it, and goes back", () => {
    const shown = view();
    const labels = (line: number) => shown.lines(line, line + 1)[0]?.label;
    const d = shown.find('"D"', -1, 1);
    expect(labels(d)).toBe("d");
    const first = shown.find('"i"', d, 1);
    expect(labels(first)).toBe("i");
    const second = shown.find('"i"', first, 1);
    expect(second).toBeGreaterThan(first);
    expect(shown.find('"i"', second, -1)).toBe(first);
    expect(shown.find("nowhere", 0, 1)).toBe(-1);
  });

  it("lists an array of any length without walking what is closed", () => {
    const long = new JsonView(indexJson(JSON.stringify(Array.from({ length: 100_000 }, (_, i) => [i]))));
    expect(long.lineCount).toBeGreaterThan(100_000);
    expect(long.lines(long.lineCount - 1, long.lineCount)[0]).toMatchObject({ label: "99999", childCount: 1 });
  });

  it("shows a long string's beginning with its size, and the whole when asked", () => {
    const text = `${"x".repeat(5_000)}end`;
    const shown = new JsonView(indexJson(JSON.stringify({ text })));
    const line = shown.lines(1, 2)[0]!;
    expect([line.text.length, line.cutOf]).toEqual([1_500, 5_003]);
    shown.showWhole(line.entry);
    expect(shown.lines(1, 2)[0]?.text).toBe(text);
  });
});

describe("exact JSON", () => {
  it("keeps every digit of large integers, and leaves everything else as JSON.parse has it", () => {
    const text =
      '{"id":12345678901234567890,"neg":-9007199254740993,"safe":9007199254740991,"pi":3.14159265358979323846,"s":"12345678901234567890 \\" 9"}';
    const value = parseExact(text) as Record<string, unknown>;
    expect(value).toEqual({ ...(JSON.parse(text) as object), id: 12345678901234567890n, neg: -9007199254740993n });
    expect(JSON.parse(writeExact(value).replace("12345678901234567890", "1"))).toMatchObject({ id: 1 });
    expect(writeExact({ id: 12345678901234567890n }, 1)).toBe('{\n "id": 12345678901234567890\n}');
  });

  it("reads and writes any JSON as it is", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(parseExact(text)).toEqual(JSON.parse(text));
        expect(writeExact(JSON.parse(text))).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });
});

describe("cutValue", () => {
  it("is the value itself while that is small", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(cutValue(indexJson(text), 0)).toEqual(JSON.parse(text));
      }),
    );
  });

  it("keeps media, cuts long text with its size, and keeps both ends of a long list", () => {
    const media = `data:image/png;base64,${"A".repeat(50_000)}`;
    const value = { media, text: "y".repeat(50_000), list: Array.from({ length: 1_000 }, (_, i) => i) };
    const cut = cutValue(indexJson(JSON.stringify(value)), 0) as typeof value;
    expect(cut.media).toBe(media);
    expect(cut.text).toContain("[30000 more characters");
    expect([cut.list.length, cut.list[0], cut.list.at(-1)]).toEqual([400, 0, 999]);
  });

  it("leaves messages out of a long conversation rather than spoiling them", () => {
    const messages = Array.from({ length: 300 }, (_, i) => ({ role: "user", content: `${i} ${"w".repeat(15_000)}` }));
    const cut = cutValue(indexJson(JSON.stringify({ messages })), 0) as { messages: typeof messages };
    expect(cut.messages.length).toBeLessThan(300);
    for (const message of cut.messages) expect(messages).toContainEqual(message);
    expect(cut.messages.at(-1)).toEqual(messages.at(-1));
    expect(cut.messages[0]).toEqual(messages[0]);
  });
});
