import { expect, it } from "vitest";
import { activeContext, contextWith } from "../../src/adapter/index.ts";
import { createTracer, propagateAttributes } from "../../src/index.ts";
import { memory } from "../../src/testing/index.ts";

it("is the context in which the observation is active, with what is around, and enters nothing", async () => {
  const tracer = createTracer({ exporters: [memory()] });
  await propagateAttributes({ userId: "u" }, async () => {
    const observation = tracer.startObservation("run", {}, { parent: null, trace: { sessionId: "s" } });
    const before = activeContext();
    const context = contextWith(tracer, observation);
    expect(activeContext()).toBe(before);
    expect(context).toEqual(tracer.runWithObservation(observation, activeContext));
    expect(context).toMatchObject({ observationId: observation.id, trace: { userId: "u", sessionId: "s" } });
    observation.end();
  });
  await tracer.shutdown();
});

it("asks the tracer for an observation of another copy of this package", async () => {
  const tracer = createTracer({ exporters: [memory()] });
  const own = tracer.startObservation("run");
  const calls: unknown[] = [];
  const copy = { id: own.id, traceId: own.traceId, recording: true } as typeof own;
  const spied = { id: tracer.id, runWithObservation: (given: unknown, fn: () => unknown) => (calls.push(given), fn()) };
  contextWith(spied as unknown as typeof tracer, copy);
  expect(calls).toEqual([copy]);
  own.end();
  await tracer.shutdown();
});
