import { describe, expect, it } from "vitest";
import { attributesOf, inputOf, map, mapWithScores, outputOf } from "../map-attributes.ts";

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
