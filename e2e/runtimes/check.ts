import type { Sink } from "@spanwise/testing";
import { expect } from "vitest";

/** What `program.mjs` answers where the context survives an `await`. */
export const COMPLETE = { started: 6, sent: 6, dropped: {}, pending: 0, thrown: "theirs", keepsContext: true };

/** What `program.mjs` leaves in a sink, the same from every runtime. */
export function checkSink(sink: Sink): void {
  const spans = Object.fromEntries(sink.spans().map((span) => [span.name, span]));
  const { answer, retrieve, rank, draft, failing, waits } = spans;
  const finished = sink.spans().filter(({ attributes }) => attributes["spanwise.record"] === undefined);
  expect(finished.map(({ name }) => name).sort()).toEqual(["answer", "draft", "failing", "rank", "retrieve", "waits"]);
  expect(answer!.parentSpanId).toBeUndefined();
  expect(retrieve!.parentSpanId).toBe(answer!.spanId);
  expect(rank!.parentSpanId).toBe(retrieve!.spanId);
  expect(draft!.parentSpanId).toBe(answer!.spanId);
  expect(new Set([answer, retrieve, rank, draft].map((span) => span!.traceId)).size).toBe(1);
  expect(new Set([answer, failing, waits].map((span) => span!.traceId)).size).toBe(3);
  for (const span of [answer, retrieve, rank, draft]) {
    expect(span!.attributes).toMatchObject({ "langfuse.trace.name": "runtimes", "user.id": "u1" });
  }
  expect(rank!.attributes["langfuse.observation.input"]).toBe('["größe","寸"]');
  expect(answer!.attributes["langfuse.observation.input"]).toBe('"why?"');
  expect(answer!.attributes["langfuse.observation.output"]).toContain('"answer":"because"');
  expect(draft!.attributes).toMatchObject({
    "langfuse.observation.output": '"because ✓"',
    "gen_ai.response.model": "gpt-4o",
    "gen_ai.usage.output_tokens": 30,
  });
  expect(failing!.status.code).toBe(2);
  const startMs = Number(answer!.startTimeUnixNano / 1_000_000n);
  expect(Math.abs(Date.now() - startMs)).toBeLessThan(60_000);
  expect(answer!.endTimeUnixNano).toBeGreaterThan(answer!.startTimeUnixNano);
  expect(sink.scores()).toMatchObject([{ name: "helpful", value: 1, observationId: answer!.spanId }]);
}
