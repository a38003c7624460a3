import { describe, expect, it } from "vitest";
import { attributesOf, inputOf, map, outputOf } from "../map-attributes.ts";

describe("Vercel AI SDK", () => {
  const call = {
    "ai.operationId": "ai.generateText.doGenerate",
    "operation.name": "ai.generateText.doGenerate agent",
    "ai.model.id": "gpt-4o",
    "ai.model.provider": "openai.chat",
    "gen_ai.system": "openai.chat",
  };

  it("reads a call, with tool calls of either major as one message", () => {
    const row = map({
      ...call,
      "ai.response.model": "gpt-4o-2024",
      "ai.settings.temperature": 0.5,
      "ai.prompt.messages": '[{"role":"user","content":"hi"}]',
      "ai.response.text": "Let me see.",
      "ai.response.toolCalls":
        '[{"toolCallType":"function","toolCallId":"1","toolName":"a","args":"{}"},{"toolCallId":"2","toolName":"b","input":{"x":1}}]',
      "ai.response.msToFirstChunk": 83.5,
      "ai.telemetry.metadata.userId": "u",
      "ai.telemetry.metadata.sessionId": "s",
      "ai.telemetry.metadata.tags": ["t"],
      "ai.telemetry.metadata.langfusePrompt": '{"name":"p","version":3}',
      "ai.telemetry.metadata.plan": "free",
    });
    expect(row).toMatchObject({
      type: "generation",
      model: "gpt-4o-2024",
      provider: "openai",
      userId: "u",
      sessionId: "s",
      tags: ["t"],
      promptName: "p",
      promptVersion: 3,
      completionStartTime: row.startTime + 83.5,
      payload: { metadata: '{"plan":"free"}', modelParameters: '{"temperature":0.5}' },
    });
    expect(outputOf(row)).toEqual({
      role: "assistant",
      content: "Let me see.",
      tool_calls: [
        { id: "1", type: "function", function: { name: "a", arguments: "{}" } },
        { id: "2", type: "function", function: { name: "b", arguments: '{"x":1}' } },
      ],
    });
    expect(attributesOf(row)).toMatchObject({ "ai.model.provider": "openai.chat", "ai.model.id": "gpt-4o" });
  });

  it.each([
    ["ai.generateText", "span"],
    ["ai.embedMany", "span"],
    ["ai.streamObject.doStream", "generation"],
    ["ai.embed.doEmbed", "embedding"],
    ["ai.toolCall", "tool"],
  ])("reads %s as %s, by id or by name", (operation, type) => {
    expect(map({ "ai.operationId": operation, "ai.model.id": "m" }).type).toBe(type);
    expect(map({ "operation.name": `${operation} my-function`, "ai.model.id": "m" }).type).toBe(type);
  });

  it("names a tool's span after the tool", () => {
    const row = map(
      {
        "ai.operationId": "ai.toolCall",
        "ai.toolCall.name": "weather",
        "ai.toolCall.args": '{"city":"Paris"}',
        "ai.toolCall.result": '"sunny"',
      },
      { name: "ai.toolCall" },
    );
    expect(row).toMatchObject({ type: "tool", name: "weather", payload: { output: '"sunny"' } });
  });

  it("takes cached and reasoning tokens out of the sums of 5 and 6", () => {
    const usage = map({
      ...call,
      "gen_ai.usage.input_tokens": 100,
      "gen_ai.usage.output_tokens": 20,
      "ai.usage.inputTokens": 100,
      "ai.usage.outputTokens": 20,
      "ai.usage.totalTokens": 120,
      "ai.usage.cachedInputTokens": 60,
      "ai.usage.reasoningTokens": 5,
      "ai.usage.inputTokenDetails.noCacheTokens": 40,
      "ai.usage.inputTokenDetails.cacheReadTokens": 60,
    }).usage;
    expect(usage).toEqual({ input: 40, input_cached_tokens: 60, output: 15, output_reasoning_tokens: 5, total: 120 });
  });

  it("reads what only the provider's metadata tells, by the provider's own way of counting", () => {
    const usage = (counts: Record<string, unknown>, metadata: object): unknown =>
      map({ ...call, ...counts, "ai.response.providerMetadata": JSON.stringify(metadata) }).usage;
    const four = { "ai.usage.promptTokens": 100, "ai.usage.completionTokens": 20 };
    expect(usage(four, { openai: { cachedPromptTokens: 60, reasoningTokens: 5 } })).toEqual({
      input: 40,
      input_cached_tokens: 60,
      output: 15,
      output_reasoning_tokens: 5,
      total: 120,
    });
    const anthropic = {
      anthropic: {
        usage: {
          cache_read_input_tokens: 16_000,
          cache_creation_input_tokens: 2000,
          cache_creation: { ephemeral_5m_input_tokens: 1500, ephemeral_1h_input_tokens: 500 },
        },
      },
    };
    // Anthropic counts what was cached beside its input, and major 5 passes that on.
    expect(usage({ "ai.usage.inputTokens": 7, "ai.usage.outputTokens": 4 }, anthropic)).toEqual({
      input: 7,
      input_cached_tokens: 16_000,
      input_cache_creation_1h: 500,
      input_cache_creation_5m: 1500,
      output: 4,
      total: 18_011,
    });
    const six = {
      "ai.usage.inputTokens": 18_007,
      "ai.usage.outputTokens": 4,
      "ai.usage.inputTokenDetails.noCacheTokens": 7,
      "ai.usage.inputTokenDetails.cacheReadTokens": 16_000,
    };
    expect(usage(six, anthropic)).toMatchObject({ input: 7, input_cached_tokens: 16_000, total: 18_011 });
  });

  it("reads objects, and embeddings without their vectors", () => {
    expect(outputOf(map({ ...call, "ai.response.object": '{"age":36}' }))).toEqual({ age: 36 });
    const row = map({
      "ai.operationId": "ai.embedMany.doEmbed",
      "ai.values": ['"red"', '"green"'],
      "ai.embeddings": ["[0.5,0.25]", "[0.125,1]"],
      "ai.usage.tokens": 2,
    });
    expect([inputOf(row), outputOf(row)]).toEqual([["red", "green"], { embeddings: 2, dimensions: 2 }]);
    expect(row.usage).toEqual({ input: 2, total: 2 });
    expect(JSON.stringify(row)).not.toContain("0.125");
  });
});
