import { createSink, type SinkRule } from "@spanwise/testing";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createTracer, spanwise, type Observation, type Tracer } from "../../src/index.ts";

/** started = open + queued + sent + dropped + unsampled, at every moment. */
function balance(tracer: Tracer): void {
  const { started, open, queued, sent, dropped, unsampled, bytesHeld } = tracer.stats();
  const lost = Object.values(dropped).reduce((sum, count) => sum + count, 0);
  expect({ started, sum: open + queued + sent + lost + unsampled }).toEqual({ started, sum: started });
  expect(bytesHeld).toBeGreaterThanOrEqual(0);
}

const fault = fc.constantFrom<SinkRule>(
  { status: 500 },
  { status: 429, headers: { "retry-after": "0" } },
  { status: 400 },
  { status: 413 },
  { reset: "body" },
  { reset: "mid-reply" },
  { partialSuccess: { rejectedSpans: 1 } },
  { delayMs: 5 },
  { body: "garbage" },
);

const step = fc.oneof(
  { weight: 6, arbitrary: fc.constant("start" as const) },
  { weight: 4, arbitrary: fc.constant("end" as const) },
  { weight: 1, arbitrary: fc.constant("end twice" as const) },
  { weight: 1, arbitrary: fc.constant("score" as const) },
  { weight: 1, arbitrary: fc.constant("flush" as const) },
  { weight: 1, arbitrary: fc.constant("turn" as const) },
);

test("no observation is counted twice or forgotten, whatever the backend does", async () => {
  const sink = await createSink();
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 60 }),
      fc.array(fault, { maxLength: 6 }),
      fc.constantFrom(1, 3, 512),
      fc.constantFrom(0.5, 1),
      fc.constantFrom(4_000, 1_000_000),
      async (steps, rules, flushAt, sampleRate, maxQueueBytes) => {
        sink.reset();
        sink.script(rules);
        const exporters = [spanwise({ baseUrl: sink.url })];
        const tracer = createTracer({ exporters, flushAt, sampleRate, maxQueueBytes, maxOpen: 5, logLevel: "silent" });
        const open: Observation[] = [];
        const flushes: Promise<unknown>[] = [];
        for (const what of steps) {
          if (what === "start")
            open.push(tracer.startObservation("span", { input: "x".repeat(200) }, { parent: null }));
          else if (what === "end") open.shift()?.end();
          else if (what === "end twice") {
            const last = open.pop();
            last?.end();
            last?.end();
          } else if (what === "score") tracer.score({ name: "s", value: 1, traceId: "t" });
          else if (what === "flush") flushes.push(tracer.flush({ timeoutMs: 300 }));
          else await new Promise((resolve) => setImmediate(resolve));
          balance(tracer);
        }
        await Promise.all(flushes);
        balance(tracer);
        await tracer.shutdown({ timeoutMs: 300 });
        balance(tracer);
        const { open: stillOpen, queued, bytesHeld, scores } = tracer.stats();
        expect({ stillOpen, queued, bytesHeld, scoresQueued: scores.queued }).toEqual({
          stillOpen: 0,
          queued: 0,
          bytesHeld: 0,
          scoresQueued: 0,
        });
      },
    ),
    { numRuns: 60 },
  );
  await sink.close();
}, 60_000);
