import { createSink, type Sink, type SinkRule } from "@spanwise/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { init, spanwise, type Mask, type Observation, type Tracer, type TracerOptions } from "../../src/index.ts";

/** After each of these the client knows whether the backend has the records: each arrives once. */
const fault = fc.constantFrom<SinkRule>(
  { status: 500 },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 400 },
  { status: 413 },
  { status: 401 },
  { reset: "headers" },
  { reset: "body" },
  { partialSuccess: { rejectedSpans: 1 } },
  { delayMs: 3 },
);

const masks: Record<string, Mask | undefined> = {
  none: undefined,
  sync: (record) => record,
  slow: async (record) => {
    await new Promise((resolve) => setTimeout(resolve, record.name?.endsWith("3") ? 5 : 1));
    return record;
  },
  throwing: (record) => {
    if (record.name?.endsWith("2")) throw new Error("no");
    return record;
  },
};

const options = fc.record({
  flushAt: fc.constantFrom(1, 3, 512),
  maxBatchBytes: fc.constantFrom(2_000, 4_000_000),
  maxQueueBytes: fc.constantFrom(5_000, 10_000_000),
  maxOpen: fc.constantFrom(4, 1000),
  enabled: fc.constantFrom(true, true, true, false),
  mask: fc.constantFrom(...Object.keys(masks)),
  sampleRate: fc.constantFrom(0.5, 1, 1),
});

const TURN = ["turn", "wait"] as const;
const step = fc.oneof(
  { weight: 8, arbitrary: fc.tuple(fc.constant("start" as const), fc.nat(9)) },
  { weight: 6, arbitrary: fc.tuple(fc.constant("end" as const), fc.nat(9)) },
  { weight: 3, arbitrary: fc.tuple(fc.constant("update" as const), fc.nat(9)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("updateTrace" as const), fc.nat(9)) },
  { weight: 2, arbitrary: fc.tuple(fc.constant("media" as const), fc.nat(9)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("score" as const), fc.nat(9)) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(...TURN), fc.nat(3)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("flush" as const), fc.nat(9)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("shutdown" as const), fc.nat(9)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant("init" as const), options) },
);

function balance(tracer: Tracer): void {
  const { started, open, queued, sent, dropped, unsampled, bytesHeld } = tracer.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect({ started, sum: open + queued + sent + lost + unsampled }).toEqual({ started, sum: started });
  expect([open, queued, bytesHeld].every((count) => count >= 0)).toBe(true);
}

const PNG = `data:image/png;base64,${Buffer.from("\x89PNG\r\n\x1a\n picture").toString("base64")}`;
const CLOSE_MS = 400;

test("whatever happens in whatever order, each record arrives once or is counted, under its own parent", async () => {
  const configure = (sink: Sink, { mask, ...rest }: Omit<TracerOptions, "mask"> & { mask: string }): Tracer =>
    init({
      ...rest,
      mask: masks[mask],
      exporters: [spanwise({ baseUrl: sink.url })],
      live: false,
      logLevel: "silent",
      shutdownTimeoutMs: CLOSE_MS,
      timeoutMs: 5_000,
    });
  await fc.assert(
    fc.asyncProperty(
      options,
      fc.array(step, { maxLength: 80 }),
      fc.array(fault, { maxLength: 5 }),
      async (first, steps, rules) => {
        const sink = await createSink();
        sink.script(rules.map((rule) => ({ ...rule, match: ({ path }) => path === "/v1/traces" })));
        const tracer = configure(sink, { ...first, enabled: true });
        const before = tracer.stats();
        const all: Observation[] = [];
        const parents = new Map<string, string | undefined>();
        const promises: Promise<unknown>[] = [];
        for (const [what, n] of steps) {
          const some = all.length > 0 && typeof n === "number" ? all[all.length - 1 - (n % all.length)] : undefined;
          if (what === "start") {
            const parent = n % 3 === 0 ? null : (some ?? null);
            const started = tracer.startObservation(`span ${n}`, { input: "x".repeat(300) }, { parent });
            parents.set(started.id, parent?.id);
            all.push(started);
          } else if (what === "end") some?.end({ output: n });
          else if (what === "update") some?.update({ metadata: { [`k${n}`]: "é".repeat(50) } });
          else if (what === "updateTrace") some?.updateTrace({ userId: "u", tags: [`t${n}`] });
          else if (what === "media") some?.update({ input: [{ image: PNG }, n] });
          else if (what === "score") some?.score({ name: "s", value: 1 });
          else if (what === "flush") promises.push(tracer.flush({ timeoutMs: 200 }));
          else if (what === "shutdown") promises.push(tracer.shutdown({ timeoutMs: 100 }));
          else if (what === "init") configure(sink, n);
          else if (what === "turn") await new Promise((resolve) => setImmediate(resolve));
          else await new Promise((resolve) => setTimeout(resolve, n));
          balance(tracer);
        }
        await Promise.all(promises);
        configure(sink, { ...first, enabled: true });
        await tracer.shutdown({ timeoutMs: CLOSE_MS });
        balance(tracer);
        const { open, queued, bytesHeld, sent, dropped, scores } = tracer.stats();
        expect({ open, queued, bytesHeld, scoresQueued: scores.queued }).toEqual({
          open: 0,
          queued: 0,
          bytesHeld: 0,
          scoresQueued: 0,
        });
        expect(sink.requests.map(({ decodeError }) => decodeError).filter(Boolean)).toEqual([]);
        const spans = sink.spans();
        // A span that was let go of before its end arrives a second time, whole.
        const keys = spans.map(
          (span) => `${span.spanId} ${JSON.stringify(span.attributes["spanwise.observation.status"])}`,
        );
        expect(new Set(keys).size).toBe(keys.length);
        // What was under way at the deadline is counted as lost: nobody waited for the answer.
        const late = spans.length - (sent - before.sent);
        expect(late).toBeGreaterThanOrEqual(0);
        expect(late).toBeLessThanOrEqual((dropped.shutdown ?? 0) - (before.dropped.shutdown ?? 0));
        for (const span of spans) expect(span.parentSpanId).toBe(parents.get(span.spanId));
        await sink.close();
      },
    ),
    { numRuns: 80 },
  );
}, 120_000);
