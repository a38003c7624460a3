import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createTracer, langfuse, memory, spanwise, type Exporter, type Tracer } from "../../src/index.ts";
import { otlp } from "../../src/otlp.ts";

const keys = { publicKey: "pk", secretKey: "sk" };
let sinks: Sink[];
let tracer: Tracer;

beforeEach(async () => {
  sinks = await Promise.all([createSink(), createSink(), createSink()]);
});

afterEach(async () => {
  await tracer.shutdown({ timeoutMs: 100 });
  await Promise.all(sinks.map((sink) => sink.close()));
});

function start(exporters: Exporter[], timeoutMs = 10_000): void {
  tracer = createTracer({ exporters, logLevel: "silent", timeoutMs, flushInterval: 20 });
}

function record(count: number): void {
  for (let i = 0; i < count; i++) tracer.startObservation(`span ${i}`, { input: i }, { parent: null }).end();
}

test("one record goes to all, each in its own protocol and convention", async () => {
  const [first, second, third] = sinks as [Sink, Sink, Sink];
  const kept = memory();
  start([
    spanwise({ baseUrl: first.url }),
    langfuse({ baseUrl: second.url, ...keys, protocol: "http/json" }),
    otlp({ endpoint: third.url }),
    kept,
  ]);
  const one = tracer.startObservation("draft", { model: "gpt-4o", input: "hi" }, { type: "generation" });
  one.score({ name: "good", value: 1 });
  one.end({ output: "ho" });
  expect(await tracer.flush()).toEqual({ sent: 2, failed: 0, dropped: 0, pending: 0 });
  expect(first.spans()[0]).toMatchObject({ name: "draft", attributes: { "spanwise.observation.status": "ok" } });
  expect(second.spans()[0]).toMatchObject({ name: "draft", attributes: { "langfuse.observation.input": "hi" } });
  expect(third.spans()[0]).toMatchObject({ name: "chat gpt-4o", attributes: { "gen_ai.operation.name": "chat" } });
  expect(kept.observations).toHaveLength(1);
  // A score that three destinations took is sent, although the fourth cannot carry it.
  expect(tracer.stats().scores).toMatchObject({ sent: 1, dropped: {} });
  expect([first.scores().length, second.scores().length, third.scores().length]).toEqual([1, 1, 0]);
});

test("a flush of many destinations makes no runtime warn of a leak", async () => {
  const warnings: string[] = [];
  const listen = ({ name }: Error): void => void warnings.push(name);
  process.on("warning", listen);
  for (const sink of sinks) sink.script([{ delayMs: 20, times: Infinity }]);
  start(sinks.flatMap((sink) => Array.from({ length: 4 }, () => spanwise({ baseUrl: sink.url }))));
  record(1);
  expect(await tracer.flush()).toMatchObject({ sent: 1, pending: 0 });
  process.off("warning", listen);
  expect(warnings).toEqual([]);
});

const broken: [string, Exporter | ((sink: Sink) => Exporter)][] = [
  ["refuses connections", otlp({ endpoint: "http://127.0.0.1:1" })],
  [
    "answers 500",
    (sink) => {
      sink.script([{ status: 500, times: Infinity }]);
      return otlp({ endpoint: sink.url });
    },
  ],
  [
    "never answers",
    (sink) => {
      sink.script([{ hang: "reply", times: Infinity }]);
      return langfuse({ baseUrl: sink.url, ...keys });
    },
  ],
  [
    "answers garbage",
    (sink) => {
      sink.script([{ rawReply: "this is not HTTP\r\n\r\n", times: Infinity }]);
      return otlp({ endpoint: sink.url });
    },
  ],
  [
    "throws at every record",
    {
      name: "broken",
      host: undefined,
      connect: (context) => ({
        ...memory().connect(context),
        pushObservation: () => {
          throw new Error("a defect");
        },
      }),
    },
  ],
];

describe.each(broken)("a destination that %s", (_, make) => {
  test("does not delay another, and does not count against it", async () => {
    const [bad, good] = sinks as [Sink, Sink];
    const exporter = typeof make === "function" ? make(bad) : make;
    start([exporter, otlp({ endpoint: good.url })]);
    const startedAt = performance.now();
    record(20);
    await good.waitFor((sink) => sink.spans().length === 20, { timeoutMs: 10_000 });
    // The interval is 20 ms: nowhere near the other's retries and time-outs.
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    // The sink has the spans a moment before the answer is back.
    await vi.waitFor(() => {
      const [failing, healthy] = tracer.stats().destinations;
      expect(failing!.sent).toBe(0);
      expect(healthy).toMatchObject({ sent: 20, queued: 0, dropped: {}, retried: 0 });
    }, 10_000);
  });

  test("keeps its share, and flush says so honestly at its deadline", async () => {
    const [bad, good] = sinks as [Sink, Sink];
    const exporter = typeof make === "function" ? make(bad) : make;
    start([exporter, otlp({ endpoint: good.url })]);
    record(3);
    const startedAt = performance.now();
    await tracer.flush({ timeoutMs: 300 });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect(good.spans()).toHaveLength(3);
    const { started, sent, queued, dropped, open } = tracer.stats();
    expect(open).toBe(0);
    expect(sent + queued + Object.values(dropped).reduce((sum, count) => sum + count, 0)).toBe(started);
  });
});

test("partial success of one is its own", async () => {
  const [partial, good] = sinks as [Sink, Sink];
  partial.script([{ partialSuccess: { rejectedSpans: 2, errorMessage: "no" } }]);
  start([otlp({ endpoint: partial.url }), spanwise({ baseUrl: good.url })]);
  record(5);
  expect(await tracer.flush()).toMatchObject({ sent: 5, failed: 0, pending: 0 });
  expect(tracer.stats().destinations).toMatchObject([
    { name: "otlp", sent: 3, dropped: { rejected: 2 } },
    { name: "spanwise", sent: 5, dropped: {} },
  ]);
});

test("live announcements go to Spanwise servers only, also when they are switched on for all", async () => {
  const [first, second, third] = sinks as [Sink, Sink, Sink];
  const exporters = [
    spanwise({ baseUrl: first.url }),
    langfuse({ baseUrl: second.url, ...keys }),
    otlp({ endpoint: third.url }),
  ];
  tracer = createTracer({ exporters, logLevel: "silent", live: true, flushInterval: 20 });
  const slow = tracer.startObservation("slow");
  await first.waitFor((sink) => sink.spans().length === 1);
  slow.end();
  await tracer.flush();
  expect(first.spans()).toHaveLength(2);
  // A backend that keeps what it has would show the same observation twice, once without an end.
  expect(second.spans()).toHaveLength(1);
  expect(third.spans()).toHaveLength(1);
});
