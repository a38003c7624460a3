import { join } from "node:path";
import { createModelServer, createSink, type OtlpSpan } from "@spanwise/testing";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConsumer, linkFrom, root, type Consumer } from "./support/consumer.ts";
import { start } from "./support/run.ts";

/** Sentry up to version 10 is OpenTelemetry to whoever looks, and sets a span for each request, with or without its tracing. */
let consumer: Consumer;

beforeAll(() => {
  consumer = createConsumer(["core", "openai"]);
  linkFrom(consumer, join(root, "e2e/clients/sentry/node_modules"), ["@sentry/node"]);
});
afterAll(() => consumer.remove());

interface Told {
  spans: OtlpSpan[];
  output: string;
}

/** A server that records two observations for its one request. */
function serve(settings: object, headers: object = {}): Promise<Told> {
  return run(
    settings,
    `import { createServer } from "node:http";
import { flush, startObservation } from "@spanwise/core";
const server = createServer((_request, response) => {
  startObservation("one").end();
  startObservation("two").end();
  response.end();
});
server.listen(0, async () => {
  await (await fetch("http://127.0.0.1:" + server.address().port, ${JSON.stringify({ headers })})).text();
  await flush();
  process.exit(0);
});
`,
  );
}

async function run(settings: object, program: string): Promise<Told> {
  const setUp = `import * as Sentry from "@sentry/node";
Sentry.init(${JSON.stringify({ dsn: "http://key@127.0.0.1:9/1", ...settings })});
`;
  const sink = await createSink();
  const { code, output } = await start(
    ["--import", consumer.write("set-up.mjs", setUp), consumer.write("program.mjs", program)],
    { cwd: consumer.folder, env: { SPANWISE_BASE_URL: sink.url, SPANWISE_LIVE: "false" } },
  ).finished();
  expect({ code, output }).toMatchObject({ code: 0 });
  const spans = sink.spans();
  await sink.close();
  return { spans, output };
}

const CALLER = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

test("without its tracing it decides nothing about ours", async () => {
  const { spans, output } = await serve({});
  expect(spans.map(({ name }) => name)).toEqual(["one", "two"]);
  expect(spans[0]!.traceId).toBe(spans[1]!.traceId);
  expect(output).toBe("");
});

test("a caller that does not sample is respected", async () => {
  expect((await serve({}, { "sentry-trace": `${CALLER}-0` })).spans).toEqual([]);
  const { spans } = await serve({}, { "sentry-trace": `${CALLER}-1` });
  expect(spans.map(({ traceId }) => traceId)).toEqual(Array(2).fill(CALLER.slice(0, 32)));
});

test("with its tracing its decision is kept, and what that leaves out is said once", async () => {
  const { spans, output } = await serve({ tracesSampleRate: 0 });
  expect(spans).toEqual([]);
  expect(output.match(/not sampled/g)).toHaveLength(1);
  expect((await serve({ tracesSampleRate: 1 })).spans).toHaveLength(2);
});

test("an OpenAI client that it has instrumented is recorded in full", async () => {
  const model = await createModelServer();
  const { spans } = await run(
    { tracesSampleRate: 1 },
    `import { flush } from "@spanwise/core";
import { observeOpenAI } from "@spanwise/openai";
import OpenAI from "openai";
const { chat } = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: ${JSON.stringify(model.url)} }));
const body = { model: "gpt-4o-mini", messages: [{ role: "user", content: "hello" }] };
await chat.completions.create(body);
await chat.completions.parse(body);
await chat.completions.stream(body).finalContent();
await flush();
process.exit(0);
`,
  );
  await model.close();
  expect(spans.map(({ name }) => name)).toEqual(["chat.completions", "chat.completions", "chat.completions"]);
  for (const { attributes } of spans) expect(attributes["gen_ai.response.model"]).toBeDefined();
});
