import { createSink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  continueTrace,
  createTracer,
  memory,
  propagateAttributes,
  spanwise,
  startActiveObservation,
  type Exporter,
  type MemoryExporter,
  type Tracer,
  type TracerOptions,
} from "../../src/index.ts";

let exporter: MemoryExporter;
let tracer: Tracer;

function setUp(options: TracerOptions = {}): void {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent", ...options });
}

const named = (name: string) => exporter.observations.find((record) => record.name === name)!;

beforeEach(() => setUp());
afterEach(() => tracer.shutdown());

describe("masking", () => {
  test("a mask that records observations itself destroys nothing", async () => {
    setUp({
      mask: (record) => {
        if (record.name !== "redact") tracer.startObservation("redact", {}, { parent: null }).end();
        return record;
      },
    });
    for (let i = 0; i < 1000; i++) tracer.startObservation(`span ${i}`, {}, { parent: null }).end();
    await tracer.flush();
    const names = exporter.observations.map(({ name }) => name).filter((name) => name !== "redact");
    expect(new Set(names).size).toBe(1000);
    expect(names).toHaveLength(1000);
    const { started, open, queued, sent } = tracer.stats();
    expect(started).toBe(open + queued + sent);
  });

  test("no user-supplied field passes by", async () => {
    const scrub = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value ?? null).replaceAll("secret", "***")) as unknown;
    setUp({ mask: (record) => scrub(record) as never });
    const trace = { environment: "secret", release: "secret", version: "secret" };
    const span = tracer.startObservation("span", { provider: "secret", version: "secret" }, { trace });
    span.score({ name: "s", value: 1, configId: "secret" });
    span.end({
      usageDetails: { input: 1, secret: 2 },
      costDetails: { secret: 1 },
      prompt: { name: "secret", version: 1 },
    });
    await tracer.flush();
    const [record] = exporter.observations;
    expect(JSON.stringify([record, record!.trace.current(), exporter.scores])).not.toContain("secret");
    expect(record).toMatchObject({ usageDetails: { input: 1, "***": 2 }, prompt: { name: "***", version: 1 } });
  });

  test("a thenable that is no Promise is awaited", async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- the point of the test
    setUp({ mask: (record) => ({ then: (done: (value: unknown) => void) => done(record) }) as never });
    tracer.startObservation("span", { input: 1 }).end();
    await tracer.flush();
    expect(named("span").input).toBe("1");
  });

  test("updates of a trace apply in the order they were made, however long each is masked", async () => {
    let wait = 30;
    setUp({
      mask: async (record) => {
        if (record.kind === "trace") await new Promise((resolve) => setTimeout(resolve, (wait -= 29)));
        return record;
      },
    });
    const span = tracer.startObservation("span");
    span.updateTrace({ userId: "first" });
    span.updateTrace({ userId: "second" });
    span.end();
    await tracer.flush();
    expect(named("span").trace.current().userId).toBe("second");
  });

  test("flush tells what still waits for its mask", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    setUp({ mask: async (record) => (await gate, record) });
    for (let i = 0; i < 200; i++) tracer.startObservation("span").end();
    expect(await tracer.flush({ timeoutMs: 20 })).toMatchObject({ sent: 0, pending: 200 });
    release();
    expect(await tracer.flush()).toMatchObject({ sent: 200, pending: 0 });
  });
});

describe("context", () => {
  test("what is started under an observation that has ended is its child", async () => {
    const root = tracer.startObservation("root");
    tracer.runWithObservation(root, () => {
      root.end();
      const active = tracer.getActiveObservation()!;
      expect(active.traceparent).toBe(root.traceparent);
      active.span("child").end();
      active.score({ name: "late", value: 1 });
    });
    await tracer.flush();
    expect(named("child")).toMatchObject({ parentId: root.id, traceId: root.traceId });
    expect(exporter.scores).toMatchObject([{ name: "late", observationId: root.id }]);
  });

  test("tracers that interleave keep their own parents and attributes", async () => {
    const other = memory();
    const second = createTracer({ exporters: [other], logLevel: "silent" });
    startActiveObservation(
      "a root",
      (root) =>
        startActiveObservation(
          "b root",
          () => {
            const child = tracer.startObservation("a child");
            expect(child.parentId).toBe(root.id);
            child.end();
          },
          { tracer: second },
        ),
      { tracer, trace: { userId: "a's user" } },
    );
    await Promise.all([tracer.flush(), second.flush()]);
    expect(named("a child").trace.current().userId).toBe("a's user");
    expect(other.observations[0]!.trace.current().userId).toBeUndefined();
    await second.shutdown();
  });

  test("propagated attributes reach a forced root; those of the trace around do not", async () => {
    startActiveObservation(
      "outer",
      () =>
        propagateAttributes({ sessionId: "s" }, () => tracer.startObservation("forced", {}, { parent: null }).end()),
      { tracer, trace: { userId: "outer's" } },
    );
    await tracer.flush();
    expect(named("forced").trace.current()).toMatchObject({ sessionId: "s", userId: undefined });
  });

  test("a child of a handle carries what is propagated around it, unless that is another trace's", async () => {
    const root = tracer.startObservation("root", {}, { parent: null, trace: { userId: "u" } });
    propagateAttributes({ sessionId: "s" }, () => root.span("inside").end());
    startActiveObservation("other", () => root.span("elsewhere").end(), { tracer, trace: { sessionId: "other's" } });
    root.end();
    await tracer.flush();
    expect(named("inside").trace.current()).toMatchObject({ userId: "u", sessionId: "s" });
    expect(named("elsewhere").trace.current()).toMatchObject({ userId: "u", sessionId: undefined });
  });

  test("a continued trace does not take over the attributes of the one around", async () => {
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    startActiveObservation(
      "outer",
      () => continueTrace({ Traceparent: traceparent }, () => tracer.startObservation("inner").end()),
      { tracer, trace: { userId: "outer's" } },
    );
    await tracer.flush();
    expect(named("inner")).toMatchObject({ traceId: traceparent.slice(3, 35), parentId: "b7ad6b7169203331" });
    expect(named("inner").trace.current().userId).toBeUndefined();
  });

  test.each([undefined, null, { traceparent: null }, { traceparent: ["garbage"] }])(
    "continueTrace(%o) runs the function in a new trace",
    (headers) => {
      expect(continueTrace(headers, () => "ran")).toBe("ran");
    },
  );

  test("an update of the trace after its last observation ended reaches what is not sent", async () => {
    const span = tracer.startObservation("span");
    span.end();
    span.updateTrace({ userId: "late" });
    await tracer.flush();
    expect(named("span").trace.current().userId).toBe("late");
  });
});

