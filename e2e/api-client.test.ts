import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createConsumer, type Consumer } from "./support/consumer.ts";
import { start, type Running } from "./support/run.ts";

const traceId = "b".repeat(32);
let consumer: Consumer;
let server: Running;
let url: string;

beforeAll(async () => {
  consumer = createConsumer();
  const args = ["node_modules/spanwise/bin/spanwise.mjs", "--port", "0", "--db", `${consumer.folder}/api.db`];
  server = start(args, { cwd: consumer.folder });
  [url] = (await server.waitFor(/http:\/\/[\w.]+:\d+/)) as unknown as [string];
});
afterAll(async () => {
  server.child.kill("SIGINT");
  await server.finished();
  consumer.remove();
});

const imports = {
  mjs: 'import { createClient, isApiError } from "@spanwise/core/api"; import { createTracer } from "@spanwise/core";',
  cjs: 'const { createClient, isApiError } = require("@spanwise/core/api"); const { createTracer } = require("@spanwise/core");',
};

/** Names of the scores that the server shows with the trace. */
async function scoresOf(id: string): Promise<string[]> {
  const answer = (await (await fetch(`${url}/api/traces/${id}`)).json()) as { scores?: { name: string }[] };
  return (answer.scores ?? []).map(({ name }) => name).sort();
}

describe.each(["mjs", "cjs"] as const)("the client against the server, %s: a program that", (format) => {
  const run = (body: string) =>
    start([consumer.write(`client.${format}`, `${imports[format]}\n(async () => {\n${body}\n})();\n`)], {
      cwd: consumer.folder,
      env: { SPANWISE_BASE_URL: url },
    }).finished();

  test("scores a trace, queued and awaited, and simply ends", async () => {
    const id = (format === "mjs" ? "c" : "d").repeat(32);
    const { code, output } = await run(`
      const parent = { traceId: "${id}", observationId: "${"e".repeat(16)}" };
      const tracer = createTracer();
      tracer.startObservation("work", {}, { parent }).end();
      await tracer.shutdown();
      const client = createClient();
      await client.scores.create({ id: "awaited-${format}", name: "awaited", value: 1, traceId: "${id}" });
      client.score({ id: "queued-${format}", name: "queued", value: true, traceId: "${id}" });
    `);
    expect(output).toBe("");
    expect(code).toBe(0);
    expect(await scoresOf(id)).toEqual(["awaited", "queued"]);
  });

  test("keeps a dataset with items and a run, adds observations to it, and reads everything back", async () => {
    const dataset = `folder/questions ${format}`;
    const { code, output } = await run(`
      const tracer = createTracer();
      const root = tracer.startObservation("answer", { input: { q: 1 } }, {
        trace: { traceName: "named", userId: "user-${format}", sessionId: "session", tags: ["a", "b"] },
      });
      const generation = root.generation("draft", { model: "gpt-4o", input: [{ role: "user", content: "hi" }] });
      generation.end({ output: { role: "assistant", content: "hello" }, usageDetails: { input: 3, output: 4 } });
      root.end({ output: "done" });
      await tracer.shutdown();

      const client = createClient();
      const facts = {};
      await client.datasets.create({ name: "${dataset}", description: "d", metadata: { v: 1 } });
      facts.dataset = await client.datasets.get("${dataset}");
      const byHand = await client.datasetItems.create({ datasetName: "${dataset}", input: "q", expectedOutput: { a: 1 } });
      const { id: observationId, traceId } = generation;
      const added = await client.addToDataset({ traceId, observationId }, { dataset: "${dataset}", expectedOutput: "x" });
      const again = await client.addToDataset(generation, { dataset: "${dataset}", expectedOutput: "y" });
      facts.same = added.id === again.id;
      facts.added = await client.datasetItems.get(added.id);
      const link = { runName: "run 1", datasetItemId: byHand.id, traceId, observationId, metadata: { m: 1 } };
      await client.datasetRunItems.create(link);
      await client.datasetRunItems.create(link);
      facts.run = await client.datasetRuns.get("${dataset}", "run 1");
      facts.items = [];
      for await (const item of client.datasetItems.list({ datasetName: "${dataset}", limit: 1 })) facts.items.push(item.id);
      await client.scores.create({ id: "read-${format}", name: "tone", value: "kind", traceId, observationId });
      facts.score = await client.scores.get("read-${format}");
      facts.trace = await client.traces.get(traceId);
      facts.traces = [];
      const asked = { userId: "user-${format}", tags: ["a", "b"], name: "named", limit: 1 };
      for await (const trace of client.traces.list(asked)) facts.traces.push(trace);
      facts.observations = [];
      for await (const one of client.observations.list({ traceId, type: "generation" })) facts.observations.push(one);
      await client.scores.delete("read-${format}");
      facts.gone = await client.scores.get("read-${format}").catch((error) => error.code);
      await client.datasetItems.delete(byHand.id);
      facts.left = (await client.datasetRuns.get("${dataset}", "run 1")).datasetRunItems.length;
      console.log(JSON.stringify(facts));
    `);
    expect(code).toBe(0);
    const facts = JSON.parse(output.trim()) as Record<string, unknown>;
    expect(facts).toMatchObject({
      dataset: { name: dataset, description: "d", metadata: { v: 1 } },
      same: true,
      added: { input: [{ role: "user", content: "hi" }], expectedOutput: "y", status: "ACTIVE" },
      run: { name: "run 1", metadata: { m: 1 }, datasetRunItems: [{ datasetRunName: "run 1" }] },
      score: { name: "tone", value: "kind", dataType: "CATEGORICAL" },
      trace: {
        name: "named",
        userId: `user-${format}`,
        sessionId: "session",
        tags: ["a", "b"],
        input: { q: 1 },
        output: "done",
        isComplete: true,
        scores: [{ id: `read-${format}` }],
        observations: [{ name: "answer" }, { name: "draft", model: "gpt-4o", usageDetails: { input: 3, output: 4 } }],
      },
      traces: [{ name: "named", input: { q: 1 }, output: "done" }],
      observations: [{ name: "draft", output: { role: "assistant", content: "hello" } }],
      gone: "NOT_FOUND",
      left: 0,
    });
    expect(facts["items"]).toHaveLength(2);
  });

  test("asks for what is not there gets a NotFoundError", async () => {
    const { output } = await run(`
      try {
        await createClient().datasetRuns.get("none", "${traceId}");
      } catch (error) {
        console.log(isApiError(error), error.code, error.status);
      }
    `);
    expect(output.trim()).toBe("true NOT_FOUND 404");
  });
});
