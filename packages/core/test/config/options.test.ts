import "../../src/spool/index.ts"; // As an application that is not bundled has it: there the runtime loads it.
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createTracer, spanwise, type Logger, type Tracer, type TracerOptions } from "../../src/index.ts";
import { memory } from "../../src/exporters/memory.ts";

let sink: Sink;
let tracer: Tracer | undefined;
let folder: string;

beforeEach(async () => {
  sink = await createSink();
  folder = mkdtempSync(join(tmpdir(), "spanwise-options-"));
  for (const name of Object.keys(process.env)) {
    if (/^(SPANWISE|LANGFUSE|OTEL)_|_SHA$/.test(name)) vi.stubEnv(name, undefined);
  }
});

afterEach(async () => {
  await tracer?.shutdown({ timeoutMs: 50 });
  tracer = undefined;
  vi.unstubAllEnvs();
  await sink.close();
  rmSync(folder, { recursive: true, force: true });
});

function trace(options: TracerOptions): Tracer {
  tracer = createTracer({ baseUrl: sink.url, logLevel: "silent", live: false, ...options });
  return tracer;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const DOWN = [{ status: 503, times: Infinity }];
const SILENT = [{ hang: "reply" as const, times: Infinity }];
/** Does not shrink. */
const noise = (bytes: number): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("latin1");

function createLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const at =
    (level: string) =>
    (line: string): void =>
      void lines.push(`${level} ${line}`);
  return { logger: { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") }, lines };
}

/** One for each option there is: an option without its effect here does not compile. */
const effects: Record<keyof TracerOptions, () => Promise<void>> = {
  async baseUrl() {
    trace({ baseUrl: `${sink.url}/` })
      .startObservation("a")
      .end();
    await tracer!.flush();
    expect(sink.requests.map(({ path }) => path)).toEqual(["/v1/traces"]);
  },
  async publicKey() {
    trace({ publicKey: "pk", secretKey: "sk" }).startObservation("a").end();
    await tracer!.flush();
    expect(sink.requests[0]!.headers.authorization).toBe(`Basic ${btoa("pk:sk")}`);
  },
  async secretKey() {
    expect(() => trace({ publicKey: "pk" })).toThrow("one of them is missing");
  },
  async exporters() {
    const exporter = memory();
    trace({ baseUrl: undefined, exporters: [exporter, spanwise({ baseUrl: sink.url })] })
      .startObservation("a")
      .end();
    await tracer!.flush();
    expect(exporter.observations).toHaveLength(1);
    expect(sink.spans()).toHaveLength(1);
  },
  async enabled() {
    expect(trace({ enabled: false }).enabled).toBe(false);
    tracer!.startObservation("a").end();
    await tracer!.flush();
    expect(sink.requests).toEqual([]);
  },
  async flushAt() {
    trace({ flushAt: 3, flushInterval: 60_000 });
    for (const name of ["a", "b"]) tracer!.startObservation(name).end();
    await wait(100);
    expect(sink.requests).toEqual([]);
    for (const name of ["c", "d"]) tracer!.startObservation(name).end();
    await sink.waitFor(() => sink.requests.length > 0);
    expect(sink.spans().map(({ name }) => name)).toEqual(["a", "b", "c"]);
  },
  async flushInterval() {
    trace({ flushInterval: 60_000 }).startObservation("late").end();
    await wait(400);
    expect(sink.requests).toEqual([]);
    await tracer!.shutdown();
    sink.reset();
    trace({ flushInterval: 10 }).startObservation("soon").end();
    await sink.waitFor(() => sink.spans().length === 1);
  },
  async maxQueueBytes() {
    sink.script(DOWN);
    trace({ maxQueueBytes: 50_000, flushAt: 5 });
    for (let i = 0; i < 50; i++) tracer!.startObservation("a", { input: noise(5_000) }).end();
    const { dropped, bytesHeld } = tracer!.stats();
    expect(dropped.queue_full).toBeGreaterThan(20);
    // What was started below the bound may end above it.
    expect(bytesHeld).toBeLessThan(50_000 + 15_000);
  },
  async maxBatchBytes() {
    trace({ maxBatchBytes: 10_000 });
    for (let i = 0; i < 10; i++) tracer!.startObservation("a", { input: "x".repeat(3_000) }).end();
    expect(await tracer!.flush()).toMatchObject({ sent: 10 });
    expect(sink.requests.length).toBeGreaterThanOrEqual(4);
    for (const { body } of sink.requests) expect(body.byteLength).toBeLessThan(15_000);
  },
  async maxValueBytes() {
    trace({ maxValueBytes: 2_000 })
      .startObservation("a", { input: "x".repeat(100_000) })
      .end();
    await tracer!.flush();
    const input = sink.spans()[0]!.attributes["langfuse.observation.input"] as string;
    expect(input.length).toBeLessThanOrEqual(2_000);
    expect(tracer!.stats().truncated).toBe(1);
  },
  async maxAgeMs() {
    sink.script([{ status: 503, headers: { "retry-after": "0" }, times: Infinity }]);
    trace({ maxAgeMs: 50, flushInterval: 1 }).startObservation("a").end();
    await expect.poll(() => tracer!.stats().dropped).toEqual({ expired: 1 });
  },
  async maxOpen() {
    trace({ maxOpen: 10 });
    for (let i = 0; i < 30; i++) tracer!.startObservation("a");
    expect(tracer!.stats().open).toBeLessThanOrEqual(10);
    expect(tracer!.stats().evicted).toBeGreaterThanOrEqual(20);
  },
  async maxOpenMs() {
    trace({ maxOpenMs: 20 }).startObservation("forgotten");
    await sink.waitFor(() => sink.spans().length === 1);
    expect(sink.spans()[0]!.attributes).toMatchObject({ "spanwise.observation.status": "incomplete" });
    expect(tracer!.stats()).toMatchObject({ open: 0, evicted: 1 });
  },
  async timeoutMs() {
    sink.script(SILENT);
    trace({ timeoutMs: 50, flushInterval: 1 }).startObservation("a").end();
    await expect.poll(() => tracer!.stats().lastError).toContain("no answer within 50 ms");
  },
  async flushTimeoutMs() {
    sink.script(SILENT);
    trace({ flushTimeoutMs: 100 }).startObservation("a").end();
    const startedAt = performance.now();
    expect(await tracer!.flush()).toMatchObject({ sent: 0, pending: 1 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  },
  async shutdownTimeoutMs() {
    sink.script(SILENT);
    trace({ shutdownTimeoutMs: 100 }).startObservation("a").end();
    const startedAt = performance.now();
    expect(await tracer!.shutdown()).toMatchObject({ sent: 0, dropped: 1, pending: 0 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
  },
  async sampleRate() {
    trace({ sampleRate: 0.5 });
    for (let i = 0; i < 1_000; i++) tracer!.startObservation("a", undefined, { parent: null }).end();
    await tracer!.flush();
    const { unsampled, sent } = tracer!.stats();
    expect(unsampled + sent).toBe(1_000);
    // Five standard deviations.
    expect(Math.abs(sent - 500)).toBeLessThan(80);
  },
  async mask() {
    trace({ mask: (record) => ({ ...record, input: "masked" }) })
      .startObservation("a", { input: "secret" })
      .end();
    await tracer!.flush();
    expect(sink.spans()[0]!.attributes["langfuse.observation.input"]).toBe('"masked"');
  },
  async environment() {
    trace({ environment: "staging" }).startObservation("a").end();
    await tracer!.flush();
    expect(sink.spans()[0]!.resource).toMatchObject({ "deployment.environment.name": "staging" });
  },
  async release() {
    vi.stubEnv("GITHUB_SHA", "abc");
    trace({}).startObservation("a").end();
    await tracer!.flush();
    expect(sink.spans()[0]!.resource).toMatchObject({ "langfuse.release": "abc" });
    sink.reset();
    trace({ release: "r1" }).startObservation("a").end();
    await tracer!.flush();
    expect(sink.spans()[0]!.resource).toMatchObject({ "langfuse.release": "r1" });
  },
  async version() {
    trace({ version: "1.2.3" }).startObservation("a").end();
    await tracer!.flush();
    expect(sink.spans()[0]!.resource).toMatchObject({ "service.version": "1.2.3" });
  },
  async media() {
    const url = `data:image/png;base64,${Buffer.alloc(3_000, 7).toString("base64")}`;
    trace({}).startObservation("a", { input: { url } }).end();
    await tracer!.flush();
    expect(sink.spans()[0]!.attributes["langfuse.observation.input"]).not.toContain("base64,");
    sink.reset();
    trace({ media: false }).startObservation("a", { input: { url } }).end();
    await tracer!.flush();
    expect(sink.spans()[0]!.attributes["langfuse.observation.input"]).toContain(url);
  },
  async live() {
    trace({ live: true }).startObservation("running");
    await sink.waitFor(() => sink.spans().length === 1);
    expect(sink.spans()[0]!.attributes["spanwise.record"]).toBe("start");
    await tracer!.shutdown();
    sink.reset();
    trace({ live: false }).startObservation("running");
    await wait(400);
    expect(sink.requests).toEqual([]);
  },
  async spool() {
    sink.script(DOWN);
    trace({ spool: folder }).startObservation("a").end();
    expect(await tracer!.shutdown({ timeoutMs: 100 })).toMatchObject({ dropped: 0, pending: 1 });
    expect(readdirSync(folder, { recursive: true }).filter((path) => String(path).endsWith(".batch"))).toHaveLength(1);
  },
  async logger() {
    const { logger, lines } = createLogger();
    trace({ logger, logLevel: "info" });
    expect(lines).toEqual([`info [spanwise] tracing to spanwise at ${new URL(sink.url).host}`]);
  },
  async logLevel() {
    const { logger, lines } = createLogger();
    sink.script(DOWN);
    trace({ logger, logLevel: "silent" }).startObservation("a").end();
    await tracer!.flush({ timeoutMs: 50 });
    expect(lines).toEqual([]);
    // The log is the process's: a retry of this tracer's would be heard by the next one's level.
    await tracer!.shutdown({ timeoutMs: 1 });
    trace({ logger, logLevel: "warn" }).startObservation("a").end();
    await tracer!.flush({ timeoutMs: 50 });
    await expect.poll(() => lines).toEqual([expect.stringContaining("warn [spanwise] spanwise: HTTP 503")]);
  },
  async onDrop() {
    sink.script(DOWN);
    const losses: unknown[] = [];
    trace({ onDrop: (loss) => void losses.push(loss) })
      .startObservation("a")
      .end();
    await tracer!.shutdown({ timeoutMs: 50 });
    expect(losses).toEqual([{ reason: "shutdown", count: 1, destination: "spanwise" }]);
  },
  async fetch() {
    const seen: string[] = [];
    const ownFetch: typeof fetch = (input, init) => {
      seen.push(input instanceof Request ? input.url : input.toString());
      return fetch(input, init);
    };
    trace({ fetch: ownFetch }).startObservation("a").end();
    expect(await tracer!.flush()).toMatchObject({ sent: 1 });
    expect(seen).toEqual([`${sink.url}/v1/traces`]);
  },
};

test.each(Object.entries(effects))("%s", (_, effect) => effect());

test("flushAt: 1 sends every observation at once", async () => {
  trace({ flushAt: 1, flushInterval: 60_000 });
  tracer!.startObservation("a").end();
  await sink.waitFor(() => sink.spans().length === 1);
  tracer!.startObservation("b").end();
  await sink.waitFor(() => sink.spans().length === 2);
  expect(sink.requests).toHaveLength(2);
});

test("a variable that cannot be used is told once, however many tracers are made", () => {
  vi.stubEnv("SPANWISE_FLUSH_AT", "many, told once");
  const { logger, lines } = createLogger();
  for (let i = 0; i < 3; i++) trace({ logger, logLevel: "warn" });
  expect(lines).toEqual(['warn [spanwise] SPANWISE_FLUSH_AT="many, told once" cannot be used']);
});

test("an onDrop and a logger that throw reach nobody", async () => {
  sink.script(DOWN);
  const throwing = (): never => {
    throw new Error("theirs");
  };
  trace({
    onDrop: throwing,
    logger: { debug: throwing, info: throwing, warn: throwing, error: throwing },
    logLevel: "debug",
  });
  tracer!.startObservation("a").end();
  expect(await tracer!.shutdown({ timeoutMs: 50 })).toMatchObject({ dropped: 1 });
});
