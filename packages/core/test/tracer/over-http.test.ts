import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  createTracer,
  observe,
  propagateAttributes,
  spanwise,
  startActiveObservation,
  type Tracer,
} from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  sink = await createSink();
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent" });
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

test("a flush under a test's fake timers, the first of the process, sends what was recorded", async () => {
  vi.resetModules();
  const core = await import("../../src/index.ts");
  vi.useFakeTimers();
  try {
    const faked = core.createTracer({ baseUrl: sink.url, logLevel: "silent" });
    for (let i = 0; i < 100; i++) faked.startObservation("step", { input: i }).end();
    expect(await faked.flush()).toEqual({ sent: 100, failed: 0, dropped: 0, pending: 0 });
    await faked.shutdown();
  } finally {
    vi.useRealTimers();
  }
});

test("a nested trace arrives whole, with its trace attributes on every span", async () => {
  const answer = observe(
    async (question: string) => {
      const docs = await startActiveObservation(
        "retrieve",
        async (span) => {
          await Promise.resolve();
          span.update({ output: ["doc"] });
          return ["doc"];
        },
        { type: "retriever", tracer },
      );
      return `${question}: ${docs.join()}`;
    },
    { name: "answer", type: "agent", tracer },
  );
  const trace = { traceName: "chat", userId: "u1", sessionId: "s1", tags: ["a", "b"], metadata: { plan: "pro" } };
  await propagateAttributes(trace, () => answer("why?"));
  expect(await tracer.flush()).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });

  const [child, root] = sink.spans();
  expect(root).toMatchObject({ name: "answer", kind: 1 });
  expect(child!.traceId).toBe(root!.traceId);
  expect(child!.parentSpanId).toBe(root!.spanId);
  expect(root!.attributes).toMatchObject({
    "langfuse.observation.type": "agent",
    "langfuse.observation.input": '"why?"',
    "langfuse.observation.output": '"why?: doc"',
    "spanwise.observation.status": "ok",
  });
  for (const span of sink.spans()) {
    expect(span.attributes).toMatchObject({
      "langfuse.trace.name": "chat",
      "user.id": "u1",
      "session.id": "s1",
      "langfuse.trace.tags": ["a", "b"],
      "langfuse.trace.metadata": '{"plan":"pro"}',
    });
  }
  expect(tracer.stats()).toMatchObject({ started: 2, open: 0, queued: 0, sent: 2, bytesHeld: 0 });
});
