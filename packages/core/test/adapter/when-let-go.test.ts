import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, expect, it } from "vitest";
import { whenLetGo } from "../../src/adapter/index.ts";
import { createTracer, type Tracer } from "../../src/index.ts";
import { memory, type MemoryExporter } from "../../src/testing/index.ts";

setFlagsFromString("--expose-gc");
const gc = runInNewContext("gc") as () => void;

let exporter: MemoryExporter;
let tracer: Tracer;

beforeEach(() => {
  exporter = memory();
  tracer = createTracer({ exporters: [exporter], logLevel: "silent", maxOpen: 1 });
});
afterEach(() => tracer.shutdown());

it("is asked for what is known when an observation is let go of, and not when it ends", async () => {
  let asked = 0;
  const start = (name: string): ReturnType<Tracer["startObservation"]> => {
    const observation = tracer.startObservation(name, { metadata: { a: 1 } }, { parent: null });
    whenLetGo(observation, () => ({ output: `part ${++asked}`, metadata: { b: 2 } }));
    return observation;
  };
  start("ended").end({ output: "whole" });
  const evicted = start("evicted");
  start("open");
  evicted.end({ output: "whole" });
  await tracer.shutdown();
  expect(exporter.observations.map(({ name, status, output }) => [name, status, output])).toEqual([
    ["ended", "ok", '"whole"'],
    ["evicted", "incomplete", '"part 1"'],
    ["evicted", "ok", '"whole"'],
    ["open", "incomplete", '"part 2"'],
  ]);
  expect(exporter.observations[1]!.metadata).toBe('{"a":1,"b":2}');
  expect(tracer.stats()).toMatchObject({ bytesHeld: 0, open: 0, queued: 0 });
});

it("is forgotten when the observation ends, and not taken after", async () => {
  const kept = tracer.startObservation("kept", {}, { parent: null });
  const told = (): WeakRef<object> => {
    const answer = { text: "so far" };
    whenLetGo(kept, () => ({ output: answer }));
    return new WeakRef(answer);
  };
  const before = told();
  kept.end();
  const after = told();
  await new Promise((resolve) => setImmediate(resolve));
  gc();
  expect([before.deref(), after.deref()]).toEqual([undefined, undefined]);
  expect(kept.id).toHaveLength(16);
});

it("does nothing that the application could notice, whatever it throws and whatever it is given", async () => {
  const observation = tracer.startObservation("open", { input: "in" }, { parent: null });
  whenLetGo(observation, () => {
    throw new Error("a defect");
  });
  whenLetGo({ id: observation.id } as typeof observation, () => ({}));
  await tracer.shutdown();
  expect(exporter.observations).toMatchObject([{ status: "incomplete", input: '"in"', output: undefined }]);
});
