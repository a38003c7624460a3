import { expect, test } from "vitest";
import vm from "node:vm";
import { createTracer, memory, propagateAttributes } from "../../src/index.ts";

const revoked = (() => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
})();
const throwing = new Proxy(
  {},
  {
    get: () => {
      throw new Error("get");
    },
    getPrototypeOf: () => {
      throw new Error("getPrototypeOf");
    },
    ownKeys: () => {
      throw new Error("ownKeys");
    },
  },
);

test.each([
  ["null", null],
  ["undefined", undefined],
  ["a number", Number.NaN],
  ["a text", "text"],
  ["a symbol", Symbol("s")],
  ["an array", [1]],
  ["a function", () => 1],
  ["a revoked proxy", revoked],
  ["a proxy that throws", throwing],
])("%s in place of any argument reaches the application as no exception", async (_, given) => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  const any = given as never;
  const span = tracer.startObservation(any, any, any);
  span.update(any).updateTrace(any);
  span.score(any);
  span.scoreTrace(any);
  span.span(any, any, any).end(any, any);
  span.event(any, any, any);
  tracer.score(any);
  tracer.findObservation(any);
  expect(tracer.runWithObservation(any, () => "ran")).toBe("ran");
  expect(propagateAttributes(any, () => "ran")).toBe("ran");
  tracer.startObservation("kept", { completionStartTime: any }, { startTime: any }).end({}, { endTime: any });
  await tracer.flush(any);
  await tracer.shutdown(any);
  expect(exporter.observations.some(({ name }) => name === "kept")).toBe(true);
  const { started, open, queued, sent, bytesHeld } = tracer.stats();
  expect({ started, open, queued, bytesHeld }).toEqual({ started: sent, open: 0, queued: 0, bytesHeld: 0 });
});

test.each([
  ["a text", "0123456789abcdef"],
  ["a number", 5],
  ["null of a kind", Object.create(null)],
  ["a revoked proxy", revoked],
  ["a proxy that throws", throwing],
  ["ids that are none", { traceId: "x", observationId: "y" }],
])("a parent that is %s costs no observation", async (_, parent) => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  const span = tracer.startObservation("work", { input: 1 }, { parent: parent as never });
  expect(span.recording).toBe(true);
  span.end();
  await tracer.shutdown();
  expect(exporter.observations).toMatchObject([{ name: "work", parentId: undefined, input: "1" }]);
  expect(tracer.stats()).toMatchObject({ started: 1, sent: 1 });
});

test.each([
  ["a revoked proxy", revoked],
  ["a proxy that throws", throwing],
])("options that are %s cost no observation", async (_, options) => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  tracer.startObservation("work", { input: 1 }, options).tool("look", { input: 2 }, options).end();
  await tracer.shutdown();
  expect(exporter.observations.map(({ name, input }) => [name, input])).toEqual([
    ["look", "2"],
    ["work", "1"],
  ]);
});

test("a Date of another realm is a time", async () => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  const startTime = vm.runInNewContext("new Date(1700000000000)") as Date;
  tracer.startObservation("span", {}, { startTime }).end();
  await tracer.flush();
  expect(exporter.observations[0]!.startTime).toBe(1_700_000_000_000);
});

test("the version of a prompt that is no number is not kept: no mask has seen it", async () => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
  tracer.startObservation("span", { prompt: { name: "p", version: { secret: "s" } as never } }).end();
  await tracer.flush();
  expect(exporter.observations[0]!.prompt).toEqual({ name: "p", version: undefined });
});
