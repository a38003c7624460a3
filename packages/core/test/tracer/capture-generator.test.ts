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
