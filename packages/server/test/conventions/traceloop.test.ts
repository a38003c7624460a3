import { describe, expect, it } from "vitest";
import { inputOf, map, outputOf } from "../map-attributes.ts";

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
