import { ChatAnthropic } from "@langchain/anthropic";
import { HumanMessage } from "@langchain/core/messages";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
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

const event = (type: string, more: object) => ({ event: type, data: { type, ...more } });
const start = (index: number, block: object) => event("content_block_start", { index, content_block: block });
const delta = (index: number, given: object) => event("content_block_delta", { index, delta: given });
const stop = (index: number) => event("content_block_stop", { index });
const messageStart = (id: string) =>
  event("message_start", {
    message: {
      id,
      type: "message",
      role: "assistant",
      model: "claude-sonnet-4-5-20250929",
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: { ...USAGE, output_tokens: 1 },
    },
  });
/** What a reader sees of a piece. */
const textOf = (content: unknown) =>
  typeof content === "string" ? content : (content as { text?: string }[]).map(({ text }) => text ?? "").join("");

/** 0.3 tells an input without what came out of the cache and went into it, and a stream's parts of it twice. */
const PACKAGES: { version: string; load: () => Promise<typeof ChatAnthropic> }[] = [
  { version: "1.5.11", load: () => Promise.resolve(ChatAnthropic) },
  { version: "0.3.34", load: async () => (await import("./core-0.3/anthropic.ts")).ChatAnthropic as never },
];

async function setup(load: () => Promise<typeof ChatAnthropic>) {
  const traced = createTraced();
  const Model = await load();
  const model = new Model({
    model: "claude-sonnet-4-5",
    apiKey: "k",
    anthropicApiUrl: server.url,
    maxRetries: 0,
    maxTokens: 256,
  });
  return { ...traced, model, callbacks: [new CallbackHandler({ tracer: traced.tracer })] };
}

describe.each(PACKAGES)("@langchain/anthropic $version", ({ load }) => {
  it("a whole answer with a tool call: tokens of the cache in buckets of their own", async () => {
    const { model, callbacks, root } = await setup(load);
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
    const { model, callbacks, root } = await setup(load);
    server.replies.push([
      messageStart("msg_2"),
      start(0, { type: "thinking", thinking: "", signature: "" }),
      delta(0, { type: "thinking_delta", thinking: "hm" }),
      stop(0),
      start(1, { type: "text", text: "" }),
      delta(1, { type: "text_delta", text: "Hello" }),
      delta(1, { type: "text_delta", text: " there" }),
      stop(1),
      event("message_delta", {
        delta: { stop_reason: "end_turn", stop_sequence: null },
        usage: { ...USAGE, output_tokens: 20 },
      }),
      event("message_stop", {}),
    ]);
    let text = "";
    for await (const part of await model.stream([new HumanMessage("hi")], { callbacks })) text += textOf(part.content);
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

  it("a stream that fails: the cache's tokens as far as they were told", async () => {
    const { model, callbacks, root } = await setup(load);
    server.replies.push([
      messageStart("msg_3"),
      start(0, { type: "text", text: "" }),
      delta(0, { type: "text_delta", text: "Hello" }),
      event("error", { error: { type: "overloaded_error", message: "Overloaded" } }),
    ]);
    await expect(async () => {
      for await (const part of await model.stream([new HumanMessage("hi")], { callbacks })) void part;
    }).rejects.toThrow(/verloaded/);
    expect(await root()).toMatchObject({
      status: "error",
      output: { content: "Hello" },
      usageDetails: { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 1, total: 56 },
    });
  });
});
