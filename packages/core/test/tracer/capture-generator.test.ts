import { createContext, runInContext } from "node:vm";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createTracer, memory, observe, type MemoryExporter, type Tracer } from "../../src/index.ts";
import { observeGenerator } from "../../src/tracer/observe-generator.ts";

let exporter: MemoryExporter;
let tracer: Tracer;

beforeEach(() => {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent" });
});
afterEach(() => tracer.shutdown());

async function outputOf(generator: Generator, onItem: (item: never) => void = () => {}): Promise<unknown> {
  const observation = tracer.startObservation("generator", {}, { parent: null });
  for (const item of observeGenerator(tracer, observation, generator, true)) onItem(item as never);
  await tracer.flush();
  return JSON.parse(exporter.observations[0]!.output!);
}

test("an item is what it was when it was yielded", async () => {
  function* generate(): Generator {
    const chunk = { text: "" };
    for (const text of ["a", "b"]) {
      chunk.text = text;
      yield chunk;
    }
  }
  expect(await outputOf(generate(), (item: { text: string }) => void (item.text += "!"))).toEqual([
    { text: "a" },
    { text: "b" },
  ]);
});

test("items are bounded in bytes and counted beyond", async () => {
  function* generate(): Generator {
    for (let i = 0; i < 100; i++) yield `${i}`.padEnd(100_000, "x");
  }
  const output = (await outputOf(generate())) as string[];
  expect(output.at(-1)).toBe("[58 more items]");
  expect(output).toHaveLength(43);
});

test("asking for the end again ends nothing twice", async () => {
  const ended = observe(function* () {}, { tracer })();
  const failed = observe(
    function* () {
      yield 1;
      throw new Error("failed");
    },
    { tracer },
  )();
  failed.next();
  expect(() => failed.next()).toThrow("failed");
  for (let i = 0; i < 3; i++) {
    expect(ended.next()).toEqual({ done: true, value: undefined });
    expect(failed.return(undefined as never)).toEqual({ done: true, value: undefined });
  }
  await tracer.flush();
  expect(exporter.observations.map(({ status }) => status)).toEqual(["error", "ok"]);
  expect(tracer.stats().afterEnd).toBe(0);
});

test("what was yielded arrives with an observation that never ends, and counts meanwhile", async () => {
  const chunk = "x".repeat(100_000);
  const generate = observe(
    async function* chunks() {
      yield `${chunk}1`;
      yield `${chunk}2`;
      yield `${chunk}3`;
    },
    { tracer },
  );
  const left = generate();
  await left.next();
  const { bytesHeld } = tracer.stats();
  await left.next();
  expect(tracer.stats().bytesHeld - bytesHeld).toBeGreaterThan(chunk.length);
  await tracer.shutdown();
  expect(tracer.stats().bytesHeld).toBe(0);
  expect(exporter.observations[0]).toMatchObject({ name: "chunks", status: "incomplete" });
  expect(JSON.parse(exporter.observations[0]!.output!)).toEqual([`${chunk}1`, `${chunk}2`]);
});

test("generators that run hold no more than maxQueueBytes together", async () => {
  const maxQueueBytes = 1_000_000;
  const bounded = createTracer({ exporters: [exporter], logLevel: "silent", maxQueueBytes });
  const generate = observe(
    function* chunks() {
      for (let i = 0; i < 20; i++) yield `${i}`.padEnd(20_000, "x");
      return "returned";
    },
    { tracer: bounded },
  );
  const running = Array.from({ length: 10 }, () => generate());
  for (let i = 0; i < 20; i++) for (const generator of running) generator.next();
  const item = 30_000;
  expect(bounded.stats().bytesHeld).toBeLessThan(maxQueueBytes + item);
  const { started, dropped } = bounded.stats();
  expect({ started, dropped }).toEqual({ started: 10, dropped: {} });
  for (const generator of running) expect(generator.next()).toEqual({ done: true, value: "returned" });
  await bounded.shutdown();
  expect(bounded.stats()).toMatchObject({ bytesHeld: 0, sent: 10 });
  const output = JSON.parse(exporter.observations.at(-1)!.output!) as string[];
  expect(output.slice(-2)).toEqual([expect.stringMatching(/^\[\d+ more items\]$/), "returned"]);
});

test("generators of another realm, such as a test runner's sandbox, are followed too", async () => {
  const source = "(async function* chunks() { yield 1; yield 2; throw 'failed'; })";
  const generate = observe(runInContext(source, createContext({})) as () => AsyncGenerator<number>, { tracer });
  const items: number[] = [];
  const reading = async (): Promise<void> => {
    for await (const item of generate()) items.push(item);
  };
  await expect(reading()).rejects.toBe("failed");
  await tracer.flush();
  expect(items).toEqual([1, 2]);
  expect(exporter.observations).toMatchObject([{ status: "error", statusMessage: "failed", output: "[1,2]" }]);
});
