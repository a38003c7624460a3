import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { MAX_QUIET_MS } from "../src/registry.ts";
import { createTraced } from "./support/traced.ts";

beforeAll(() => vi.useFakeTimers());
afterAll(() => vi.useRealTimers());

// In a file of its own: the timer of the run map starts with the first run.
it("a run that is quiet for an hour is ended, one that still tells of itself is not", async () => {
  const { tracer, exporter } = createTraced();
  const handler = new CallbackHandler({ tracer });
  handler.handleChainStart({ id: ["quiet"] }, { input: 1 }, "quiet", undefined, [], {});
  handler.handleChainStart({ id: ["busy"] }, { input: 2 }, "busy", undefined, [], {});
  const startedAtMs = Date.now();
  for (let minutes = 0; minutes < 80; minutes += 10) {
    await vi.advanceTimersByTimeAsync(600_000);
    handler.handleCustomEvent("still here", {}, "busy");
  }
  expect(CallbackHandler.stats()).toEqual({ open: 1, abandoned: 1 });
  handler.handleChainEnd({ output: "late" }, "quiet");
  handler.handleChainEnd({ output: "done" }, "busy");
  const flushed = tracer.flush();
  await vi.advanceTimersByTimeAsync(1_000);
  await flushed;
  const byName = Object.fromEntries(exporter.observations.map((record) => [record.name, record]));
  expect(byName["quiet"]).toMatchObject({ status: "incomplete", level: "WARNING", output: undefined });
  expect(byName["busy"]).toMatchObject({ status: "ok", output: '"done"' });
  // The time of its end is that of its last sign of life.
  expect(byName["quiet"]!.endTime! - startedAtMs).toBeLessThan(1_000);
  expect(MAX_QUIET_MS).toBe(3_600_000);
});
