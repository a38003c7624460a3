import { describe, expect, it } from "vitest";
import { describeModelRequest, describeModelResult } from "../src/model-call.ts";
import { StreamedText } from "../src/streamed-text.ts";

const message = (more: object) => ({
  content: "ok",
  additional_kwargs: {},
  response_metadata: {},
  _getType: () => "ai",
  ...more,
});
const resultOf = (more: object, llmOutput: object = {}) =>
  describeModelResult({ generations: [[{ text: "ok", message: message(more) }]], llmOutput });

describe("usage, as each provider's package tells it", () => {
  it.each([
    [
      "OpenAI: usage_metadata",
      {
        usage_metadata: {
          input_tokens: 100,
          output_tokens: 20,
          total_tokens: 120,
          input_token_details: { cache_read: 30, audio: 0 },
          output_token_details: { reasoning: 5 },
        },
      },
      {},
      { input: 70, input_cached_tokens: 30, output: 15, output_reasoning_tokens: 5, total: 120 },
    ],
    [
      "OpenAI text models: tokenUsage",
      {},
      { tokenUsage: { promptTokens: 3, completionTokens: 4, totalTokens: 7 } },
      { input: 3, output: 4, total: 7 },
    ],
    [
      "Google: reasoning in the output",
      {
        usage_metadata: {
          input_tokens: 10,
          output_tokens: 30,
          total_tokens: 40,
          output_token_details: { reasoning: 22 },
        },
      },
      {},
      { input: 10, output: 8, output_reasoning_tokens: 22, total: 40 },
    ],
    [
      "Bedrock: usage of the answer",
      { response_metadata: { usage: { inputTokens: 5, outputTokens: 6, totalTokens: 11 } } },
      {},
      { input: 5, output: 6, total: 11 },
    ],
    [
      "Anthropic before 1.3.29: an input without what the cache gave and took",
      {
        usage_metadata: {
          input_tokens: 100,
          output_tokens: 20,
          total_tokens: 120,
          input_token_details: { cache_read: 40, cache_creation: 5 },
        },
        response_metadata: { model_provider: "anthropic" },
      },
      {
        usage: {
          input_tokens: 100,
          output_tokens: 20,
          cache_read_input_tokens: 40,
          cache_creation_input_tokens: 5,
        },
      },
      { input: 100, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 165 },
    ],
    [
      "Anthropic 1.3, streamed: the whole input, and the cache's part of it twice",
      {
        usage_metadata: {
          input_tokens: 145,
          output_tokens: 20,
          total_tokens: 165,
          input_token_details: { cache_read: 80, cache_creation: 10 },
        },
        response_metadata: {
          model_provider: "anthropic",
          usage: { cache_read_input_tokens: 40, cache_creation_input_tokens: 5 },
        },
      },
      {},
      { input: 100, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 165 },
    ],
    [
      "Anthropic 1.2, streamed: less input than came out of the cache",
      {
        usage_metadata: {
          input_tokens: 10,
          output_tokens: 20,
          total_tokens: 30,
          input_token_details: { cache_read: 80, cache_creation: 10 },
        },
        response_metadata: {
          model_provider: "anthropic",
          usage: { cache_read_input_tokens: 40, cache_creation_input_tokens: 5 },
        },
      },
      {},
      { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 75 },
    ],
    [
      "Bedrock before 1.0: a total with the cache's tokens, and nothing else of them",
      {
        usage_metadata: { input_tokens: 10, output_tokens: 20, total_tokens: 75 },
        response_metadata: {
          usage: {
            inputTokens: 10,
            outputTokens: 20,
            totalTokens: 75,
            cacheReadInputTokens: 40,
            cacheWriteInputTokens: 5,
          },
        },
      },
      {},
      { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 20, total: 75 },
    ],
    [
      "Bedrock before 1.0, streamed",
      {
        usage_metadata: { input_tokens: 10, output_tokens: 20, total_tokens: 70 },
        response_metadata: {
          metadata: { usage: { inputTokens: 10, outputTokens: 20, totalTokens: 70, cacheReadInputTokens: 40 } },
        },
      },
      {},
      { input: 10, input_cached_tokens: 40, output: 20, total: 70 },
    ],
    [
      "a gateway that tells Anthropic's counts beside OpenAI's: these have them in the prompt",
      {
        usage_metadata: {
          input_tokens: 100,
          output_tokens: 20,
          total_tokens: 120,
          input_token_details: { cache_read: 40 },
        },
        response_metadata: {
          usage: { prompt_tokens: 100, completion_tokens: 20, total_tokens: 120, cache_read_input_tokens: 40 },
        },
      },
      {},
      { input: 60, input_cached_tokens: 40, output: 20, total: 120 },
    ],
    [
      "Mistral: tokenUsage of the output",
      {},
      { tokenUsage: { prompt_tokens: 8, completion_tokens: 2, total_tokens: 10 } },
      { input: 8, output: 2, total: 10 },
    ],
    [
      "Ollama: counts among the rest",
      { response_metadata: { prompt_eval_count: 9, eval_count: 3, done_reason: "stop" } },
      {},
      { input: 9, output: 3 },
    ],
    [
      "Anthropic: the raw shape, beside the input",
      {},
      { usage: { input_tokens: 10, output_tokens: 20, cache_read_input_tokens: 40, cache_creation_input_tokens: 5 } },
      { input: 10, input_cached_tokens: 40, input_cache_creation: 5, output: 20 },
    ],
  ])("%s", (_name, given, llmOutput, expected) => {
    expect(resultOf(given, llmOutput).usageDetails).toEqual(expected);
  });

  it("the provider's own usage where it says the same and more: what the call cost, and what LangChain drops", () => {
    const raw = {
      prompt_tokens: 100,
      completion_tokens: 20,
      total_tokens: 120,
      cost: 0.0012,
      prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 20 },
    };
    const usage_metadata = {
      input_tokens: 100,
      output_tokens: 20,
      total_tokens: 120,
      input_token_details: { cache_read: 10 },
    };
    expect(resultOf({ usage_metadata, response_metadata: { usage: raw } })).toMatchObject({
      usageDetails: { input: 70, input_cached_tokens: 10, input_cache_creation: 20, output: 20, total: 120 },
      costDetails: { total: 0.0012 },
      metadata: { usage: raw },
    });
    // Pieces of a stream may have been added up.
    const doubled = { ...raw, prompt_tokens: 200, completion_tokens: 40, total_tokens: 240, cost: 0.0024 };
    const told = resultOf({ usage_metadata, response_metadata: { usage: doubled } });
    expect(told).toMatchObject({ usageDetails: { input: 90, input_cached_tokens: 10, output: 20, total: 120 } });
    expect(told.costDetails).toBeUndefined();
  });

  it("an estimate is taken where there is nothing else, and said to be one", () => {
    const estimated = { estimatedTokenUsage: { promptTokens: 8, completionTokens: 3, totalTokens: 11 } };
    expect(resultOf({}, estimated)).toMatchObject({
      usageDetails: { input: 8, output: 3 },
      metadata: { usageEstimated: true },
    });
    const known = resultOf({ usage_metadata: { input_tokens: 100, output_tokens: 20, total_tokens: 120 } }, estimated);
    expect(known.usageDetails).toEqual({ input: 100, output: 20, total: 120 });
    expect(known.metadata?.["usageEstimated"]).toBeUndefined();
  });

  it("nothing but zeros is no usage", () => {
    expect(
      resultOf({ usage_metadata: { input_tokens: 0, output_tokens: 0, total_tokens: 0 } }).usageDetails,
    ).toBeUndefined();
  });
});

