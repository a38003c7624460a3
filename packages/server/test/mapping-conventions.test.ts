import { describe, expect, it } from "vitest";
import { attributesOf, inputOf, map, mapWithScores, outputOf } from "./map-attributes.ts";
import { attribute, NOW_NANOS } from "./otlp-messages.ts";

const event = (name: string, attributes: Record<string, unknown>): object => ({
  name,
  timeUnixNano: String(NOW_NANOS),
  attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
});

describe("OpenInference", () => {
  it("reads a model call with flattened messages, tool calls, counts, cost and context", () => {
    const row = map({
      "openinference.span.kind": "LLM",
      "llm.model_name": "gpt-4o",
      "llm.system": "openai",
      "llm.invocation_parameters": '{"temperature":0.5}',
      "llm.input_messages.0.message.role": "system",
      "llm.input_messages.0.message.content": "Be brief.",
      "llm.input_messages.1.message.role": "user",
      "llm.input_messages.1.message.contents.0.message_content.type": "text",
      "llm.input_messages.1.message.contents.0.message_content.text": "What is this?",
      "llm.input_messages.1.message.contents.1.message_content.type": "image",
      "llm.input_messages.1.message.contents.1.message_content.image.image.url": "https://example.com/a.png",
      "llm.input_messages.10.message.role": "user",
      "llm.input_messages.10.message.content": "Last, though its index sorts before 2 as text.",
      "llm.input_messages.2.message.role": "tool",
      "llm.input_messages.2.message.content": "{}",
      "llm.input_messages.2.message.tool_call_id": "c1",
      "llm.output_messages.0.message.role": "assistant",
      "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c2",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "weather",
      "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": '{"city":"Paris"}',
      "llm.token_count.prompt": 100,
      "llm.token_count.prompt_details.cache_read": 60,
      "llm.token_count.prompt_details.cache_write": 10,
      "llm.token_count.completion": 30,
      "llm.token_count.completion_details.reasoning": 20,
      "llm.token_count.total": 130,
      "llm.cost.prompt": 0.25,
      "llm.cost.completion": 0.5,
      "llm.cost.prompt_details.cache_read": 0.1,
      metadata: '{"k":1}',
      "tag.tags": '["a","b"]',
      "session.id": "s",
      "user.id": "u",
    });
    expect(row).toMatchObject({
      type: "generation",
      model: "gpt-4o",
      provider: "openai",
      sessionId: "s",
      userId: "u",
      tags: ["a", "b"],
      usage: {
        input: 30,
        input_cached_tokens: 60,
        input_cache_creation: 10,
        output: 10,
        output_reasoning_tokens: 20,
        total: 130,
      },
      cost: { input: 0.25, output: 0.5, total: 0.75 },
      costSource: "provided",
      payload: { metadata: '{"k":1}', modelParameters: '{"temperature":0.5}' },
      inputPreview: "Last, though its index sorts before 2 as text.",
    });
    expect(inputOf(row)).toEqual([
      { role: "system", content: "Be brief." },
      {
        role: "user",
        content: [
          { type: "text", text: "What is this?" },
          { type: "image", url: "https://example.com/a.png" },
        ],
      },
      { role: "tool", content: "{}", tool_call_id: "c1" },
      { role: "user", content: "Last, though its index sorts before 2 as text." },
    ]);
    expect(outputOf(row)).toEqual({
      role: "assistant",
      tool_calls: [{ id: "c2", function: { name: "weather", arguments: '{"city":"Paris"}' } }],
    });
    expect(attributesOf(row)).toMatchObject({
      "openinference.span.kind": "LLM",
      "llm.token_count.prompt": 100,
      "llm.cost.prompt_details.cache_read": 0.1,
    });
  });

  it.each([
    ["CHAIN", "chain"],
    ["RETRIEVER", "retriever"],
    ["RERANKER", "retriever"],
    ["TOOL", "tool"],
    ["AGENT", "agent"],
    ["GUARDRAIL", "guardrail"],
    ["EVALUATOR", "evaluator"],
    ["EMBEDDING", "embedding"],
    ["PROMPT", "chain"],
    ["UNKNOWN", "span"],
  ])("reads the kind %s as %s and keeps it", (kind, type) => {
    const row = map({ "openinference.span.kind": kind });
    expect([row.type, attributesOf(row)["openinference.span.kind"] ?? kind]).toEqual([type, kind]);
  });

  it("reads values by their MIME type, before flattened messages, and keeps what it did not take", () => {
    const messages = { "llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": "hi" };
    const input = (value: string, mime?: string): string | null =>
      map({ "input.value": value, ...(mime === undefined ? {} : { "input.mime_type": mime }) }).payload.input;
    expect(input('{"a":1}', "text/plain")).toBe('"{\\"a\\":1}"');
    expect(input('{"a":1}', "application/json")).toBe('{"a":1}');
    expect(input('"text"', "application/json")).toBe('"text"');
    expect(input('{"a":1}')).toBe('{"a":1}');
    const row = map({ ...messages, "input.value": '{"messages":[{"role":"user","content":"hi"}]}' });
    expect(inputOf(row)).toEqual({ messages: [{ role: "user", content: "hi" }] });
    expect(attributesOf(row)).toEqual(messages);
  });

  it("prefers messages to LangChain's own serialisation of them, which stays an attribute", () => {
    const dump = '{"messages":[[{"lc":1,"type":"constructor","kwargs":{"content":"hi"}}]]}';
    const row = map({
      "input.value": dump,
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.content": "hi",
    });
    expect(inputOf(row)).toEqual([{ role: "user", content: "hi" }]);
    expect(attributesOf(row)).toEqual({ "input.value": dump });
    expect(inputOf(map({ "input.value": dump }))).toEqual(JSON.parse(dump));
  });

  it("reads retrieved and reranked documents", () => {
    const found = map({
      "openinference.span.kind": "RETRIEVER",
      "input.value": "weather",
      "retrieval.documents.0.document.id": "d1",
      "retrieval.documents.0.document.content": "sunny",
      "retrieval.documents.0.document.score": 0.5,
    });
    expect([inputOf(found), outputOf(found)]).toEqual(["weather", [{ id: "d1", content: "sunny", score: 0.5 }]]);
    const ranked = map({
      "openinference.span.kind": "RERANKER",
      "reranker.query": "weather",
      "reranker.model_name": "rerank-1",
      "reranker.input_documents.0.document.content": "a",
      "reranker.output_documents.0.document.content": "a",
      "reranker.output_documents.0.document.score": 0.9,
    });
    expect(ranked.model).toBe("rerank-1");
    expect([inputOf(ranked), outputOf(ranked)]).toEqual([[{ content: "a" }], [{ content: "a", score: 0.9 }]]);
    expect(attributesOf(ranked)["reranker.query"]).toBe("weather");
  });

  it("names vectors by number and size and keeps none", () => {
    const row = map({
      "openinference.span.kind": "EMBEDDING",
      "embedding.model_name": "text-embedding-3-small",
      "embedding.embeddings.0.embedding.text": "red",
      "embedding.embeddings.0.embedding.vector": [0.5, 0.25, 0.125],
      "embedding.embeddings.1.embedding.text": "green",
      "embedding.embeddings.1.embedding.vector": [0.5, 0.25, 0.125],
    });
    expect(row).toMatchObject({ type: "embedding", model: "text-embedding-3-small" });
    expect([inputOf(row), outputOf(row)]).toEqual([["red", "green"], { embeddings: 2, dimensions: 3 }]);
    expect(JSON.stringify(row)).not.toContain("0.125");
  });

  it("reads evaluations and annotations of span, trace and session as scores that are the same when sent again", () => {
    const attributes = {
      "session.id": "s",
      "evaluations.0.evaluation.name": "relevance",
      "evaluations.0.evaluation.score": 0.75,
      "evaluations.0.evaluation.label": "good",
      "evaluations.0.evaluation.explanation": "on topic",
      "annotations.0.annotation.name": "taste",
      "annotations.0.annotation.label": "fine",
      "annotations.0.annotation.annotator_kind": "HUMAN",
      "trace.evaluations.0.evaluation.name": "resolved",
      "trace.evaluations.0.evaluation.score": 1,
      "session.evaluations.0.evaluation.name": "happy",
      "session.evaluations.0.evaluation.score": 1,
      "evaluations.1.evaluation.name": "empty",
    };
    const { scores } = mapWithScores(attributes);
    const traceId = "0af7651916cd43dd8448eb211c80319c";
    const observationId = "0000000000000001";
    expect(scores).toMatchObject([
      { name: "relevance", value: 0.75, dataType: "NUMERIC", comment: "good: on topic", source: "EVAL", observationId },
      { name: "taste", dataType: "CATEGORICAL", stringValue: "fine", source: "ANNOTATION", observationId },
      { name: "resolved", value: 1, traceId, observationId: null },
      { name: "happy", traceId: null, sessionId: "s" },
    ]);
    expect(mapWithScores(attributes).scores).toEqual(scores);
    expect(new Set(scores.map((score) => score.id)).size).toBe(scores.length);
  });
});

