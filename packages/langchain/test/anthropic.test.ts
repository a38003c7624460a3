import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { CallbackHandler } from "../src/index.ts";
import { createReplyServer, type ReplyServer } from "./support/reply-server.ts";
import { createTraced } from "./support/traced.ts";

// Loading the frameworks takes seconds on a busy machine.
vi.setConfig({ testTimeout: 30_000 });

let server: ReplyServer;
beforeAll(async () => {
  server = await createReplyServer();
});
afterAll(() => server.close());

const USAGE = {
  input_tokens: 10,
  output_tokens: 20,
  cache_creation_input_tokens: 5,
  cache_read_input_tokens: 40,
};

function setup() {
  const traced = createTraced();
  const model = new ChatAnthropic({
    model: "claude-sonnet-4-5",
    apiKey: "k",
    anthropicApiUrl: server.url,
    maxRetries: 0,
    maxTokens: 256,
  });
  return { ...traced, model, callbacks: [new CallbackHandler({ tracer: traced.tracer })] };
}

it("a whole answer with a tool call: tokens of the cache in buckets of their own", async () => {
  const { model, callbacks, root } = setup();
  server.replies.push({
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5-20250929",
    content: [
      { type: "text", text: "Let me look." },
      { type: "tool_use", id: "toolu_1", name: "look", input: { q: "x" } },
    ],
    stop_reason: "tool_use",
    stop_sequence: null,
    usage: USAGE,
  });
  await model.invoke([new HumanMessage("hi")], { callbacks });
  expect(await root()).toMatchObject({
    type: "generation",
    provider: "anthropic",
    model: "claude-sonnet-4-5-20250929",
    modelParameters: { max_tokens: 256 },
    usageDetails: { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 75 },
    output: {
      role: "assistant",
      content: [{ type: "text", text: "Let me look." }],
      tool_calls: [{ id: "toolu_1", type: "function", function: { name: "look", arguments: '{"q":"x"}' } }],
    },
    metadata: { finish_reason: "tool_use", response_id: "msg_1" },
  });
});

it("a stream with thinking: its first token counts, the model is the one asked for", async () => {
  const { model, callbacks, root } = setup();
  const delta = (index: number, given: object) => ({
    event: "content_block_delta",
    data: { type: "content_block_delta", index, delta: given },
  });
  const start = (index: number, block: object) => ({
    event: "content_block_start",
    data: { type: "content_block_start", index, content_block: block },
  });
  const stop = (index: number) => ({ event: "content_block_stop", data: { type: "content_block_stop", index } });
  server.replies.push([
    {
      event: "message_start",
      data: {
        type: "message_start",
        message: {
          id: "msg_2",
          type: "message",
          role: "assistant",
          model: "claude-sonnet-4-5-20250929",
          content: [],
          stop_reason: null,
          stop_sequence: null,
          usage: { ...USAGE, output_tokens: 1 },
        },
      },
    },
    start(0, { type: "thinking", thinking: "", signature: "" }),
    delta(0, { type: "thinking_delta", thinking: "hm" }),
    stop(0),
    start(1, { type: "text", text: "" }),
    delta(1, { type: "text_delta", text: "Hello" }),
    delta(1, { type: "text_delta", text: " there" }),
    stop(1),
    {
      event: "message_delta",
      data: {
        type: "message_delta",
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { output_tokens: 20 },
      },
    },
    { event: "message_stop", data: { type: "message_stop" } },
  ]);
  let text = "";
  for await (const part of await model.stream([new HumanMessage("hi")], { callbacks })) text += part.text;
  expect(text).toBe("Hello there");
  const generation = await root();
  expect(generation).toMatchObject({
    provider: "anthropic",
    // LangChain adds the count of the stream's start to the count at its end: 21.
    usageDetails: { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 75 },
  });
  expect(generation.model).toMatch(/^claude-sonnet-4-5/);
  expect(generation.metadata.finish_reason).toBe("end_turn");
  expect(generation.completionStartTime).toBeGreaterThanOrEqual(generation.startTime);
  expect(generation.output.content).toMatchObject([
    { type: "thinking", thinking: "hm" },
    { type: "text", text: "Hello there" },
  ]);
});
