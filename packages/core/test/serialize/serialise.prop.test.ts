import fc from "fast-check";
import { expect, test } from "vitest";
import { capture } from "../../src/serialize/capture.ts";
import { stringifyWithin, utf8Bytes } from "../../src/serialize/truncate.ts";

/** What JavaScript programs hold, and what they should not. */
const value = fc.letrec<{ any: unknown }>((tie) => ({
  any: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
      withNullPrototype: true,
      withUnicodeString: true,
      withObjectString: true,
      withBoxedValues: true,
    }),
    fc.string({ unit: "binary", maxLength: 3_000 }),
    fc.string({ maxLength: 40 }).map((text) => text.repeat(200)),
    fc
      .constantFrom<() => unknown>(
        () => {
          const cycle: Record<string, unknown> = {};
          cycle["self"] = [cycle];
          return cycle;
        },
        () => ({
          get thrower(): never {
            throw new Error("getter");
          },
          toJSON: () => {
            throw new Error("toJSON");
          },
        }),
        () => new Error("message", { cause: { deep: new Error("cause") } }),
        () => Object.defineProperty(new Map(), "size", { value: "odd" }),
        () => JSON.parse('{"__proto__": {"a": [1]}, "constructor": 1}') as unknown,
      )
      .map((make) => make()),
    fc.array(tie("any"), { maxLength: 6 }),
    fc.dictionary(fc.string({ unit: "binary", maxLength: 12 }), tie("any"), { maxKeys: 6 }),
  ),
})).any;

test("whatever the value: valid JSON within the bound, the same the second time, and never an exception", () => {
  fc.assert(
    fc.property(value, fc.constantFrom(1_024, 4_096, 65_536, 1_048_576), (given, maxBytes) => {
      const captured = capture(given);
      expect(captured.bytes).toBeGreaterThan(0);
      if (captured.value === undefined) return;
      const { json, cuts } = stringifyWithin(captured.value, maxBytes, "input", captured.bytes);
      const parsed: unknown = JSON.parse(json);
      expect(utf8Bytes(json)).toBeLessThanOrEqual(maxBytes);
      // A captured value is plain data: capturing it again changes nothing.
      expect(JSON.stringify(capture(captured.value).value)).toBe(JSON.stringify(captured.value));
      if (cuts.length === 0) expect(parsed).toEqual(JSON.parse(JSON.stringify(captured.value)));
      // The estimate is what the byte bounds are kept by.
      expect(JSON.stringify(captured.value).length).toBeLessThanOrEqual(captured.bytes * 12);
    }),
    { numRuns: 500 },
  );
});
