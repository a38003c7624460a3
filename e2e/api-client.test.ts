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

  test("asks for a route that the server does not have gets a NotFoundError", async () => {
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
