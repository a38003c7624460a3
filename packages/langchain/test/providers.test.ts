import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import * as providers from "./providers/models.ts";
import { awsEvent } from "./support/aws-event-stream.ts";
import { createReplyServer, type ReplyServer } from "./support/reply-server.ts";
import { createTraced } from "./support/traced.ts";
import type { Observed } from "./support/tree.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let server: ReplyServer;
let aws: ReplyServer;
beforeAll(async () => {
  server = await createReplyServer();
  aws = await createReplyServer({ http2: true });
});
afterAll(async () => {
  await server.close();
  await aws.close();
});

const LOOK = {
  type: "function",
  function: {
    name: "look",
    description: "d",
    parameters: { type: "object", properties: { q: { type: "string" } }, required: ["q"] },
  },
} as const;

/** What these models have in common. */
interface ChatModel {
  invoke(input: unknown, options: object): Promise<unknown>;
  stream(input: unknown, options: object): Promise<AsyncIterable<unknown>>;
  bindTools(tools: never[]): ChatModel;
}

const messages = () => [new providers.HumanMessage("hi")];

/** A call with a tool and a stream of three pieces; the generations in this order. */
async function record(model: unknown): Promise<[called: Observed, streamed: Observed]> {
  const { tracer, roots } = createTraced();
  const callbacks = [new CallbackHandler({ tracer })];
  const chat = model as ChatModel;
  await chat.bindTools([LOOK as never]).invoke(messages(), { callbacks });
  for await (const _ of await chat.stream(messages(), { callbacks }));
  const all = await roots();
  expect(all).toHaveLength(2);
  expect(JSON.stringify(all)).not.toContain("the-key");
  return [all[0]!, all[1]!];
}

/** The answer of each of the streams, whose pieces are three. */
const STREAMED = "Hello over there";

function expectStreamed(streamed: Observed): void {
  expect(streamed.status).toBe("ok");
  expect(JSON.stringify(streamed.output)).toContain(STREAMED);
  expect(streamed.completionStartTime).toBeGreaterThanOrEqual(streamed.startTime);
  // Two more pieces came after it.
  expect(streamed.endTime! - streamed.completionStartTime!).toBeGreaterThanOrEqual(3);
}

const LOOK_CALL = { type: "function", function: { name: "look", arguments: '{"q":"x"}' } };

describe("Google", () => {
  const candidate = (parts: object[], more: object = {}) => ({ content: { role: "model", parts }, index: 0, ...more });
  const usageMetadata = { promptTokenCount: 100, candidatesTokenCount: 20, totalTokenCount: 120 };
  const called = {
    candidates: [candidate([{ functionCall: { name: "look", args: { q: "x" } } }], { finishReason: "STOP" })],
    usageMetadata: { ...usageMetadata, cachedContentTokenCount: 30, thoughtsTokenCount: 5, totalTokenCount: 125 },
    modelVersion: "gemini-2.5-flash-001",
    responseId: "g-1",
  };
  const streamed = () => [
    {
      data: {
        candidates: [candidate([{ text: "Hello" }])],
        usageMetadata: { ...usageMetadata, candidatesTokenCount: 8, totalTokenCount: 108 },
      },
    },
    {
      data: {
        candidates: [candidate([{ text: " over" }])],
        usageMetadata: { ...usageMetadata, candidatesTokenCount: 14, totalTokenCount: 114 },
      },
    },
    { data: { candidates: [candidate([{ text: " there" }], { finishReason: "STOP" })], usageMetadata } },
  ];

  it("@langchain/google-genai", async () => {
    server.replies.push(called, streamed());
    const [call, stream] = await record(
      new providers.ChatGoogleGenerativeAI({
        model: "gemini-2.5-flash",
        apiKey: "the-key",
        baseUrl: server.url,
        temperature: 0.5,
        maxOutputTokens: 64,
        maxRetries: 0,
      }),
    );
    expect(call).toMatchObject({
      type: "generation",
      name: "ChatGoogleGenerativeAI",
      provider: "google",
      model: expect.stringMatching(/^gemini-2.5-flash/),
      modelParameters: { temperature: 0.5 },
      // LangChain does not tell the thoughts by themselves: the total holds them.
      usageDetails: { input: 70, input_cached_tokens: 30, output: 20, other: 5, total: 125 },
      output: { role: "assistant", tool_calls: [LOOK_CALL] },
      metadata: { finish_reason: "STOP" },
    });
    expect(JSON.stringify(call.input.tools)).toContain("look");
    expectStreamed(stream);
    expect(stream).toMatchObject({
      usageDetails: { input: 100, output: 20, total: 120 },
      metadata: { finish_reason: "STOP" },
    });
  });

  it("@langchain/google", async () => {
    server.replies.push(called, streamed());
    const [call, stream] = await record(
      new providers.ChatGoogle({
        model: "gemini-2.5-flash",
        apiKey: "the-key",
        endpoint: server.url,
        temperature: 0.5,
        maxRetries: 0,
      } as never),
    );
    expect(call).toMatchObject({
      name: "ChatGoogle",
      provider: "google",
      model: expect.stringMatching(/^gemini-2.5-flash/),
      modelParameters: { temperature: 0.5 },
      usageDetails: { input: 70, input_cached_tokens: 30, output: 20, output_reasoning_tokens: 5, total: 125 },
      output: { role: "assistant", tool_calls: [LOOK_CALL] },
      metadata: { finish_reason: "STOP" },
    });
    expect(JSON.stringify(call.input.tools)).toContain("look");
    expectStreamed(stream);
    expect(stream).toMatchObject({
      usageDetails: { input: 100, output: 20, total: 120 },
      metadata: { finish_reason: "STOP" },
    });
  });
});

