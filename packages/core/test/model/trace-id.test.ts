import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { createTraceId, createTracer, memory } from "../../src/index.ts";
import { platform as web } from "../../src/platform/web.ts";

afterEach(() => vi.unstubAllGlobals());

test("a seed gives Langfuse's trace id: the first 32 hex digits of its SHA-256", async () => {
  for (const seed of ["order-1", "", "ü🙂".repeat(1000)].filter((text) => text !== "")) {
    const expected = createHash("sha256").update(seed).digest("hex").slice(0, 32);
    expect(await createTraceId(seed)).toBe(expected);
    expect(await createTraceId(seed)).toBe(expected);
  }
});

test("without a seed, or with an empty one, ids are random", async () => {
  const ids = await Promise.all([createTraceId(), createTraceId(), createTraceId(""), createTraceId("")]);
  expect(new Set(ids).size).toBe(4);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});

test.each([0.5, 0])("an application that stubs Math.random (%d) has ids of its own all the same", async (value) => {
  vi.resetModules();
  const random = vi.spyOn(Math, "random").mockReturnValue(value);
  const core = await import("../../src/index.ts");
  const exporter = core.memory();
  // Before Node has loaded crypto.
  const tracers = Array.from({ length: 4 }, () => core.createTracer({ exporters: [exporter] }));
  for (const tracer of tracers) tracer.startObservation("work", {}, { parent: null }).end();
  random.mockRestore();
  await Promise.all(tracers.map((tracer) => tracer.shutdown()));
  const ids = exporter.observations.flatMap(({ id, traceId }) => [id, traceId]);
  expect(new Set(ids).size).toBe(8);
  expect(new Set(tracers.map(({ id }) => id)).size).toBe(4);
});

test("ids of one turn of the event loop, before Node has loaded crypto and after, are all different", async () => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter] });
  for (let i = 0; i < 1000; i++) tracer.startObservation("work", {}, { parent: null }).end();
  await tracer.shutdown();
  const ids = exporter.observations.flatMap(({ id, traceId }) => [id, traceId]);
  expect(new Set(ids).size).toBe(2000);
  for (const id of ids) expect(id).toMatch(/^([0-9a-f]{16}){1,2}$/);
});

test("a trace takes it", async () => {
  const exporter = memory();
  const tracer = createTracer({ exporters: [exporter] });
  const traceId = await createTraceId("order-1");
  const parent = { traceId, observationId: "b".repeat(16), sampled: true };
  tracer.startObservation("work", {}, { parent }).end();
  await tracer.shutdown();
  expect(exporter.observations[0]!.traceId).toBe(traceId);
});

test("the web platform writes the same hex", () => {
  const bytes = web.createBuffer(4);
  bytes.set([0, 10, 171, 255]);
  expect(web.hex(bytes, 0, 4)).toBe("000aabff");
});

test("a page without crypto.subtle is told why", async () => {
  vi.stubGlobal("crypto", { getRandomValues: crypto.getRandomValues.bind(crypto) });
  await expect(createTraceId("order-1")).rejects.toThrow(/crypto\.subtle.*HTTPS/);
});
