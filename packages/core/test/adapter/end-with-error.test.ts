import { expect, test } from "vitest";
import { endWithError } from "../../src/adapter/index.ts";
import { memory } from "../../src/exporters/memory.ts";
import { createTracer } from "../../src/index.ts";

class APIUserAbortError extends Error {}

const unreadable = new Proxy(new Error("hidden"), {
  get() {
    throw new Error("no");
  },
  getPrototypeOf() {
    throw new Error("no");
  },
});

test.each([
  [new Error("broken"), { status: "error", level: "ERROR", statusMessage: "broken" }],
  [new DOMException("stopped", "AbortError"), { status: "cancelled", level: "WARNING", statusMessage: "stopped" }],
  [new APIUserAbortError("stopped"), { status: "cancelled", level: "WARNING" }],
  ["a text", { status: "error", statusMessage: "a text" }],
  [undefined, { status: "error", statusMessage: "undefined" }],
  [unreadable, { status: "error", statusMessage: "unknown error" }],
])("%# ends with what was thrown", async (thrown, expected) => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter] });
  endWithError(tracer.startObservation("a"), thrown);
  await tracer.flush();
  expect(exporter.observations).toEqual([expect.objectContaining(expected)]);
});

test("a run that nobody knows is no trouble", () => {
  expect(() => endWithError(undefined, new Error("x"))).not.toThrow();
});