describe("GenAI events", () => {
  it("reads the event with the details of an inference", () => {
    const row = map(
      { "gen_ai.operation.name": "chat" },
      {
        events: [
          event("gen_ai.client.inference.operation.details", {
            "gen_ai.system_instructions": '[{"type":"text","content":"Be brief."}]',
            "gen_ai.input.messages": '[{"role":"user","parts":[{"type":"text","content":"hi"}]}]',
            "gen_ai.output.messages": '[{"role":"assistant","parts":[{"type":"text","content":"yes"}]}]',
          }),
        ],
      },
    );
    expect(inputOf(row)).toEqual([
      { role: "system", parts: [{ type: "text", content: "Be brief." }] },
      { role: "user", parts: [{ type: "text", content: "hi" }] },
    ]);
    expect(outputOf(row)).toEqual([{ role: "assistant", parts: [{ type: "text", content: "yes" }] }]);
  });

  it("reads one event for each message, as up to 1.36, and one for all text, as up to 1.27", () => {
    const each = map(
      {},
      {
        events: [
          event("gen_ai.system.message", { content: "Be brief." }),
          event("gen_ai.user.message", { content: "hi" }),
          event("gen_ai.choice", { index: 0, finish_reason: "stop", message: '{"content":"yes"}' }),
        ],
      },
    );
    expect(inputOf(each)).toEqual([
      { role: "system", content: "Be brief." },
      { role: "user", content: "hi" },
    ]);
    expect(outputOf(each)).toEqual([{ role: "assistant", content: "yes", index: 0, finish_reason: "stop" }]);
    const all = map(
      {},
      {
        events: [
          event("gen_ai.content.prompt", { "gen_ai.prompt": '[{"role":"user","content":"hi"}]' }),
          event("gen_ai.content.completion", { "gen_ai.completion": "yes" }),
        ],
      },
    );
    expect([inputOf(all), outputOf(all)]).toEqual([[{ role: "user", content: "hi" }], "yes"]);
  });

  it("reads evaluation results as scores", () => {
    const { scores, observation } = mapWithScores(
      {},
      {
        events: [
          event("gen_ai.evaluation.result", {
            "gen_ai.evaluation.name": "Relevance",
            "gen_ai.evaluation.score.value": 4,
            "gen_ai.evaluation.score.label": "relevant",
            "gen_ai.evaluation.explanation": "it is",
          }),
          event("gen_ai.evaluation.result", {
            "gen_ai.evaluation.name": "Tone",
            "gen_ai.evaluation.score.label": "polite",
          }),
          event("gen_ai.evaluation.result", { "gen_ai.evaluation.name": "Nothing" }),
        ],
      },
    );
    expect(scores).toMatchObject([
      { name: "Relevance", dataType: "NUMERIC", value: 4, stringValue: null, comment: "relevant: it is" },
      { name: "Tone", dataType: "CATEGORICAL", value: null, stringValue: "polite", comment: null },
    ]);
    expect(scores[0]?.observationId).toBe(observation.id);
    expect(JSON.parse(observation.payload.events ?? "[]")).toHaveLength(3);
  });

  it("reads the drafted names after 1.41 as those before", () => {
    const usage = (name: string): unknown =>
      map({ "gen_ai.usage.input_tokens": 10, [`gen_ai.usage.${name}.input_tokens`]: 4 }).usage;
    expect(usage("cache_write")).toEqual({ input: 6, input_cache_creation: 4, total: 10 });
    expect(usage("cache_write")).toEqual(usage("cache_creation"));
  });
});

