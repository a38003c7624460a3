import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createTraced } from "./support/traced.ts";

const HOUR_MS = 3_600_000;

// For the whole file: runs are the process's, and `performance` never goes back.
beforeAll(() => void vi.useFakeTimers({ toFake: ["Date", "performance"] }));
afterAll(() => void vi.useRealTimers());

describe.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("a wall clock that is set %s", (_, stepMs) => {
  /** `performance` goes on as it was: no clock of a machine does anything else. */
  const step = (): void => void vi.setSystemTime(Date.now() + stepMs);

  test.each([
    ["at once", 0, false],
    ["after working on for 5 s", 5_000, true],
  ])("a model that ends %s after its last token is known as such", async (__, passMs, isLate) => {
    const { tracer, exporter } = createTraced();
    const handler = new CallbackHandler({ tracer });
    handler.handleChatModelStart({ id: ["m"] }, [[]], "model", undefined, {}, [], {});
    handler.handleLLMNewToken("token", undefined, "model");
    vi.advanceTimersByTime(passMs);
    step();
    handler.handleLLMEnd({ generations: [[{ text: "token" }]] }, "model");
    await tracer.flush();
    expect((exporter.observations[0]!.metadata ?? "").includes("lastTokenTime")).toBe(isLate);
  });

  test.each([
    ["a moment", 0, true],
    ["ten minutes", 600_000, false],
  ])("a run that ended %s ago is known for its late child, or forgotten", async (__, passMs, isKnown) => {
    const { tracer, exporter } = createTraced();
    const handler = new CallbackHandler({ tracer });
    const id = `parent ${stepMs} ${passMs}`;
    handler.handleChainStart({ id: ["p"] }, {}, id, undefined, [], {});
    handler.handleChainEnd({}, id);
    step();
    vi.advanceTimersByTime(passMs);
    handler.handleToolStart({ id: ["t"] }, "x", "late", id, [], {});
    handler.handleToolEnd("ok", "late");
    await tracer.flush();
    const [parent, child] = exporter.observations;
    expect(child!.traceId === parent!.traceId).toBe(isKnown);
  });
});
