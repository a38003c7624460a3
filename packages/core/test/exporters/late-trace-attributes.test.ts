import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTracer, spanwise, type Tracer } from "../../src/index.ts";
import type { OtlpProtocol } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  sink = await createSink();
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await sink.close();
});

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5));

test.each<OtlpProtocol>(["http/protobuf", "http/json"])(
  "updateTrace reaches what is written into a batch that is not sealed yet: %s",
  async (protocol) => {
    tracer = createTracer({
      exporters: [spanwise({ baseUrl: sink.url, protocol })],
      flushInterval: 60_000,
      logLevel: "silent",
    });
    const other = tracer.startObservation("other trace", { input: "é" }, { trace: { userId: "other" } });
    const root = tracer.startObservation("root", {}, { parent: null, trace: { userId: "first", tags: ["a"] } });
    for (let i = 0; i < 3; i++) root.span(`child ${i}`, { input: "x".repeat(i * 200) }).end();
    other.end();
    await turn();
    root.updateTrace({ userId: "second", sessionId: "a session", tags: ["b"] });
    root.span("late child").end();
    await turn();
    root.updateTrace({ traceName: "named last", metadata: { long: "m".repeat(500) } });
    root.end();
    await tracer.flush();

    expect(sink.requests).toHaveLength(1);
    const spans = sink.spans();
    expect(spans.map(({ name }) => name)).toEqual([
      "child 0",
      "child 1",
      "child 2",
      "other trace",
      "late child",
      "root",
    ]);
    for (const { name, attributes } of spans) {
      if (name === "other trace") expect(attributes).toMatchObject({ "user.id": "other" });
      else {
        expect(attributes).toMatchObject({
          "user.id": "second",
          "session.id": "a session",
          "langfuse.trace.name": "named last",
          "langfuse.trace.tags": ["a", "b"],
        });
      }
    }
    expect(spans[2]!.attributes["langfuse.observation.input"]).toBe(JSON.stringify("x".repeat(400)));
  },
);

test("a batch whose trace attributes changed is still cut at its records", async () => {
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], flushInterval: 60_000, logLevel: "silent" });
  const root = tracer.startObservation("root", {}, { parent: null });
  for (const name of ["good", "poison", "better"]) root.span(name, { input: name }).end();
  await turn();
  root.updateTrace({ sessionId: "s".repeat(100) });
  root.end();
  sink.script([{ match: ({ body }) => body.includes('"poison"'), status: 400, times: Infinity }]);
  expect(await tracer.flush()).toMatchObject({ sent: 3, failed: 1 });
  expect(new Set(sink.spans().map(({ name }) => name))).toEqual(new Set(["good", "better", "root"]));
});