it("Mistral", async () => {
  const usage = { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120 };
  const head = { id: "m-1", object: "chat.completion", created: 1, model: "mistral-small-latest" };
  const calls = [{ id: "abcdefghi", type: "function", function: { name: "look", arguments: '{"q":"x"}' } }];
  const piece = (content: string, more: object = {}, finish: string | null = null) => ({
    data: {
      ...head,
      object: "chat.completion.chunk",
      choices: [{ index: 0, delta: { content }, finish_reason: finish }],
      ...more,
    },
  });
  server.replies.push(
    {
      ...head,
      choices: [
        { index: 0, finish_reason: "tool_calls", message: { role: "assistant", content: "", tool_calls: calls } },
      ],
      usage,
    },
    [piece("Hello"), piece(" over"), piece(" there", { usage }, "stop"), { data: "[DONE]" }],
  );
  const [call, stream] = await record(
    new providers.ChatMistralAI({
      model: "mistral-small-latest",
      apiKey: "the-key",
      serverURL: server.url,
      temperature: 0.5,
      maxTokens: 64,
      maxRetries: 0,
    }),
  );
  expect(call).toMatchObject({
    name: "ChatMistralAI",
    provider: "mistral",
    model: "mistral-small-latest",
    modelParameters: { temperature: 0.5, maxTokens: 64 },
    usageDetails: { input: 100, output: 20, total: 120 },
    output: { role: "assistant", tool_calls: [{ ...LOOK_CALL, id: "abcdefghi" }] },
    metadata: { finish_reason: "tool_calls" },
  });
  expect(JSON.stringify(call.input.tools)).toContain("look");
  expectStreamed(stream);
  expect(stream).toMatchObject({
    usageDetails: { input: 100, output: 20, total: 120 },
    metadata: { finish_reason: "stop" },
  });
});

it("Ollama", async () => {
  const head = { model: "llama3.2", created_at: "2026-01-01T00:00:00Z" };
  const done = {
    done: true,
    done_reason: "stop",
    prompt_eval_count: 100,
    eval_count: 20,
    total_duration: 5,
    load_duration: 1,
  };
  const line = (message: object, more: object = { done: false }) =>
    `${JSON.stringify({ ...head, message: { role: "assistant", content: "", ...message }, ...more })}\n`;
  const lines = (...parts: string[]) => ({ contentType: "application/x-ndjson", parts });
  server.replies.push(
    lines(line({ tool_calls: [{ function: { name: "look", arguments: { q: "x" } } }] }), line({}, done)),
    lines(line({ content: "Hello" }), line({ content: " over" }), line({ content: " there" }), line({}, done)),
  );
  const [call, stream] = await record(
    new providers.ChatOllama({
      model: "llama3.2",
      baseUrl: server.url,
      temperature: 0.5,
      numPredict: 64,
      maxRetries: 0,
    }),
  );
  expect(call).toMatchObject({
    name: "ChatOllama",
    provider: "ollama",
    model: "llama3.2",
    modelParameters: { temperature: 0.5, num_predict: 64 },
    usageDetails: { input: 100, output: 20, total: 120 },
    output: { role: "assistant", tool_calls: [LOOK_CALL] },
    metadata: { finish_reason: "stop" },
  });
  expect(JSON.stringify(call.input.tools)).toContain("look");
  expectStreamed(stream);
  expect(stream).toMatchObject({
    usageDetails: { input: 100, output: 20, total: 120 },
    metadata: { finish_reason: "stop" },
  });
});

it("Bedrock", async () => {
  const usage = {
    inputTokens: 55,
    outputTokens: 20,
    totalTokens: 120,
    cacheReadInputTokens: 40,
    cacheWriteInputTokens: 5,
  };
  const text = (delta: string) => awsEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: delta } });
  aws.replies.push(
    {
      output: {
        message: {
          role: "assistant",
          content: [{ text: "Let me look." }, { toolUse: { toolUseId: "tu-1", name: "look", input: { q: "x" } } }],
        },
      },
      stopReason: "tool_use",
      usage,
      metrics: { latencyMs: 10 },
    },
    {
      contentType: "application/vnd.amazon.eventstream",
      parts: [
        awsEvent("messageStart", { role: "assistant" }),
        text("Hello"),
        text(" over"),
        text(" there"),
        awsEvent("contentBlockStop", { contentBlockIndex: 0 }),
        awsEvent("messageStop", { stopReason: "end_turn" }),
        awsEvent("metadata", { usage, metrics: { latencyMs: 10 } }),
      ],
    },
  );
  const client = new providers.BedrockRuntimeClient({
    region: "us-east-1",
    endpoint: aws.url,
    credentials: { accessKeyId: "the-key", secretAccessKey: "the-key" },
    maxAttempts: 1,
  });
  const model = "anthropic.claude-sonnet-4-5-20250929-v1:0";
  const [call, stream] = await record(
    new providers.ChatBedrockConverse({
      model,
      region: "us-east-1",
      client,
      temperature: 0.5,
      maxTokens: 64,
      maxRetries: 0,
    }),
  );
  client.destroy();
  const usageDetails = { input: 55, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 120 };
  expect(call).toMatchObject({
    name: "ChatBedrockConverse",
    provider: "aws",
    model,
    modelParameters: { temperature: 0.5, maxTokens: 64 },
    usageDetails,
    output: { role: "assistant", tool_calls: [{ ...LOOK_CALL, id: "tu-1" }] },
    metadata: { finish_reason: "tool_use" },
  });
  expect(JSON.stringify(call.input.tools)).toContain("look");
  expectStreamed(stream);
  expect(stream).toMatchObject({ usageDetails, model, metadata: { finish_reason: "end_turn" } });
});
