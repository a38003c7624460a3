import { createSink } from "@spanwise/testing";
import { afterEach, expect, test, vi } from "vitest";
import { createTracer, spanwise } from "../../src/index.ts";

afterEach(() => vi.restoreAllMocks());

test.each([
  [0, undefined],
  [0, "0"],
  [Number.NaN, undefined],
])(
  "an application whose Math.random gives %d does not retry without a pause (Retry-After: %s)",
  async (value, asked) => {
    const sink = await createSink();
    const headers: Record<string, string> = asked === undefined ? {} : { "retry-after": asked };
    sink.script([{ status: 503, headers, times: Infinity }]);
    vi.spyOn(Math, "random").mockReturnValue(value);
    const tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent" });
    tracer.startObservation("span").end();
    await tracer.flush({ timeoutMs: 300 });
    expect(sink.requests.length).toBeLessThanOrEqual(8);
    await tracer.shutdown({ timeoutMs: 50 });
    await sink.close();
  },
);
