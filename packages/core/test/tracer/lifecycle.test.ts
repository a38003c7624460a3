import { createSink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memory, type MemoryExporter } from "../../src/exporters/memory.ts";
import {
  createTracer,
  getActiveObservation,
  init,
  observe,
  runWithObservation,
  shutdown,
  startObservation,
  updateActiveObservation,
  type Tracer,
} from "../../src/index.ts";

let exporter: MemoryExporter;
let tracer: Tracer;

beforeEach(() => {
  exporter = memory();
  tracer = init({ exporters: [exporter], logLevel: "error" });
});
afterEach(() => shutdown({ timeoutMs: 50 }));

async function only(): Promise<MemoryExporter["observations"][number]> {
  await tracer.flush();
  expect(exporter.observations).toHaveLength(1);
  return exporter.observations[0]!;
}

describe("ending twice", () => {
  test("keeps the first end, and is counted", async () => {
    const before = tracer.stats().afterEnd;
    const span = startObservation("a");
    span.end({ output: "first" }, { endTime: Date.now() + 1_000 });
    span.end({ output: "second", level: "ERROR" }, { endTime: Date.now() + 9_000 });
    expect(await only()).toMatchObject({ output: '"first"', status: "ok" });
    expect(tracer.stats().afterEnd - before).toBe(1);
    expect(tracer.stats()).toMatchObject({ open: 0, queued: 0 });
  });
});

describe("updating after the end", () => {
  test("is ignored and counted, before and after the record was sent", async () => {
    const before = tracer.stats().afterEnd;
    const span = startObservation("a", { output: "known" });
    span.end();
    expect(span.update({ output: "late" })).toBe(span);
    await tracer.flush();
    span.update({ output: "later" });
    expect(await only()).toMatchObject({ output: '"known"' });
    expect(tracer.stats().afterEnd - before).toBe(2);
  });

  test("children of what has ended, and scores of it, are recorded", async () => {
    const parent = startObservation("parent");
    parent.end();
    await tracer.flush();
    parent.span("late child").end();
    runWithObservation(parent, () => startObservation("late, by context").end());
    parent.score({ name: "s", value: 1 });
    await tracer.flush();
    expect(exporter.observations.slice(1)).toEqual([
      expect.objectContaining({ name: "late child", parentId: parent.id, traceId: parent.traceId }),
      expect.objectContaining({ name: "late, by context", parentId: parent.id, traceId: parent.traceId }),
    ]);
    expect(exporter.scores).toEqual([expect.objectContaining({ observationId: parent.id })]);
  });
});

describe("ending a parent before its children", () => {
  test("leaves the children open, with times and a parent of their own", async () => {
    const parent = startObservation("parent");
    const child = parent.span("child");
    parent.end(undefined, { endTime: Date.now() });
    expect(tracer.stats().open).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 15));
    child.end({ output: "done" });
    await tracer.flush();
    const [first, second] = exporter.observations;
    expect(first).toMatchObject({ name: "parent", status: "ok" });
    expect(second).toMatchObject({ name: "child", parentId: parent.id, status: "ok", output: '"done"' });
    expect(second!.endTime!).toBeGreaterThan(first!.endTime!);
  });
});

describe("never ending", () => {
  test("is exported as incomplete at shutdown, with what was known", async () => {
    startObservation("a", { input: "asked" }).update({ metadata: { step: 1 } });
    expect(await shutdown()).toMatchObject({ sent: 1, dropped: 0 });
    expect(exporter.observations).toEqual([
      expect.objectContaining({ status: "incomplete", level: "WARNING", input: '"asked"', metadata: '{"step":1}' }),
    ]);
  });

  test("an end that comes after it was let go of sends the whole record under the same id", async () => {
    tracer = init({ exporters: [exporter], maxOpen: 1, logLevel: "error" });
    const forgotten = startObservation("forgotten", { input: "asked" });
    for (let i = 0; i < 3; i++) startObservation("other", undefined, { parent: null }).end();
    startObservation("newest", undefined, { parent: null });
    await tracer.flush();
    forgotten.end({ output: "answered" });
    await tracer.flush();
    const records = exporter.observations.filter(({ id }) => id === forgotten.id);
    expect(records.map(({ status, input, output }) => ({ status, input, output }))).toEqual([
      { status: "incomplete", input: '"asked"', output: undefined },
      { status: "ok", input: '"asked"', output: '"answered"' },
    ]);
  });
});

describe("the active observation", () => {
  test("is the one that runs, across awaits, and none outside", async () => {
    expect(getActiveObservation()).toBeUndefined();
    const job = startObservation("job", {}, { type: "agent" });
    const result = await runWithObservation(job, async () => {
      await Promise.resolve();
      expect(getActiveObservation()?.id).toBe(job.id);
      updateActiveObservation({ metadata: { seen: true } });
      startObservation("child").end();
      return "result";
    });
    expect(result).toBe("result");
    expect(getActiveObservation()).toBeUndefined();
    job.end();
    await tracer.flush();
    const [child, recorded] = exporter.observations;
    expect(child).toMatchObject({ name: "child", parentId: job.id });
    expect(recorded).toMatchObject({ name: "job", status: "ok", metadata: '{"seen":true}' });
  });

  test("runWithObservation throws what fn throws, and ends nothing", async () => {
    const job = startObservation("job");
    const error = new Error("theirs");
    expect(() =>
      runWithObservation(job, () => {
        throw error;
      }),
    ).toThrow(error);
    expect(tracer.stats().open).toBe(1);
    job.end();
    expect(await only()).toMatchObject({ status: "ok" });
  });

  test("updateActiveObservation without one, and for one that has ended, does nothing", async () => {
    updateActiveObservation({ output: "nowhere" });
    const job = startObservation("job");
    job.end();
    runWithObservation(job, () => updateActiveObservation({ output: "late" }));
    expect(await only()).toMatchObject({ output: undefined });
  });

  test("inside observe it is the observed call", async () => {
    observe(
      () => {
        updateActiveObservation({ metadata: { inside: true } });
        return getActiveObservation()!.id;
      },
      { name: "call" },
    )();
    expect(await only()).toMatchObject({ name: "call", metadata: '{"inside":true}' });
  });

  test("an observation of another tracer is not the default tracer's", () => {
    const other = createTracer({ exporters: [memory()] });
    const theirs = other.startObservation("theirs");
    other.runWithObservation(theirs, () => {
      expect(getActiveObservation()).toBeUndefined();
      expect(other.getActiveObservation()?.id).toBe(theirs.id);
    });
  });
});

test("handles are harmless after shutdown", async () => {
  const sink = await createSink();
  const own = createTracer({ baseUrl: sink.url, logLevel: "silent", live: false });
  const span = own.startObservation("a");
  await own.shutdown();
  span.update({ output: 1 }).updateTrace({ tags: ["late"] });
  span.span("child").end();
  span.score({ name: "s", value: 1 });
  span.end();
  expect(sink.spans()).toHaveLength(1);
  expect(own.stats()).toMatchObject({ open: 0, queued: 0, dropped: { after_shutdown: 2 } });
  await sink.close();
});
