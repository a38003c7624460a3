import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createTracer, memory, type MemoryExporter, type Tracer } from "../../src/index.ts";

let exporter: MemoryExporter;
let tracer: Tracer;

beforeEach(() => {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
});
afterEach(() => tracer.shutdown());

const start = (): ReturnType<Tracer["startObservation"]> => tracer.startObservation("span", {}, { parent: null });
const metadataOf = (): Record<string, unknown> => JSON.parse(exporter.observations[0]!.metadata!) as never;

describe("metadata", () => {
  test("an update of the same key gives the bytes of the last one back", async () => {
    const span = start();
    for (let i = 0; i < 7000; i++) span.update({ metadata: { partial: `${i}`.padEnd(20_000, "x") } });
    expect(tracer.stats().bytesHeld).toBeLessThan(25_000);
    span.end();
    await tracer.flush();
    expect(metadataOf().partial).toMatch(/^6999x/);
  });

  test("updates merge by top key, whatever the key", async () => {
    const span = start();
    span.update({ metadata: { a: 1, b: { c: 1 } } });
    span.update({ metadata: JSON.parse('{"__proto__":{"d":1},"b":{"e":2}}') as Record<string, unknown> });
    span.end();
    await tracer.flush();
    expect(exporter.observations[0]!.metadata).toBe('{"a":1,"b":{"e":2},"__proto__":{"d":1}}');
  });

  test("what keys are added one by one is bounded in number and bytes", async () => {
    const span = start();
    for (let i = 0; i < 12_000; i++) span.update({ metadata: { [`k${i}`]: "x".repeat(1000) } });
    expect(tracer.stats().bytesHeld).toBeLessThan(10 * 1024 * 1024);
    span.end();
    await tracer.flush();
    expect(exporter.observations[0]!.truncated[0]).toBe("metadata=10001 keys");
    expect(tracer.stats().bytesHeld).toBe(0);
  });

  test("the user's object stays the user's", async () => {
    const span = start();
    const given = { a: 1 };
    span.update({ metadata: given });
    span.update({ metadata: { b: 2 } });
    expect(given).toEqual({ a: 1 });
    span.end();
    await tracer.flush();
    expect(metadataOf()).toEqual({ a: 1, b: 2 });
  });
});

test("an attribute that throws when it is read costs that attribute alone", async () => {
  const attributes = {
    input: "kept",
    get output(): never {
      throw new Error("no");
    },
    get model(): never {
      throw new Error("no");
    },
    statusMessage: "kept too",
  };
  const span = tracer.startObservation("span", attributes, { parent: null });
  span.end(attributes);
  await tracer.flush();
  expect(exporter.observations[0]).toMatchObject({ input: '"kept"', output: undefined, statusMessage: "kept too" });
});

test("short texts are cut, named as cut and weighed", async () => {
  const long = "漢".repeat(1_000_000);
  tracer.startObservation(long, { statusMessage: long, model: long, provider: "p" }, { parent: null }).end();
  await tracer.flush();
  const record = exporter.observations[0]!;
  for (const text of [record.name, record.statusMessage!, record.model!]) {
    expect(text).toContain("[cut: 1000000 characters]");
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(64 * 1024);
    expect(text.length).toBeGreaterThan(15_000);
  }
  expect(record.truncated).toEqual(["name", "statusMessage", "model"].map((key) => `${key}=1000000 characters`));
  expect(record.provider).toBe("p");
  expect(record.bytes).toBeGreaterThan(3 * 15_000);
});

test("a time of another unit is left to the clock", async () => {
  const before = Date.now() - 1000;
  const span = tracer.startObservation("span", {}, { parent: null, startTime: Date.now() * 1e6 });
  span.end({}, { endTime: 1e300 });
  await tracer.flush();
  const { startTime, endTime } = exporter.observations[0]!;
  for (const time of [startTime, endTime!]) {
    expect(time).toBeGreaterThan(before);
    expect(() => new Date(time).toISOString()).not.toThrow();
  }
});

test("a score's texts may be anything, and are what they were at the call", async () => {
  const span = start();
  const comment = { why: "before" };
  span.score({ name: 7, value: 1, id: 12n, configId: 3, comment } as never);
  comment.why = "after";
  span.end();
  await tracer.flush();
  expect(exporter.scores[0]).toMatchObject({ name: "7", id: "12", configId: "3", comment: '{"why":"before"}' });
  expect(() => JSON.stringify(exporter.scores)).not.toThrow();
});

test("a link names another observation, and what is none is left out", async () => {
  const other = tracer.startObservation("other", {}, { parent: null });
  const link = { traceId: other.traceId, observationId: other.id, kind: "resume" };
  tracer.startObservation("linked", { link }, { parent: null }).end();
  for (const wrong of [
    { ...link, traceId: "x" },
    { ...link, observationId: other.traceId },
    { ...link, kind: "Any text of the user's" },
    "x",
    null,
  ]) {
    tracer.startObservation("unlinked", { link: wrong as never }, { parent: null }).end();
  }
  await tracer.flush();
  expect(exporter.observations.map(({ link: recorded }) => recorded)).toEqual([link, ...Array<undefined>(5)]);
});
