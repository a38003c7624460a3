import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { continueTrace, createTracer, memory, propagateAttributes, type Tracer } from "../../src/index.ts";

const exporter = memory();
let tracer: Tracer;

beforeEach(() => {
  exporter.clear();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
});
afterEach(() => tracer.shutdown());

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";
const HEADER = `00-${TRACE_ID}-b7ad6b7169203331-01`;
const traceIdUnder = (headers: unknown): string =>
  continueTrace(headers as never, () => {
    const span = tracer.startObservation("x");
    span.end();
    return span.traceId;
  });

describe("continueTrace", () => {
  const throwing = {
    get: () => {
      throw new Error("broken");
    },
  };
  test.each([undefined, null, {}, { traceparent: null }, { traceparent: [] }, { traceparent: 5 }, throwing, "text", 7])(
    "without a usable header runs the function: %j",
    (headers) => {
      expect(traceIdUnder(headers)).toMatch(/^(?!0af7)[0-9a-f]{32}$/);
    },
  );

  test.each<[string, unknown]>([
    ["a record", { traceparent: HEADER }],
    ["a record, capitals", { Traceparent: HEADER }],
    ["a record, several values", { TRACEPARENT: [HEADER] }],
    ["a record, the first of that name empty", { traceparent: undefined, Traceparent: HEADER }],
    ["Headers", new Headers({ TraceParent: HEADER })],
    ["a Map", new Map([["Traceparent", HEADER]])],
  ])("finds the header in %s", (_name, headers) => {
    expect(traceIdUnder(headers)).toBe(TRACE_ID);
  });

  test("inside another trace: what was propagated goes along, that trace's own attributes do not", async () => {
    propagateAttributes({ tags: ["everywhere"] }, () => {
      const other = tracer.startObservation("other", {}, { trace: { userId: "of the other trace" } });
      tracer.runWithObservation(other, () => traceIdUnder({ traceparent: HEADER }));
      other.end();
    });
    await tracer.flush();
    const inside = exporter.observations.find(({ name }) => name === "x")!;
    expect(inside.traceId).toBe(TRACE_ID);
    expect(inside.trace.current().tags).toEqual(["everywhere"]);
    expect(inside.trace.current().userId).toBeUndefined();
  });
});
