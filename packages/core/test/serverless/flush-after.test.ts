import { afterEach, expect, test, vi } from "vitest";
import { createTracer, memory } from "../../src/index.ts";
import { flushAfter } from "../../src/serverless/index.ts";

const exporter = memory();
const tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
afterEach(() => exporter.clear());

test.each(["an object", "a function"])("gives the flush to %s and returns it", async (kind) => {
  const waitUntil = vi.fn<(promise: Promise<unknown>) => void>();
  tracer.startObservation("work").end();
  const flushing = flushAfter(kind === "a function" ? waitUntil : { waitUntil }, { tracer });
  expect(waitUntil).toHaveBeenCalledWith(flushing);
  expect(await flushing).toEqual({ sent: 1, failed: 0, dropped: 0, pending: 0 });
});

test("without a platform is a flush to await", async () => {
  tracer.startObservation("work").end();
  expect(await flushAfter(undefined, { tracer })).toMatchObject({ sent: 1 });
});
