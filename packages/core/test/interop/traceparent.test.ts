import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatTraceparent, parseTraceparent } from "../../src/model/traceparent.ts";

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const PARENT_ID = "b7ad6b7169203331";
const hex = (length: number) =>
  fc
    .string({ unit: fc.constantFrom(...Array.from("0123456789abcdef")), minLength: length, maxLength: length })
    .filter((text) => /[^0]/.test(text));

// https://www.w3.org/TR/trace-context/#traceparent-header
describe("traceparent", () => {
  test("is read as it was written", () => {
    fc.assert(
      fc.property(hex(32), hex(16), fc.boolean(), (traceId, observationId, sampled) => {
        const parent = { traceId, observationId, sampled };
        expect(parseTraceparent(formatTraceparent(parent))).toEqual(parent);
      }),
    );
  });

  test.each([
    ["of a later version, with more behind", `cc-${TRACE_ID}-${PARENT_ID}-01-what-the-future-brings`, true],
    ["with blanks around", ` \t00-${TRACE_ID}-${PARENT_ID}-01 `, true],
    ["with flags that are not known", `00-${TRACE_ID}-${PARENT_ID}-09`, true],
    ["not sampled", `00-${TRACE_ID}-${PARENT_ID}-00`, false],
  ])("is taken: %s", (_name, header, sampled) => {
    expect(parseTraceparent(header)).toEqual({ traceId: TRACE_ID, observationId: PARENT_ID, sampled });
  });

  test.each([
    ["nothing", ""],
    ["null", null],
    ["the version that is none", `ff-${TRACE_ID}-${PARENT_ID}-01`],
    ["capitals", `00-${TRACE_ID.toUpperCase()}-${PARENT_ID}-01`],
    ["a trace id of zeros", `00-${"0".repeat(32)}-${PARENT_ID}-01`],
    ["a parent id of zeros", `00-${TRACE_ID}-${"0".repeat(16)}-01`],
    ["a trace id that is too short", `00-${TRACE_ID.slice(1)}-${PARENT_ID}-01`],
    ["no flags", `00-${TRACE_ID}-${PARENT_ID}`],
    ["flags of one digit", `00-${TRACE_ID}-${PARENT_ID}-1`],
    ["two headers joined", `00-${TRACE_ID}-${PARENT_ID}-01, 00-${TRACE_ID}-${PARENT_ID}-01`],
    ["version 00 with more behind", `00-${TRACE_ID}-${PARENT_ID}-01-more`],
  ])("starts a trace of its own: %s", (_name, header) => {
    expect(parseTraceparent(header)).toBeUndefined();
  });

  test("whatever it is, reading it takes time in proportion", () => {
    const startedAt = performance.now();
    parseTraceparent(`00-${TRACE_ID}-${PARENT_ID}-01${" ".repeat(1_000_000)}x`);
    parseTraceparent(" ".repeat(1_000_000));
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  });
});
