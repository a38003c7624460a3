import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { RunMap } from "../../src/adapter/index.ts";
import { createTracer, memory, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";

const HOUR_MS = 3_600_000;

let status: number;
let requests: number;
let tracer: Tracer;

const fetch: typeof globalThis.fetch = async () => {
  requests++;
  return new Response(null, { status });
};

const realTimeout = setTimeout;

/** The fake clock, and then time for answers to be read, which takes turns of the real event loop. */
async function advance(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 1_000) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 1_000));
    await new Promise((resolve) => realTimeout(resolve, 0));
  }
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "Date", "performance"] });
  status = 200;
  requests = 0;
});
afterEach(async () => {
  const ending = tracer?.shutdown({ timeoutMs: 10 });
  await advance(1_000);
  await ending;
  vi.useRealTimers();
});

function start(options: TracerOptions = {}): Tracer {
  const exporters = [spanwise({ baseUrl: "http://localhost:4777" })];
  tracer = createTracer({ exporters, fetch, live: false, logLevel: "silent", ...options });
  return tracer;
}

describe.each([
  ["back", -HOUR_MS],
  ["forward", HOUR_MS],
])("a wall clock that is set %s", (_, stepMs) => {
  /** `performance` goes on as it was: no clock of a machine does anything else. */
  const step = (): void => void vi.setSystemTime(Date.now() + stepMs);

  test("neither hides what runs nor ends its heartbeat", async () => {
    start({ live: true }).startObservation("work");
    step();
    await advance(1_000);
    expect(requests).toBe(1);
    step();
    await advance(30_000);
    expect(requests).toBe(4);
  });

  test("does not hold up the next attempt", async () => {
    status = 503;
    start().startObservation("work").end();
    await advance(1_000);
    expect(requests).toBeGreaterThan(0);
    step();
    status = 200;
    await advance(10_000);
    expect(tracer.stats()).toMatchObject({ sent: 1, queued: 0 });
  });

  test("does not hold up a batch, or make a flush longer", async () => {
    start({ flushInterval: 1_000 }).startObservation("work").end();
    step();
    await advance(2_000);
    expect(tracer.stats().sent).toBe(1);
    status = 503;
    tracer.startObservation("more").end();
    const flushing = tracer.flush({ timeoutMs: 3_000 });
    step();
    await advance(3_000);
    expect(await flushing).toMatchObject({ sent: 0, pending: 1 });
  });

  test("changes nothing about how long a batch may wait", async () => {
    status = 503;
    start({ maxAgeMs: 120_000 }).startObservation("work").end();
    await advance(1_000);
    step();
    await advance(100_000);
    expect(tracer.stats()).toMatchObject({ queued: 1, dropped: {} });
    await advance(60_000);
    expect(tracer.stats()).toMatchObject({ queued: 0, dropped: { expired: 1 } });
  });

  test("changes nothing about how long an observation may be open", async () => {
    const exporter = memory();
    start({ exporters: [exporter], maxOpenMs: 240_000 }).startObservation("work");
    await advance(10_000);
    step();
    await advance(200_000);
    expect(tracer.stats()).toMatchObject({ open: 1, evicted: 0 });
    await advance(120_000);
    expect(tracer.stats()).toMatchObject({ open: 0, evicted: 1 });
  });

  test("changes nothing about how long a run may be open", async () => {
    const runs = new RunMap<string>({ maxAgeMs: 240_000 });
    runs.set("id", "run");
    await advance(1_000);
    step();
    await advance(200_000);
    expect(runs.size).toBe(1);
    await advance(120_000);
    expect(runs.size).toBe(0);
  });
});
