import { describe, expect, test, vi } from "vitest";
import {
  createTraceId,
  createTracer,
  continueTrace,
  memory,
  observe,
  propagateAttributes,
  startActiveObservation,
} from "../../src/index.ts";
import { exporter, recorded, setUp, tracer } from "./support/in-memory.ts";

test("typed children hang under their parent and carry its trace attributes", async () => {
  const root = tracer.startObservation("root", {}, { type: "agent", trace: { userId: "u", tags: ["a"] } });
  const tool = root.tool("tool", { input: { q: 1 } });
  tool.event("found", { metadata: { count: 2 } });
  tool.end({ output: [1] });
  root.end();
  const { root: r, tool: t, found } = await recorded();
  expect(r).toMatchObject({ type: "agent", parentId: undefined, status: "ok", level: "DEFAULT" });
  expect(t).toMatchObject({ type: "tool", parentId: r!.id, traceId: r!.traceId, input: '{"q":1}', output: "[1]" });
  expect(found).toMatchObject({ type: "event", parentId: t!.id, metadata: '{"count":2}' });
  expect(found!.endTime!).toBeLessThanOrEqual(t!.endTime!);
  for (const record of [r, t, found]) expect(record!.trace.current()).toMatchObject({ userId: "u", tags: ["a"] });
});

test("what kind of work it was may show only later", async () => {
  const graph = tracer.startObservation("graph", {}, { type: "chain" });
  graph.update({ type: "agent" });
  expect(graph.type).toBe("agent");
  graph.end();
  const step = tracer.startObservation("step", { type: "tool" });
  step.update({ type: "nonsense" as never });
  step.end({ type: "event" as never });
  const { graph: g, step: s } = await recorded();
  expect([g!.type, s!.type]).toEqual(["agent", "tool"]);
});

test("metadata merges by top key, other fields replace", async () => {
  const span = tracer.startObservation("span", { input: 1, metadata: { a: 1, b: { c: 1 } } });
  span.update({ input: 2, metadata: { b: { d: 1 } } });
  span.end({ metadata: { e: 1 } });
  expect((await recorded()).span).toMatchObject({ input: "2", metadata: '{"a":1,"b":{"d":1},"e":1}' });
});

test("a value is what it was when it was given", async () => {
  const messages = [{ role: "user", content: "before" }];
  const span = tracer.startObservation("span", { input: messages });
  messages[0]!.content = "after";
  messages.push({ role: "user", content: "later" });
  span.end();
  expect((await recorded()).span!.input).toBe('[{"role":"user","content":"before"}]');
});

test.each([
  [{ level: "ERROR" }, "error", "ERROR"],
  [{ status: "error" }, "error", "ERROR"],
  [{ status: "cancelled" }, "cancelled", "WARNING"],
  [{ status: "incomplete" }, "incomplete", "WARNING"],
  [{ status: "interrupted" }, "interrupted", "DEFAULT"],
  [{ level: "DEBUG" }, "ok", "DEBUG"],
  [{}, "ok", "DEFAULT"],
] as const)("%o is status %s at level %s", async (given, status, level) => {
  tracer.startObservation("span").end(given);
  expect((await recorded()).span).toMatchObject({ status, level });
});

test("ending twice and updating after the end are ignored and counted", async () => {
  const span = tracer.startObservation("span");
  span.end({ output: 1 });
  span.end({ output: 2 });
  span.update({ output: 3 });
  await tracer.flush();
  expect(exporter.observations).toHaveLength(1);
  expect(exporter.observations[0]!.output).toBe("1");
  expect(tracer.stats().afterEnd).toBe(2);
});

test("a parent may end before its children", async () => {
  const root = tracer.startObservation("root");
  const child = root.span("child");
  root.end();
  child.end();
  const { root: r, child: c } = await recorded();
  expect(c!.parentId).toBe(r!.id);
});

test("explicit times are kept and nothing ends before it starts", async () => {
  const span = tracer.startObservation("span", {}, { startTime: new Date(1000) });
  span.end({ completionStartTime: 1500 }, { endTime: 500 });
  expect((await recorded()).span).toMatchObject({ startTime: 1000, endTime: 1000, completionStartTime: 1500 });
});

