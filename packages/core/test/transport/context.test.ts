import { AsyncLocalStorage } from "node:async_hooks";
import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { activeContext } from "../../src/adapter/index.ts";
import { createTracer, propagateAttributes, spanwise, type Tracer } from "../../src/index.ts";

let sink: Sink;
let tracer: Tracer;

beforeEach(async () => {
  sink = await createSink();
  tracer = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], logLevel: "silent" });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await tracer.shutdown();
  await sink.close();
});

// Up to Node 22 the first `run` makes every promise of the process dearer.
test("an application that uses no context pays for none: exporting does not either", async () => {
  const run = vi.spyOn(AsyncLocalStorage.prototype, "run");
  const parent = tracer.startObservation("parent");
  parent.generation("child", { input: "question" }).end({ output: "answer" });
  parent.end();

  expect(await tracer.flush()).toMatchObject({ sent: 2, pending: 0 });
  expect(run).not.toHaveBeenCalled();
});

test("where the context is used, a request of ours is made outside of it", async () => {
  const seen: unknown[] = [];
  vi.spyOn(AsyncLocalStorage.prototype, "run").mockImplementation(function (this: unknown, store, fn) {
    seen.push(store);
    return (fn as () => unknown)();
  });
  propagateAttributes({ userId: "somebody" }, () => tracer.startObservation("span").end());
  expect(activeContext()).toBeUndefined();

  expect(await tracer.flush()).toMatchObject({ sent: 1 });
  expect(seen).toEqual([
    expect.objectContaining({ trace: { userId: "somebody" } }),
    { remote: expect.objectContaining({ sampled: false }) },
  ]);
});
