import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type OpenAI from "openai";
import { observeOpenAI } from "../src/index.ts";
import { MAJORS } from "./conformance/majors.ts";
import {
  chunk,
  completion,
  createChatServer,
  json,
  sse,
  textChunks,
  USAGE,
  type ChatServer,
} from "./support/model-server.ts";
import { createTraced, type Traced } from "./support/traced.ts";

const messages = [{ role: "user" as const, content: "hello" }];
const body = { model: "gpt-4o", messages };
const streamBody = { ...body, stream: true as const };
const BUCKETS = { input: 6, input_cached_tokens: 4, output: 3, output_reasoning_tokens: 2, total: 15 };

describe.each(MAJORS)("what is recorded with openai $version", ({ load }) => {
  let server: ChatServer;
  let traced: Traced;
  let client: OpenAI;

  beforeEach(async () => {
    server = await createChatServer();
    traced = createTraced();
    const { OpenAI } = await load();
    const raw = new OpenAI({ apiKey: "sk-secret", organization: "org-secret", baseURL: server.baseURL, maxRetries: 2 });
    client = observeOpenAI(raw, { tracer: traced.tracer });
  });
  afterEach(() => server.close());

  it("a plain call", async () => {
    await client.chat.completions.create({
      ...body,
      temperature: 0.5,
      seed: 7,
      stop: ["x"],
      top_p: null,
      user: "u",
      metadata: { a: "b" },
    });
    const record = await traced.one();
    expect(record).toMatchObject({
      name: "chat.completions",
      type: "generation",
      status: "ok",
      model: "gpt-4o-2024-08-06",
      provider: "openai",
      usageDetails: BUCKETS,
    });
    expect(record.input).toEqual(messages);
    expect(record.output).toEqual({ role: "assistant", content: "hi" });
    expect(record.modelParameters).toEqual({ temperature: 0.5, seed: 7, stop: ["x"] });
    expect(record.metadata).toEqual({
      finish_reason: "stop",
      system_fingerprint: "fp_1",
      service_tier: "default",
      response_id: "chatcmpl-1",
      requestId: "req_1",
      httpStatus: 200,
      retries: 0,
      usage: USAGE,
      user: "u",
      requestMetadata: { a: "b" },
    });
    expect(record.completionStartTime).toBeUndefined();
    expect(JSON.stringify(record)).not.toContain("secret");
  });

  it("a streamed call: the usage is asked for, recorded and not shown", async () => {
    server.reply = sse(textChunks("Hel", "lo"), { usage: USAGE, delayMs: 5 });
    const chunks = [];
    for await (const item of await client.chat.completions.create(streamBody)) chunks.push(item);
    expect(chunks).toEqual(textChunks("Hel", "lo"));
    const record = await traced.one();
    expect(record).toMatchObject({ status: "ok", model: "gpt-4o-2024-08-06", usageDetails: BUCKETS });
    expect(record.output).toEqual({ role: "assistant", content: "Hello" });
    expect(record.metadata).toMatchObject({
      finish_reason: "stop",
      response_id: "chatcmpl-s",
      requestId: "req_s",
      httpStatus: 200,
      retries: 0,
      stream: true,
    });
    expect(record.completionStartTime).toBeGreaterThan(record.startTime);
    expect(record.completionStartTime).toBeLessThan(record.endTime!);
  });

  it("retries", async () => {
    server.reply = (request, response, n) =>
      n < 3
        ? json({ error: {} }, 500, { "retry-after-ms": "1" })(request, response, n)
        : json(completion("hi"))(request, response, n);
    await client.chat.completions.create(body);
    expect((await traced.one()).metadata).toMatchObject({ retries: 2, httpStatus: 200 });
    expect(server.requests.map(({ retryCount }) => retryCount)).toEqual(["0", "1", "2"]);
  });

  it("an error: what the provider said, and the request", async () => {
    server.reply = json(
      {
        error: {
          message: "too long",
          type: "invalid_request_error",
          code: "context_length_exceeded",
          param: "messages",
        },
      },
      400,
    );
    const error: unknown = await client.chat.completions.create(body).catch((e: unknown) => e);
    expect(error).toMatchObject({ status: 400 });
    const record = await traced.one();
    expect(record).toMatchObject({ status: "error", level: "ERROR", statusMessage: "400 too long", model: "gpt-4o" });
    expect(record.metadata).toMatchObject({
      requestId: "req_1",
      httpStatus: 400,
      retries: 0,
      error: { status: 400, code: "context_length_exceeded", type: "invalid_request_error", param: "messages" },
    });
  });

  it("an error in the middle of a stream: what had come", async () => {
    server.reply = sse([...textChunks("par", "tial").slice(0, 3), { error: { message: "broke", code: "x" } }]);
    const stream = await client.chat.completions.create(streamBody);
    await expect(async () => {
      for await (const item of stream) void item;
    }).rejects.toThrow("broke");
    expect(await traced.one()).toMatchObject({
      status: "error",
      output: { content: "partial" },
      metadata: { error: { code: "x" } },
    });
  });

  it("a break: cancelled, with what had come", async () => {
    server.reply = sse(textChunks("a", "b", "c"), { delayMs: 5 });
    for await (const item of await client.chat.completions.create(streamBody)) {
      if (item.choices[0]?.delta.content === "b") break;
    }
    expect(await traced.one()).toMatchObject({ status: "cancelled", level: "WARNING", output: { content: "ab" } });
  });

  it("a raw response: status and request, no output, and its time", async () => {
    const response = await client.chat.completions.create(body).asResponse();
    await response.text();
    const readAt = Date.now();
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    const record = await traced.one();
    expect(record).toMatchObject({
      status: "ok",
      metadata: { requestId: "req_1", httpStatus: 200 },
      output: undefined,
    });
    expect(record.endTime! - readAt).toBeLessThan(1_000);
  });

  it("a refusal of the usage wish is sent again as it was, once, and remembered", async () => {
    const refuse = json(
      { error: { message: "Unrecognized request argument supplied: stream_options", type: "invalid_request_error" } },
      400,
    );
    const answer = sse(textChunks("ok"));
    server.reply = (request, response, n) =>
      (request.raw.includes("stream_options") ? refuse : answer)(request, response, n);
    for (const _round of [1, 2]) {
      const { data, response } = await client.chat.completions.create(streamBody).withResponse();
      expect(response.status).toBe(200);
      const chunks = [];
      for await (const item of data) chunks.push(item);
      expect(chunks).toEqual(textChunks("ok"));
    }
    expect(server.requests.map(({ raw }) => raw.includes("stream_options"))).toEqual([true, false, false]);
    const [first, second] = await traced.read();
    expect(first).toMatchObject({
      status: "ok",
      metadata: { retries: 0, includeUsageRefused: true },
      output: { content: "ok" },
    });
    expect(second!.metadata).not.toHaveProperty("includeUsageRefused");
  });

  it("a 400 of another cause is not sent again", async () => {
    server.reply = json({ error: { message: "bad temperature" } }, 400);
    await expect(client.chat.completions.create(streamBody)).rejects.toThrow("bad temperature");
    expect(server.requests).toHaveLength(1);
  });

  it("tool calls of a stream, by index and id, with the text beside them", async () => {
    const tool = (index: number, rest: object): object => ({ tool_calls: [{ index, ...rest }] });
    server.reply = sse([
      chunk({ role: "assistant", content: "Let me see. " }),
      chunk(tool(0, { id: "call_a", type: "function", function: { name: "fn_a", arguments: "" } })),
      chunk(tool(0, { function: { arguments: '{"x":' } })),
      chunk(tool(1, { id: "call_b", type: "function", function: { name: "fn_b", arguments: "{}" } })),
      chunk(tool(0, { function: { arguments: "1}" } })),
      chunk({}, "tool_calls"),
    ]);
    for await (const item of await client.chat.completions.create({ ...streamBody, tools: [], tool_choice: "auto" }))
      void item;
    const { output, input, metadata } = await traced.one();
    expect(output).toEqual({
      role: "assistant",
      content: "Let me see. ",
      tool_calls: [
        { id: "call_a", type: "function", function: { name: "fn_a", arguments: '{"x":1}' } },
        { id: "call_b", type: "function", function: { name: "fn_b", arguments: "{}" } },
      ],
    });
    expect(input).toEqual({ messages, tools: [], tool_choice: "auto" });
    expect(metadata.finish_reason).toBe("tool_calls");
  });

  it("n > 1: every choice", async () => {
    server.reply = sse([
      chunk({ role: "assistant", content: "A1" }),
      chunk({ role: "assistant", content: "B1" }, null, 1),
      chunk({ content: "A2" }),
      chunk({ content: "B2" }, "length", 1),
      chunk({}, "stop"),
    ]);
    for await (const item of await client.chat.completions.create({ ...streamBody, n: 2 })) void item;
    const { output, metadata } = await traced.one();
    expect(output).toEqual([
      { role: "assistant", content: "A1A2" },
      { role: "assistant", content: "B1B2" },
    ]);
    expect(metadata.finish_reasons).toEqual(["stop", "length"]);
  });

  it("an audio answer with its sound as an attachment", async () => {
    const audio = { id: "audio_1", data: "QUJD".repeat(1_000), transcript: "hi", expires_at: 5 };
    server.reply = json(completion(null, {}, { audio, annotations: [], tool_calls: [] }));
    const answer = await client.chat.completions.create({
      ...body,
      modalities: ["text", "audio"],
      audio: { voice: "alloy", format: "wav" },
    });
    expect(answer.choices[0]!.message.audio!.data).toHaveLength(4_000);
    expect((await traced.one()).output).toEqual({
      role: "assistant",
      content: null,
      audio: {
        id: "audio_1",
        transcript: "hi",
        expires_at: 5,
        data: expect.stringMatching(/^@@@langfuseMedia:type=[\w/-]+\|id=[\w-]{22}\|source=\w+@@@$/),
      },
    });
  });
});