test("wrong types cost their field, not the observation", async () => {
  const span = tracer.startObservation("span", {
    usageDetails: { input: 3, broken: "x", worse: Number.NaN, negative: -1, flag: true } as never,
    level: "LOUD" as never,
    model: 42 as never,
    metadata: "text" as never,
  });
  span.end();
  const record = (await recorded()).span!;
  expect(record).toMatchObject({ usageDetails: { input: 3 }, level: "DEFAULT", model: "42", metadata: undefined });
});

describe("context", () => {
  test("concurrent calls keep their own parents", async () => {
    const inner = observe(async (name: string) => name, { tracer, name: "inner" });
    const outer = observe(
      async (name: string) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
        await inner(name);
      },
      { tracer, name: "outer" },
    );
    await Promise.all(Array.from({ length: 50 }, (_, i) => outer(`call ${i}`)));
    await tracer.flush();
    const byId = new Map(exporter.observations.map((record) => [record.id, record]));
    const inners = exporter.observations.filter(({ name }) => name === "inner");
    expect(inners).toHaveLength(50);
    for (const record of inners) {
      const parent = byId.get(record.parentId!)!;
      expect(parent.input).toBe(record.input);
      expect(parent.traceId).toBe(record.traceId);
    }
  });

  test("parent: null forces a root", async () => {
    startActiveObservation("outer", () => tracer.startObservation("root", {}, { parent: null }).end(), { tracer });
    expect((await recorded()).root!.parentId).toBeUndefined();
  });

  test("a trace id alone as the parent makes a root of that trace", async () => {
    const traceId = await createTraceId("order-1");
    tracer.startObservation("root", {}, { parent: { traceId } }).end();
    observe(() => {}, { name: "later", tracer, parent: { traceId } })();
    const unsampled = tracer.startObservation("silent", {}, { parent: { traceId, sampled: false } });
    expect(unsampled).toMatchObject({ recording: false, traceId });
    await tracer.flush();
    const roots = exporter.observations.map(({ name, ...record }) => [name, record.traceId, record.parentId]);
    expect(roots).toEqual([
      ["root", traceId, undefined],
      ["later", traceId, undefined],
    ]);
    expect(exporter.observations[0]!.isAppRoot).toBe(false);
  });

  test("another tracer's observation is not a parent", async () => {
    const other = createTracer({ exporters: [memory()], logLevel: "silent" });
    startActiveObservation("theirs", () => tracer.startObservation("ours").end(), { tracer: other });
    expect((await recorded()).ours!.parentId).toBeUndefined();
    await other.shutdown();
  });

  test("nested attributes merge: tags unite, metadata by key, the rest replaces", async () => {
    propagateAttributes({ userId: "a", tags: ["x"], metadata: { m: 1 } }, () =>
      propagateAttributes({ userId: "b", tags: ["y", "x"], metadata: { n: 2 } }, () =>
        tracer.startObservation("span").end(),
      ),
    );
    expect((await recorded()).span!.trace.current()).toMatchObject({
      userId: "b",
      tags: ["x", "y"],
      metadata: '{"m":1,"n":2}',
    });
  });

  test("traceparent leaves and comes back", async () => {
    const outgoing = tracer.startObservation("client");
    const headers = { traceparent: outgoing.traceparent };
    continueTrace(headers, () => tracer.startObservation("server").end());
    outgoing.end();
    const { client, server } = await recorded();
    expect(server).toMatchObject({ traceId: client!.traceId, parentId: client!.id, isAppRoot: true });
  });

  test("a broken traceparent starts a new trace", async () => {
    continueTrace({ traceparent: "00-zz-00-01" }, () => tracer.startObservation("span").end());
    expect((await recorded()).span!.parentId).toBeUndefined();
  });
});

test("updateTrace reaches every observation that is not sealed", async () => {
  const root = tracer.startObservation("root", {}, { trace: { tags: ["a"] } });
  root.span("early").end();
  root.updateTrace({ userId: "u", tags: ["b"] });
  root.end();
  const { root: r, early } = await recorded();
  expect(early!.trace.current()).toMatchObject({ userId: "u", tags: ["a", "b"] });
  expect(r!.trace.current()).toMatchObject({ userId: "u", tags: ["a", "b"] });
});