describe("Traceloop", () => {
  it("reads entities, whose values are JSON of any kind, and association properties", () => {
    const row = map(
      {
        "traceloop.span.kind": "workflow",
        "traceloop.workflow.name": "answer",
        "traceloop.entity.name": "answer",
        "traceloop.entity.input": '{"args":["x"],"kwargs":{}}',
        "traceloop.entity.output": '"done"',
        "traceloop.association.properties.user_id": "u",
        "traceloop.association.properties.session_id": "s",
        "traceloop.association.properties.plan": "free",
      },
      { name: "answer.workflow" },
    );
    expect(row).toMatchObject({
      type: "chain",
      traceName: "answer",
      userId: "u",
      sessionId: "s",
      payload: { input: '{"args":["x"],"kwargs":{}}', output: '"done"', metadata: '{"plan":"free"}' },
    });
    expect(map({ "traceloop.span.kind": "task" }).type).toBe("span");
  });

  it("reads the indexed messages and counts of its earlier releases", () => {
    const row = map({
      "llm.request.type": "chat",
      "gen_ai.system": "OpenAI",
      "gen_ai.request.model": "gpt-4o",
      "gen_ai.prompt.0.role": "user",
      "gen_ai.prompt.0.content": '[{"type":"text","text":"hi"}]',
      "gen_ai.prompt.1.role": "tool",
      "gen_ai.prompt.1.content": "[1]",
      "gen_ai.completion.0.role": "assistant",
      "gen_ai.completion.0.content": "yes",
      "gen_ai.completion.0.finish_reason": "stop",
      "gen_ai.completion.0.tool_calls.0.name": "weather",
      "gen_ai.usage.prompt_tokens": 10,
      "gen_ai.usage.completion_tokens": 3,
      "llm.usage.total_tokens": 13,
    });
    expect(row).toMatchObject({
      type: "generation",
      model: "gpt-4o",
      provider: "OpenAI",
      usage: { input: 10, output: 3, total: 13 },
    });
    expect(inputOf(row)).toEqual([
      { role: "user", content: [{ type: "text", text: "hi" }] },
      { role: "tool", content: "[1]" },
    ]);
    expect(outputOf(row)).toEqual({
      role: "assistant",
      content: "yes",
      finish_reason: "stop",
      tool_calls: [{ name: "weather" }],
    });
  });
});

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