describe("the model and its parameters", () => {
  it("a name twice over is not a model", () => {
    expect(resultOf({ response_metadata: { model: "gpt-xgpt-x", model_name: undefined } }).model).toBeUndefined();
    expect(resultOf({ response_metadata: { model: "gpt-xgpt-x", model_name: "gpt-x" } }).model).toBe("gpt-x");
  });

  it.each([
    ["google_genai", "google"],
    ["amazon_bedrock", "aws"],
    ["mistralai", "mistral"],
    ["ollama", "ollama"],
    ["OpenAI", "openai"],
  ])("the provider %s is %s", (told, provider) => {
    expect(describeModelRequest({}, [[]], {}, { ls_provider: told }, true).provider).toBe(provider);
  });

  it("parameters by name only: nothing that may be configuration", () => {
    const params = {
      model: "m",
      temperature: 0,
      stop: ["x"],
      apiKey: "secret",
      headers: { a: "secret" },
      credentials: "secret",
      stream: true,
      inferenceConfig: { maxTokens: 9, secret: "secret" },
    };
    const request = describeModelRequest(
      {},
      [["p"]],
      { invocation_params: params },
      { ls_max_tokens: 9, ls_stop: ["y"] },
      true,
    );
    expect(request).toMatchObject({ model: "m", modelParameters: { temperature: 0, stop: ["x"], maxTokens: 9 } });
    expect(JSON.stringify(request)).not.toContain("secret");
    const bare = describeModelRequest({}, [["p"]], { invocation_params: params }, {}, false);
    expect(bare.modelParameters).toEqual({ temperature: 0, maxTokens: 9 });
    expect(bare.input).toBeUndefined();
  });
});

