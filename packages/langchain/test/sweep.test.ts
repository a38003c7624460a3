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
  handler.handleChatModelStart({ id: ["streamed"] }, [[]], "streamed", undefined, {}, [], {});
  const usage_metadata = { input_tokens: 7, output_tokens: 1, total_tokens: 8 };
  handler.handleLLMNewToken("so far", undefined, "streamed", undefined, [], { chunk: { message: { usage_metadata } } });
  const startedAtMs = Date.now();
  for (let minutes = 0; minutes < 80; minutes += 10) {
    await vi.advanceTimersByTimeAsync(600_000);
    handler.handleCustomEvent("still here", {}, "busy");
  }
  expect(CallbackHandler.stats()).toEqual({ open: 1, abandoned: 2 });
  handler.handleChainEnd({ output: "late" }, "quiet");
  handler.handleChainEnd({ output: "done" }, "busy");
  const flushed = tracer.flush();
  await vi.advanceTimersByTimeAsync(1_000);
  await flushed;
  const byName = Object.fromEntries(exporter.observations.map((record) => [record.name, record]));
  expect(byName["quiet"]).toMatchObject({ status: "incomplete", level: "WARNING", output: undefined });
  expect(byName["busy"]).toMatchObject({ status: "ok", output: '"done"' });
  expect(byName["streamed"]).toMatchObject({
    status: "cancelled",
    output: '{"role":"assistant","content":"so far"}',
    usageDetails: { input: 7, output: 1, total: 8 },
    completionStartTime: startedAtMs,
  });
  // The time of its end is that of its last sign of life.
  expect(byName["quiet"]!.endTime! - startedAtMs).toBeLessThan(1_000);
  expect(MAX_QUIET_MS).toBe(3_600_000);
});
