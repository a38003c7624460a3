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
