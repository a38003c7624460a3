import { createModelServer, type ModelServer } from "@spanwise/testing";
import OpenAI from "openai";
import { afterEach, beforeEach, expect, it } from "vitest";
import { observeOpenAI } from "../src/index.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const messages = [{ role: "user" as const, content: "What is the capital of France?" }];
const body = { model: "gpt-4o-mini", messages };

let server: ModelServer;
let traced: Traced;
let client: OpenAI;

beforeEach(async () => {
  server = await createModelServer();
  traced = createTraced();
  client = observeOpenAI(new OpenAI({ apiKey: "k", baseURL: server.url, maxRetries: 0 }), { tracer: traced.tracer });
});
afterEach(() => server.close());

async function text(stream: AsyncIterable<OpenAI.ChatCompletionChunk>): Promise<string> {
  let out = "";
  for await (const item of stream) out += item.choices[0]?.delta.content ?? "";
  return out;
}

it("plain and streamed answers are recorded alike, under their parent", async () => {
  const root = traced.tracer.startObservation("request", {}, { type: "agent" });
  const [plain, streamed] = await traced.tracer.runWithObservation(root, async () => [
    await client.chat.completions.create(body),
    await text(await client.chat.completions.create({ ...body, stream: true })),
  ]);
  root.end();
  const [first, second] = await traced.read();
  expect(first!.output.content).toBe(plain.choices[0]!.message.content);
  expect(second!.output.content).toBe(streamed);
  expect(first).toMatchObject({ parentId: root.id, traceId: root.traceId, status: "ok" });
  expect(second).toMatchObject({ parentId: root.id, traceId: root.traceId, status: "ok" });
  expect(first!.usageDetails!["total"]).toBe(plain.usage!.total_tokens);
  expect(second!.usageDetails!["total"]).toBeGreaterThan(0);
});

it("a reset, a stall that the caller aborts, and a clean but early end", async () => {
  server.script([
    { stream: { breakAfterChunks: 3, how: "reset" } },
    { stream: { breakAfterChunks: 3, how: "stall" } },
    { stream: { breakAfterChunks: 3, how: "end" } },
  ]);
  const stream = (signal?: AbortSignal): Promise<AsyncIterable<OpenAI.ChatCompletionChunk>> =>
    client.chat.completions.create({ ...body, stream: true }, { signal });
  await expect(stream().then(text)).rejects.toThrow();
  await stream(AbortSignal.timeout(200)).then(text);
  await stream().then(text);
  expect(await traced.read()).toMatchObject([
    { status: "error", level: "ERROR" },
    { status: "cancelled", level: "WARNING" },
    { status: "ok", level: "WARNING", statusMessage: "the stream ended without a finish reason" },
  ]);
});
