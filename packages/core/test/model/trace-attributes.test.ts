import { describe, expect, test } from "vitest";
import { mergeTraceAttributes } from "../../src/model/trace-attributes.ts";
import { toTraceFields } from "../../src/model/trace-fields.ts";
import type { TraceAttributes } from "../../src/model/types.ts";

const given = (attributes: Record<string, unknown>): TraceAttributes => attributes;

describe("trace attributes of other types than theirs", () => {
  test.each([5, "text", null, { a: 1 }])("tags %o do not cost the observation", (tags) => {
    expect(() => mergeTraceAttributes(given({ tags }), { tags: ["a"] })).not.toThrow();
    expect(toTraceFields(mergeTraceAttributes(given({ tags }), { tags: ["a"] })).tags).toEqual(["a"]);
  });

  test.each([5, "text", null, ["a"]])("metadata %o is none", (metadata) => {
    expect(toTraceFields(given({ metadata })).metadata).toBeUndefined();
    expect(toTraceFields(mergeTraceAttributes(given({ metadata }), { metadata: { b: 2 } })).metadata).toBe('{"b":2}');
  });
});
