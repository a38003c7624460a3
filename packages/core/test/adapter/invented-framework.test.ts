import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { memory, type MemoryExporter } from "../../src/exporters/memory.ts";
import { flush, init, observe, shutdown, type ObservationRecord } from "../../src/index.ts";
import { runWithClaim, getTracer } from "../../src/adapter/index.ts";
import { instrumentQuill } from "./invented-framework/instrument-quill.ts";
import { Quill } from "./invented-framework/quill.ts";

let exporter: MemoryExporter;
let quill: Quill;
let undo: () => void;

beforeEach(() => {
  exporter = memory();
  init({ exporters: [exporter], logLevel: "error" });
  quill = new Quill();
  undo = instrumentQuill(quill);
});
afterEach(() => shutdown({ timeoutMs: 50 }));

async function recorded(): Promise<Record<string, ObservationRecord>> {
  await flush();
  return Object.fromEntries(exporter.observations.map((record) => [record.name, record]));
}

test("steps and calls become a tree", async () => {
  const answer = await observe(
    () =>
      quill.step({ kind: "flow", name: "flow", input: "question" }, (flowId) =>
        quill.step({ kind: "tool", name: "search", input: { q: 1 }, parentId: flowId }, async (toolId) => {
          const { text } = await quill.model.generate({ model: "quill-1", prompt: "question", stepId: toolId });
          return text;
        }),
      ),
    { name: "request" },
  )();
  expect(answer).toBe("answer to question");
  const { request, flow, search, "quill.generate": generation } = await recorded();
  expect(flow).toMatchObject({
    type: "chain",
    parentId: request!.id,
    input: '"question"',
    output: '"answer to question"',
  });
  expect(search).toMatchObject({ type: "tool", parentId: flow!.id, input: '{"q":1}' });
  expect(generation).toMatchObject({
    type: "generation",
    parentId: search!.id,
    model: "quill-1",
    input: '"question"',
    output: '"answer to question"',
    usageDetails: { input: 3, output: 2, total: 5 },
  });
});

describe("a stream", () => {
  const stream = async (prompt = "a b"): Promise<AsyncIterable<string>> =>
    (await quill.model.generate({ model: "quill-1", prompt, stream: true })).chunks!;

  test("ends the generation when it ends", async () => {
    const chunks = await stream();
    expect((await recorded())["quill.generate"]).toBeUndefined();
    const seen: string[] = [];
    for await (const chunk of chunks) seen.push(chunk);
    expect(seen).toEqual(["answer ", "to ", "a ", "b "]);
    expect((await recorded())["quill.generate"]).toMatchObject({ status: "ok", output: '"answer to a b "' });
  });

  test("that is broken off is cancelled and keeps what it had", async () => {
    for await (const chunk of await stream()) if (chunk === "to ") break;
    expect((await recorded())["quill.generate"]).toMatchObject({ status: "cancelled", output: '"answer to "' });
  });
});

test("an error passes through by identity and is recorded once a level", async () => {
  const seen: unknown[] = [];
  const run = quill.step({ kind: "flow", name: "flow", input: 1 }, async (stepId) => {
    try {
      await quill.model.generate({ model: "quill-1", prompt: "fail", stepId });
    } catch (error) {
      seen.push(error);
      throw error;
    }
  });
  await expect(run).rejects.toBeInstanceOf(Error);
  await expect(run).rejects.toBe(seen[0]);
  const { flow, "quill.generate": generation } = await recorded();
  for (const record of [flow, generation]) {
    expect(record).toMatchObject({ status: "error", statusMessage: "the model is away" });
  }
});

test("a call that an outer adapter has claimed is not recorded twice", async () => {
  const tracer = getTracer();
  const outer = tracer.startObservation("outer", {}, { type: "generation" });
  await runWithClaim(tracer, outer, () => quill.model.generate({ model: "quill-1", prompt: "x" }));
  outer.end();
  expect(Object.keys(await recorded())).toEqual(["outer"]);
});

test("switched off it passes through, and the undo leaves the framework as it was", async () => {
  init({ enabled: false, logLevel: "error" });
  expect(await quill.model.generate({ model: "quill-1", prompt: "x" })).toMatchObject({ text: "answer to x" });
  init({ exporters: [exporter], logLevel: "error" });
  undo();
  await quill.step({ kind: "flow", name: "flow", input: 1 }, async () =>
    quill.model.generate({ model: "m", prompt: "x" }),
  );
  expect(await recorded()).toEqual({});
  expect(quill.hooks.size).toBe(0);
});

test("the page of the documentation shows this file", () => {
  const page = readFileSync(new URL("../../../../docs/custom-integrations.md", import.meta.url), "utf8");
  const file = readFileSync(new URL("./invented-framework/instrument-quill.ts", import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`ts\n${file}\`\`\``);
});
