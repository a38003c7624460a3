import fc from "fast-check";
import { expect } from "vitest";
import { getTracer } from "../../../src/index.ts";
import { balance, play, runOf, type Backends } from "./mixed-faults.ts";

const NAMES = ["spanwise", "langfuse", "otlp"];
/** Retries wait for up to a second each; a flush makes one at once. */
const MAX_FLUSHES = 100;

/** Returns the rounds that it has done. */
export async function nothingIsForgotten(backends: Backends, numRuns: number): Promise<number> {
  let rounds = 0;
  await fc.assert(
    fc.asyncProperty(runOf(false), async (run) => {
      rounds++;
      await play(backends, run);
      const isSpooled = [run.first, ...run.steps.flatMap((step) => (step.do === "init" ? [step.setup] : []))].some(
        (setup) => setup.spool,
      );
      balance();
      await getTracer().shutdown({ timeoutMs: 50 });
      balance();
      const { open, bytesHeld } = getTracer().stats();
      expect({ open, bytesHeld }).toEqual({ open: 0, bytesHeld: 0 });
      if (isSpooled) await backends.drain();
      const { queued, scores } = getTracer().stats();
      expect({ queued, scores: scores.queued }).toEqual({ queued: 0, scores: 0 });
    }),
    { numRuns },
  );
  return rounds;
}

/** Returns the rounds that it has done. */
export async function nothingIsLost(backends: Backends, numRuns: number): Promise<number> {
  let rounds = 0;
  await fc.assert(
    fc.asyncProperty(runOf(true), async (run) => {
      rounds++;
      const before = getTracer().stats();
      const ended = await play(backends, run);
      backends.over();
      for (let flushes = 0; flushes < MAX_FLUSHES; flushes++) {
        const { pending } = await getTracer().flush({ timeoutMs: 100 });
        if (pending === 0) break;
      }
      balance();
      const { queued, dropped, scores } = getTracer().stats();
      // A score has no place in OTLP.
      const { unsupported } = scores.dropped;
      expect({ queued, dropped, scores: { queued: scores.queued, dropped: scores.dropped } }).toEqual({
        queued: 0,
        dropped: before.dropped,
        scores: { queued: 0, dropped: { ...before.scores.dropped, ...(unsupported && { unsupported }) } },
      });
      expect(backends.losses).toEqual([]);
      for (const [at, name] of NAMES.entries()) {
        const arrived = new Set(backends.sinks[at]!.spans().map((span) => span.name));
        expect([name, ...(ended.get(name) ?? []).filter((span) => !arrived.has(span))]).toEqual([name]);
      }
    }),
    { numRuns },
  );
  return rounds;
}
