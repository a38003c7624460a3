import OpenAI, {
  APIConnectionError,
  APIConnectionTimeoutError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from "openai";
import { afterEach, expect, test } from "vitest";
import { collect, useModelServer } from "./setup.ts";

const context = useModelServer();
const messages = [{ role: "user" as const, content: "Say one two three four five six seven" }];
const ask = (model = "gpt-4o-mini") => context.client.chat.completions.create({ model, messages });
const stream = (model = "gpt-4o-mini") => context.client.chat.completions.create({ model, messages, stream: true });

afterEach(() => context.server.script([]));

test.each([
  [400, BadRequestError],
  [401, AuthenticationError],
  [403, PermissionDeniedError],
  [404, NotFoundError],
  [409, ConflictError],
  [429, RateLimitError],
  [500, InternalServerError],
  [503, InternalServerError],
])("status %i by model name becomes the client's own error", async (status, errorClass) => {
  const error: unknown = await ask(`fault-${status}`).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(errorClass);
  expect(error).toMatchObject({
    status,
    requestID: expect.stringMatching(/^req_/),
    error: { message: expect.any(String), param: null },
  });
});

test("a script is used up, and the client's retries get through", async () => {
  const before = context.server.requests.length;
  context.server.script([{ status: 429, headers: { "retry-after": "0" }, times: 2 }]);
  const retrying = new OpenAI({ baseURL: context.server.url, apiKey: "none", maxRetries: 2 });
  const completion = await retrying.chat.completions.create({ model: "gpt-4o-mini", messages });
  expect(completion.choices[0]?.message.content).toMatch(/^One two/);
  expect(context.server.requests.slice(before).map((request) => request.status)).toEqual([429, 429, 200]);
});

test("rules choose by request", async () => {
  context.server.script([
    { match: (request) => request.body?.["model"] === "gpt-4o", status: 500, error: { code: "boom" }, times: Infinity },
  ]);
  await expect(ask("gpt-4o")).rejects.toMatchObject({ status: 500, code: "boom" });
  await expect(ask("gpt-4o-mini")).resolves.toMatchObject({ object: "chat.completion" });
});

test("the header names a fault, and its times count retries of one request", async () => {
  const client = new OpenAI({
    baseURL: context.server.url,
    apiKey: "none",
    maxRetries: 2,
    defaultHeaders: { "x-standin-fault": "status=503;times=1" },
  });
  const { response } = await client.chat.completions.create({ model: "gpt-4o-mini", messages }).withResponse();
  expect(response.status).toBe(200);
  expect(context.server.requests.slice(-2).map((request) => request.status)).toEqual([503, 200]);
});

test.each(["reset", "end", "error-event", "stall"] as const)("a chat stream that breaks: %s", async (how) => {
  context.server.script([{ stream: { breakAfterChunks: 3, how } }]);
  const seen: string[] = [];
  const outcome = await (async () => {
    const chunks = await stream();
    const timer = how === "stall" ? setTimeout(() => chunks.controller.abort(), 150) : undefined;
    for await (const chunk of chunks) seen.push(chunk.choices[0]?.delta.content ?? "");
    clearTimeout(timer);
    return "ended";
  })().catch((error: unknown) => error);
  expect(seen).toEqual(["", "One", " two"]);
  if (how === "reset") expect(outcome).toBeInstanceOf(Error);
  if (how === "end") expect(outcome).toBe("ended");
  if (how === "error-event") expect(outcome).toMatchObject({ error: { type: "server_error" } });
  // The client treats its own abort as the end of the stream; the server saw the connection go.
  if (how === "stall") await expect.poll(() => context.server.requests.at(-1)?.aborted).toBe(true);
});

test("a responses stream that fails says so in events", async () => {
  context.server.script([{ stream: { breakAfterChunks: 4, how: "error-event" } }]);
  const response = await fetch(`${context.server.url}/responses`, {
    method: "POST",
    body: JSON.stringify({ model: "gpt-4o-mini", input: "Say hi", stream: true }),
  });
  const text = await response.text();
  expect([...text.matchAll(/^event: (.+)$/gm)].map(([, name]) => name).slice(-2)).toEqual(["error", "response.failed"]);
});

test("stream faults by model name", async () => {
  await expect(stream("fault-stream-reset").then(collect)).rejects.toThrow(/./);
  expect(await collect(await stream("fault-stream-end"))).toHaveLength(3);
});

test("delays: before the headers, between the chunks", async () => {
  context.server.script([{ delayMs: 150 }, { chunkDelayMs: 30 }]);
  const startedMs = Date.now();
  await ask();
  expect(Date.now() - startedMs).toBeGreaterThanOrEqual(145);
  const chunks = await stream();
  const timesMs: number[] = [];
  for await (const _ of chunks) timesMs.push(Date.now());
  expect((timesMs.at(-1) ?? 0) - (timesMs[0] ?? 0)).toBeGreaterThanOrEqual(25 * (timesMs.length - 1));
});

test("garbage, an empty object, a reset, silence", async () => {
  context.server.script([{ body: "<html>502</html>" }, { body: {} }, { reset: true }, { hang: true }]);
  await expect(ask()).rejects.toThrow(SyntaxError);
  expect(await ask()).toEqual({});
  await expect(ask()).rejects.toBeInstanceOf(APIConnectionError);
  await expect(
    context.client.chat.completions.create({ model: "m", messages }, { timeout: 100 }),
  ).rejects.toBeInstanceOf(APIConnectionTimeoutError);
});

test("scripted answers", async () => {
  context.server.script([
    { answer: { text: "exactly this" } },
    { answer: { toolCalls: [{ name: "anything", arguments: '{"a":1}' }] } },
    { answer: { refusal: "no" } },
  ]);
  expect((await ask()).choices[0]?.message.content).toBe("exactly this");
  expect((await ask()).choices[0]).toMatchObject({
    finish_reason: "tool_calls",
    message: { content: null, tool_calls: [{ function: { name: "anything" } }] },
  });
  expect((await ask()).choices[0]?.message).toMatchObject({ content: null, refusal: "no" });
});
