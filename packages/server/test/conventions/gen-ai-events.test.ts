import { describe, expect, it } from "vitest";
import { inputOf, map, mapWithScores, outputOf } from "../map-attributes.ts";
import { attribute, NOW_NANOS } from "../otlp-messages.ts";

const event = (name: string, attributes: Record<string, unknown>): object => ({
  name,
  timeUnixNano: String(NOW_NANOS),
  attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
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

  it("reads parts and calls out of an event's attributes, which are text, and leaves out what all of them repeat", () => {
    const row = map(
      {},
      {
        events: [
          event("gen_ai.user.message", { content: '[{"text":"hi"}]', "gen_ai.system": "aws.bedrock" }),
          event("gen_ai.assistant.message", { tool_calls: '[{"id":"c","function":{"name":"f"}}]' }),
          event("gen_ai.tool.message", { content: "[1, 2]", id: "c" }),
          event("gen_ai.choice", { message: '[{"text":"yes"}]', finish_reason: "end_turn", "gen_ai.system": "x" }),
        ],
      },
    );
    expect(inputOf(row)).toEqual([
      { role: "user", content: [{ text: "hi" }] },
      { role: "assistant", tool_calls: [{ id: "c", function: { name: "f" } }] },
      { role: "tool", content: "[1, 2]", id: "c" },
    ]);
    expect(outputOf(row)).toEqual([{ role: "assistant", content: [{ text: "yes" }], finish_reason: "end_turn" }]);
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