describe("scores", () => {
  test.each([
    [
      { name: "n", value: 0.5 },
      { dataType: "NUMERIC", value: 0.5 },
    ],
    [
      { name: "b", value: true },
      { dataType: "BOOLEAN", value: 1 },
    ],
    [
      { name: "c", value: "good" },
      { dataType: "CATEGORICAL", value: "good" },
    ],
    [
      { name: "t", value: "text", dataType: "TEXT" },
      { dataType: "TEXT", value: "text" },
    ],
  ] as const)("%o", async (given, expected) => {
    const span = tracer.startObservation("span");
    span.score(given);
    span.scoreTrace(given);
    span.end();
    await tracer.flush();
    expect(exporter.scores[0]).toMatchObject({ ...expected, traceId: span.traceId, observationId: span.id });
    expect(exporter.scores[1]).toMatchObject({ ...expected, traceId: span.traceId, observationId: undefined });
  });

  test("a score that no backend would take is refused here", async () => {
    tracer.score({ name: "", value: 1, traceId: "x" });
    tracer.score({ name: "b", value: "maybe", dataType: "BOOLEAN", traceId: "x" });
    await tracer.flush();
    expect(exporter.scores).toEqual([]);
  });
});

describe("bounds", () => {
  test("beyond maxOpen the longest untouched is exported as incomplete; its end sends the full record", async () => {
    setUp({ maxOpen: 2 });
    const first = tracer.startObservation("first", { input: "known" });
    tracer.startObservation("second");
    tracer.startObservation("third");
    await tracer.flush();
    expect(exporter.observations).toMatchObject([{ name: "first", status: "incomplete", input: '"known"' }]);
    first.end({ output: "late" });
    await tracer.flush();
    expect(exporter.observations[1]).toMatchObject({ id: first.id, status: "ok", output: '"late"' });
    const stats = tracer.stats();
    expect(stats.open).toBe(2);
    expect(stats.started).toBe(stats.open + stats.queued + stats.sent);
  });

  test("what is idle for maxOpenMs is exported as incomplete", async () => {
    vi.useFakeTimers();
    try {
      setUp({ maxOpenMs: 1000 });
      tracer.startObservation("idle");
      await vi.advanceTimersByTimeAsync(2500);
      expect(exporter.observations).toMatchObject([{ name: "idle", status: "incomplete" }]);
    } finally {
      vi.useRealTimers();
    }
  });

  test("shutdown exports what is open, then refuses and counts", async () => {
    tracer.startObservation("open");
    const one = tracer.shutdown();
    expect(tracer.shutdown()).toBe(one);
    expect(await one).toMatchObject({ sent: 1 });
    expect(exporter.observations).toMatchObject([{ name: "open", status: "incomplete" }]);
    tracer.startObservation("late").end();
    expect(tracer.stats().dropped).toEqual({ after_shutdown: 1 });
  });

  test("changed after shutdown, in what its trace has, it holds nothing", async () => {
    const observation = tracer.startObservation("late");
    await tracer.shutdown();
    observation.updateTrace({ tags: ["late"] });
    expect(tracer.stats()).toMatchObject({ open: 0, queued: 0, bytesHeld: 0 });
  });

  test("a value over maxValueBytes is cut and stays valid JSON", async () => {
    setUp({ maxValueBytes: 2048 });
    tracer.startObservation("big", { input: { text: "x".repeat(10_000), short: "kept" } }).end();
    const { big } = await recorded();
    expect(big!.truncated).toEqual(["input.text=10000 characters"]);
    expect(JSON.parse(big!.input!)).toMatchObject({ short: "kept" });
    expect(tracer.stats().truncated).toBe(1);
  });
});

describe("disabled", () => {
  test("handles carry ids and record nothing", async () => {
    setUp({ enabled: false });
    const span = tracer.startObservation("span", { input: 1 });
    expect(span.recording).toBe(false);
    expect(span.id).toMatch(/^[0-9a-f]{16}$/);
    span.tool("child").end();
    span.end();
    expect(await tracer.flush()).toEqual({ sent: 0, failed: 0, dropped: 0, pending: 0 });
    expect(tracer.stats()).toMatchObject({ started: 0 });
  });

  test("an observed function passes through", () => {
    setUp({ enabled: false });
    const add = observe((a: number, b: number) => a + b, { tracer });
    expect(add(1, 2)).toBe(3);
  });
});