describe("frameworks with names of their own", () => {
  it.each([
    [
      { "genkit:metadata:subtype": "model", "genkit:input": '"hi"', "genkit:output": '{"a":1}' },
      "generation",
      "hi",
      { a: 1 },
    ],
    [
      { "mlflow.spanType": '"CHAT_MODEL"', "mlflow.spanInputs": "[1]", "mlflow.spanOutputs": '"yes"' },
      "generation",
      [1],
      "yes",
    ],
    [
      { "gcp.vertex.agent.llm_request": "{}", "gcp.vertex.agent.tool_call_args": '{"x":1}', "gen_ai.tool.name": "t" },
      "tool",
      { x: 1 },
      null,
    ],
    [{ "lk.input_text": "hi", "lk.response.text": "yes" }, "span", "hi", "yes"],
    [{ prompt: "hi", all_messages_events: '[{"role":"user"}]' }, "span", "hi", [{ role: "user" }]],
    [{ tool_arguments: "{}", tool_response: "ok", "gen_ai.tool.name": "t" }, "tool", {}, "ok"],
    [
      {
        events:
          '[{"event.name":"gen_ai.user.message","content":"hi"},{"event.name":"gen_ai.choice","message":{"content":"yes"}}]',
      },
      "span",
      [{ role: "user", content: "hi" }],
      [{ role: "assistant", content: "yes" }],
    ],
  ])("reads %j", (attributes, type, input, output) => {
    const row = map(attributes);
    expect([row.type, inputOf(row), outputOf(row)]).toEqual([type, input, output]);
  });
});

describe("hostile attributes", () => {
  it("keeps values of a wrong type where it found them", () => {
    const odd = { "user.id": { a: "b" }, "gen_ai.request.model": ["x"], "llm.token_count.prompt": "many" };
    const row = map(odd);
    expect(row).toMatchObject({ userId: null, model: null, usage: null });
    expect(attributesOf(row)).toEqual(odd);
  });

  it("puts flattened lists together whatever their names say", () => {
    const row = map({
      "llm.input_messages.0.message.role": "user",
      "llm.input_messages.0.message.role.deeper": "x",
      "llm.input_messages.999999.__proto__.polluted": "yes",
      "llm.input_messages.99999999999.message.role": "user",
      "llm.input_messages.x.message.role": "user",
    });
    expect(inputOf(row)).toEqual([{ role: "user" }, JSON.parse('{"__proto__":{"polluted":"yes"}}')]);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
    expect(attributesOf(row)).toEqual({
      "llm.input_messages.0.message.role.deeper": "x",
      "llm.input_messages.99999999999.message.role": "user",
      "llm.input_messages.x.message.role": "user",
    });
  });
});