describe("a streamed answer", () => {
  it("starts with the first piece that can be seen", () => {
    const text = new StreamedText();
    text.acceptToken("", { message: { content: "" } }, 1);
    expect(text.firstMs).toBeUndefined();
    text.acceptToken(
      "",
      { message: { content: "", tool_call_chunks: [{ index: 0, id: "c", name: "look", args: "" }] } },
      2,
    );
    text.acceptToken("", { message: { content: "", tool_call_chunks: [{ index: 0, args: '{"q":1}' }] } }, 3);
    text.acceptToken("Hi", undefined, 4);
    expect([text.firstMs, text.lastMs]).toEqual([2, 4]);
    expect(text.describe()).toEqual({
      role: "assistant",
      content: "Hi",
      tool_calls: [{ id: "c", type: "function", function: { name: "look", arguments: '{"q":1}' } }],
    });
  });

  it("content block events: slices append, snapshots replace", () => {
    const text = new StreamedText();
    const delta = (index: number, given: object) =>
      text.acceptEvent({ event: "content-block-delta", index, delta: given }, 5);
    text.acceptEvent({ event: "message-start" }, 1);
    text.acceptEvent({ event: "content-block-start", index: 0, content: { type: "text", text: "" } }, 2);
    expect(text.firstMs).toBeUndefined();
    delta(0, { type: "reasoning-delta", reasoning: "hm" });
    delta(0, { type: "text-delta", text: "a" });
    delta(0, { type: "text-delta", text: "b" });
    text.acceptEvent(
      { event: "content-block-start", index: 1, content: { type: "tool_call_chunk", id: "c", name: "look", args: "" } },
      6,
    );
    delta(1, { type: "tool-call-delta", args: '{"q"' });
    delta(1, { type: "block-delta", fields: { type: "tool_call_chunk", args: '{"q":1}' } });
    expect(text.firstMs).toBe(5);
    expect(text.describe()).toMatchObject({
      content: "ab",
      reasoning_content: "hm",
      tool_calls: [{ function: { name: "look", arguments: '{"q":1}' } }],
    });
  });

  it("adds its usage up as LangChain does, but for counts that are those so far, and for events that tell the whole", () => {
    const told = (text: StreamedText): unknown => {
      for (const usage of [
        { input_tokens: 10, output_tokens: 1, total_tokens: 11, input_token_details: { cache_read: 4, odd: 1 } },
        { input_tokens: 0, output_tokens: 20, total_tokens: 20, input_token_details: { cache_read: 1 } },
        "none",
      ]) {
        text.acceptToken("", { message: { content: "", usage_metadata: usage } }, 1);
      }
      return text.usage.describe();
    };
    const details = { input_token_details: { cache_read: 5 } };
    const sums = new StreamedText();
    expect(sums.usage.describe()).toBeUndefined();
    expect(told(sums)).toEqual({ input_tokens: 10, output_tokens: 21, total_tokens: 31, ...details });
    expect(sums.usage.countedTwice(21)).toBe(0);
    const soFar = new StreamedText({ countsSoFar: true });
    expect(told(soFar)).toEqual({ input_tokens: 10, output_tokens: 20, total_tokens: 30, ...details });
    expect([soFar.usage.countedTwice(21), soFar.usage.countedTwice(20)]).toEqual([1, 0]);
    soFar.acceptEvent({ event: "usage", usage: { input_tokens: 10, output_tokens: 21, total_tokens: 31 } }, 2);
    expect(soFar.usage.describe()).toEqual({ input_tokens: 10, output_tokens: 21, total_tokens: 31 });
  });

  it("is bounded, and counts what is over", () => {
    const text = new StreamedText();
    for (let i = 0; i < 12; i += 1) text.acceptToken("x".repeat(100_000), undefined, i);
    expect((text.describe()!["content"] as string).length).toBe(1_000_000);
    expect(text.cutChars).toBe(200_000);
  });
});
