import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { capture } from "../../src/serialize/capture.ts";

class Point {
  x = 1;
  #secret = 2;
  get computed(): number {
    return this.#secret;
  }
}

const revoked = Proxy.revocable({}, {});
revoked.revoke();
const cycle: Record<string, unknown> = { name: "cycle" };
cycle.self = cycle;
const shared = { a: 1 };

const values: [what: string, value: unknown, captured: unknown][] = [
  ["a cycle", cycle, { name: "cycle", self: "[Circular]" }],
  ["a value used twice", [shared, shared], [{ a: 1 }, { a: 1 }]],
  ["a BigInt", { big: 12345678901234567890n }, { big: "12345678901234567890" }],
  ["numbers JSON has not", [Number.NaN, Number.POSITIVE_INFINITY], ["NaN", "Infinity"]],
  ["a Map of text keys", new Map([["k", 1]]), { k: 1 }],
  ["a Map of other keys", new Map([[1, "one"]]), [[1, "one"]]],
  ["a Set", new Set([1, "a"]), [1, "a"]],
  ["a Date", new Date(0), "1970-01-01T00:00:00.000Z"],
  ["an invalid Date", new Date(Number.NaN), "[invalid Date]"],
  ["a typed array", new Float32Array(4), "[Float32Array of 16 bytes]"],
  ["a class instance", new Point(), { x: 1 }],
  ["a function", { f: () => 1 }, { f: "[Function]" }],
  ["a symbol", Symbol("s"), "Symbol(s)"],
  ["a promise", Promise.resolve(1), "[Promise]"],
  ["headers", new Headers({ authorization: "secret" }), "[Headers]"],
  ["a URL", new URL("https://example.com/a"), "https://example.com/a"],
  ["a regular expression", /a+/g, "/a+/g"],
  ["a boxed value", Object("text"), "text"],
  ["undefined in an array", [undefined, 1], [null, 1]],
  ["undefined in an object", { a: undefined, b: 1 }, { b: 1 }],
  ["toJSON", { toJSON: () => ({ json: true }) }, { json: true }],
  [
    "a toJSON that throws",
    {
      a: 1,
      toJSON: () => {
        throw new Error("no");
      },
    },
    { a: 1, toJSON: "[Function]" },
  ],
  [
    "a getter that throws",
    {
      a: 1,
      get bad(): never {
        throw new Error("no");
      },
    },
    { a: 1, bad: "[getter]" },
  ],
  ["a revoked proxy", { p: revoked.proxy }, { p: "[unreadable]" }],
  ["a revoked proxy of its own", revoked.proxy, "[unreadable]"],
  ["a generator", (async function* () {})(), "[AsyncGenerator]"],
];

describe("capture", () => {
  test.each(values)("%s", (_, value, captured) => {
    const copy = capture(value).value;
    expect(copy).toEqual(captured);
    expect(() => JSON.stringify(copy)).not.toThrow();
  });

  test("an error keeps its name, message and cause", () => {
    const copy = capture(new TypeError("outer", { cause: new Error("inner") })).value;
    expect(copy).toMatchObject({ name: "TypeError", message: "outer", cause: { name: "Error", message: "inner" } });
  });

  test("requests and responses show no header, no query and no body", async () => {
    const request = new Request("https://example.com/a?key=secret", {
      method: "POST",
      headers: { authorization: "secret" },
      body: "body",
    });
    expect(capture(request).value).toEqual({ method: "POST", url: "https://example.com/a" });
    expect(request.bodyUsed).toBe(false);
    expect(capture(new Response("body", { status: 404 })).value).toEqual({ status: 404, url: "" });
  });

  test("a stream is never read", () => {
    const stream = new ReadableStream();
    expect(capture({ stream }).value).toEqual({ stream: "[ReadableStream]" });
    expect(stream.locked).toBe(false);
  });

  test("ten thousand levels deep", () => {
    let deep: unknown = "bottom";
    for (let i = 0; i < 10_000; i++) deep = { deep };
    expect(JSON.stringify(capture(deep).value)).toContain("[deeper levels left out]");
  });

  test("a million items keep their ends and a count", () => {
    const copy = capture(Array.from({ length: 1_000_000 }, (_, i) => i)).value as unknown[];
    expect(copy[0]).toBe(0);
    expect(copy.at(-1)).toBe(999_999);
    expect(copy).toContain("[990000 items left out]");
  });

  test("what the user changes later does not show", () => {
    const message = { role: "user", content: "before" };
    const messages = [message];
    const copy = capture({ messages }).value;
    message.content = "after";
    messages.push({ role: "user", content: "more" });
    expect(copy).toEqual({ messages: [{ role: "user", content: "before" }] });
  });

  test("a key named __proto__ stays a key", () => {
    const copy = capture(JSON.parse('{"__proto__":{"polluted":true},"a":1}')).value as object;
    expect(Object.keys(copy)).toEqual(["__proto__", "a"]);
    expect(Object.getPrototypeOf(copy)).toBe(Object.prototype);
  });

  test("any value gives JSON that says the same as JSON.stringify where that can", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.stringify(capture(value).value)).toBe(JSON.stringify(value));
      }),
    );
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withSet: true,
          withTypedArray: true,
          withNullPrototype: true,
          withObjectString: true,
        }),
        (value) => {
          const { value: copy, bytes } = capture(value);
          expect(() => JSON.parse(JSON.stringify(copy ?? null))).not.toThrow();
          expect(bytes).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test("what a toJSON captures itself is no cycle, though what is around it is being captured", () => {
  const outer: Record<string, unknown> = { name: "outer" };
  let inner: unknown;
  let calls = 0;
  outer.child = {
    toJSON: () => {
      if (++calls === 1) inner = capture({ outer: { name: outer.name, again: outer } }).value;
      return "child";
    },
  };
  expect(capture(outer).value).toEqual({ name: "outer", child: "child" });
  expect(inner).toEqual({ outer: { name: "outer", again: { name: "outer", child: "child" } } });
});

test("only where a payload can hold an attachment it is looked for", () => {
  const base64 = btoa("image".repeat(20));
  expect(capture({ result: base64, data: "a sentence", image: "of a cat" }).mayHaveMedia).toBe(false);
  expect(capture({ result: base64, type: "image_generation_call" }).mayHaveMedia).toBe(true);
  expect(capture({ items: [{ data: base64 }] }).mayHaveMedia).toBe(true);
});
