import { expect, test } from "vitest";
import {
  createTracer,
  init,
  memory,
  observe,
  type Exporter,
  type Observation,
  type Tracer,
  type TracerOptions,
} from "../../src/index.ts";

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function setUp(options: TracerOptions = {}): Tracer {
  return createTracer({ exporters: [memory()], logLevel: "silent", ...options });
}

test("a flush under steady traffic waits for what was recorded before it and for nothing else", async () => {
  const tracer = setUp({ mask: async (record) => (await sleep(20), record) });
  const traffic = setInterval(() => tracer.startObservation("span").end(), 2);
  await sleep(60);
  const startedAt = performance.now();
  const { sent } = await tracer.flush({ timeoutMs: 15_000 });
  clearInterval(traffic);
  expect(sent).toBeGreaterThan(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
  await tracer.shutdown();
});

test("what a slow mask has left waiting is not worked off within one call of the application's", async () => {
  let isSlow = true;
  let done = 0;
  let release!: () => void;
  const held = new Promise<void>((resolve) => (release = resolve));
  const tracer = setUp({
    mask: (record) => {
      done++;
      return isSlow ? held.then(() => record) : record;
    },
  });
  const record = (): void => tracer.startObservation("span", {}, { parent: null }).end();
  for (let i = 0; i < 64; i++) record();
  await expect.poll(() => done).toBe(64);
  isSlow = false;
  for (let i = 0; i < 2_000; i++) record();
  expect(done).toBe(64);
  // The slow ones are done in the event loop's turn in which the next ones are recorded.
  release();
  let most = 0;
  for (let i = 0; i < 200; i++) {
    await Promise.resolve();
    const before = done;
    record();
    most = Math.max(most, done - before);
  }
  expect(most).toBeLessThanOrEqual(2);
  await tracer.flush();
  expect(done).toBe(2_264);
});

test("a mask that calls an observed function is not called for that in its turn", async () => {
  const exporter = memory();
  let calls = 0;
  const inspect = observe((text: unknown) => text, { name: "inspect" });
  const tracer = init({
    exporters: [exporter],
    logLevel: "silent",
    mask: (record) => {
      calls++;
      inspect(record.input);
      return record;
    },
  });
  tracer.startObservation("span", { input: "hello" }).end();
  await sleep(50);
  await tracer.flush();
  expect(calls).toBe(1);
  expect(exporter.observations.map(({ name }) => name)).toEqual(["span"]);
  await tracer.shutdown();
});

test("updates of a trace count towards the bound while their mask runs", () => {
  const maxQueueBytes = 1_000_000;
  const losses: string[] = [];
  const tracer = setUp({
    maxQueueBytes,
    mask: async (record) => (await sleep(1_000), record),
    onDrop: ({ reason }) => losses.push(reason),
  });
  const spans = Array.from({ length: 50 }, () => tracer.startObservation("span", {}, { parent: null }));
  for (const span of spans) span.updateTrace({ metadata: { text: "x".repeat(100_000) } });
  const { bytesHeld } = tracer.stats();
  expect(bytesHeld).toBeGreaterThan(maxQueueBytes / 2);
  expect(bytesHeld).toBeLessThan(maxQueueBytes + 200_000);
  expect(losses).toContain("queue_full");
});

test("an exporter that throws what cannot be shown loses its record and nobody else's", async () => {
  const working = memory();
  const broken: Exporter = {
    name: "broken",
    host: undefined,
    connect: (context) => ({
      ...working.connect(context),
      pushObservation: () => {
        throw Object.create(null);
      },
    }),
  };
  const healthy = memory();
  const tracer = setUp({ exporters: [broken, healthy] });
  tracer.startObservation("span").end();
  expect(await tracer.flush({ timeoutMs: 500 })).toEqual({ sent: 1, failed: 0, dropped: 0, pending: 0 });
  expect(healthy.observations).toHaveLength(1);
  expect(tracer.stats().bytesHeld).toBe(0);
});

test("an onDrop that records is not called for what it loses itself", () => {
  let calls = 0;
  const tracer: Tracer = setUp({
    maxQueueBytes: 1,
    onDrop: () => {
      calls++;
      tracer.startObservation("lost too").end();
    },
  });
  const first: Observation = tracer.startObservation("fills the queue");
  tracer.startObservation("lost");
  expect(calls).toBe(1);
  expect(tracer.stats()).toMatchObject({ started: 3, open: 1, dropped: { queue_full: 2 } });
  first.end();
});
