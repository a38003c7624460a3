import { describe, expect, test } from "vitest";
import { exporter, setUp, tracer } from "./support/in-memory.ts";

describe("sampling", () => {
  test("nothing of an unsampled trace is recorded, and context is still carried", async () => {
    setUp({ sampleRate: 0 });
    const root = tracer.startObservation("root");
    expect(root.recording).toBe(false);
    expect(root.traceparent).toMatch(/-00$/);
    tracer.runWithObservation(root, () => {
      const child = tracer.startObservation("child");
      expect(child.traceId).toBe(root.traceId);
      child.end();
    });
    root.end();
    await tracer.flush();
    expect(exporter.observations).toEqual([]);
    expect(tracer.stats()).toMatchObject({ started: 2, unsampled: 2, open: 0 });
  });

  test("a whole trace is kept or left out, near the rate", async () => {
    setUp({ sampleRate: 0.3 });
    for (let i = 0; i < 2000; i++) tracer.startObservation("root").span("child").end();
    const { unsampled, started } = tracer.stats();
    expect(started).toBe(4000);
    expect(unsampled % 2).toBe(0);
    expect(unsampled / started).toBeGreaterThan(0.65);
    expect(unsampled / started).toBeLessThan(0.75);
  });

  test("a remote parent's flag wins", () => {
    setUp({ sampleRate: 0 });
    const parent = { traceId: "0af7651916cd43dd8448eb211c80319c", observationId: "b7ad6b7169203331", sampled: true };
    expect(tracer.startObservation("span", {}, { parent }).recording).toBe(true);
  });
});