describe("accounts", () => {
  test("updates of what was let go of do not eat the room", async () => {
    setUp({ maxOpen: 1, maxQueueBytes: 1_000_000 });
    for (let i = 0; i < 20; i++) {
      const span = tracer.startObservation(`span ${i}`, {}, { parent: null });
      tracer.startObservation("other", {}, { parent: null }).end();
      tracer.startObservation("evicts", {}, { parent: null }).end();
      span.update({ output: "x".repeat(200_000) });
    }
    await tracer.flush();
    expect(tracer.stats().dropped).toEqual({});
    expect(tracer.stats().bytesHeld).toBeLessThan(300_000);
  });

  test("a second configuration takes the open ones over, bytes and all", async () => {
    const { init } = await import("../../src/index.ts");
    const first = memory();
    const second = memory();
    const main = init({ exporters: [first], logLevel: "silent" });
    const span = main.startObservation("open", { input: "x".repeat(1000) }, { parent: null });
    init({ exporters: [second], logLevel: "silent" });
    expect(main.stats().bytesHeld).toBeGreaterThan(1000);
    span.end();
    await main.flush();
    expect(second.observations).toMatchObject([{ name: "open" }]);
    expect(main.stats()).toMatchObject({ bytesHeld: 0, open: 0 });
    main.startObservation("left open", {}, { parent: null });
    init({ exporters: [second], enabled: false, logLevel: "silent" });
    await main.flush();
    expect(second.observations.at(-1)).toMatchObject({ name: "left open", status: "incomplete" });
    expect(main.stats().open).toBe(0);
  });

  test("an exporter that throws loses its record and nobody else's", async () => {
    const working = memory();
    const broken: Exporter = {
      name: "broken",
      host: undefined,
      connect: (context) => ({
        ...working.connect(context),
        pushObservation: () => {
          throw new Error("theirs");
        },
      }),
    };
    const healthy = memory();
    setUp({ exporters: [broken, healthy] });
    tracer.startObservation("span").end();
    expect(await tracer.flush()).toMatchObject({ sent: 1, dropped: 0 });
    expect(healthy.observations).toHaveLength(1);
    expect(tracer.stats().bytesHeld).toBe(0);
  });

  test("onDrop hears of what is refused because the queue is full", async () => {
    const losses: unknown[] = [];
    setUp({ maxQueueBytes: 2_000, onDrop: (loss) => losses.push(loss) });
    const spans = Array.from({ length: 10 }, () => tracer.startObservation("span", {}, { parent: null }));
    expect(losses).toContainEqual({ destination: "tracer", reason: "queue_full", count: 1 });
    for (const span of spans) span.end();
  });

  test("flush with no deadline waits for what is there", async () => {
    const sink = await createSink();
    const remote = createTracer({ exporters: [spanwise({ baseUrl: sink.url })], timeoutMs: Infinity });
    remote.startObservation("span").end();
    expect(await remote.flush({ timeoutMs: Infinity })).toMatchObject({ sent: 1, pending: 0 });
    await remote.shutdown();
    await sink.close();
  });

  test("an end during shutdown is still taken", async () => {
    let release = (): void => {};
    const gate = new Promise<void>((resolve) => (release = resolve));
    setUp({ mask: async (record) => (await gate, record) });
    const span = tracer.startObservation("span");
    const down = tracer.shutdown();
    span.end({ output: "done" });
    release();
    await down;
    expect(exporter.observations.map(({ status }) => status)).toEqual(["incomplete", "ok"]);
  });

  test("a type nobody knows is a span", async () => {
    tracer.startObservation("span", {}, { type: "nonsense" as never }).end();
    await tracer.flush();
    expect(named("span").type).toBe("span");
  });
});
