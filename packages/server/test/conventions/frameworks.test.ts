import { describe, expect, it } from "vitest";
import { decodeOtlpJson } from "../../src/ingest/otlp-json.ts";
import { mapSpan } from "../../src/mapping/map-span.ts";
import { toOtlpLine } from "../../src/query/export/otlp.ts";
import { attributesOf, inputOf, map, outputOf } from "../map-attributes.ts";

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
    [{ prompt: "hi", all_messages_events: '[{"role":"user"}]' }, "agent", "hi", [{ role: "user" }]],
    [{ "pydantic_ai.all_messages": "[1]", final_result: "yes", "gen_ai.request.model": "gpt-4o" }, "agent", [1], "yes"],
    [{ request_data: '{"model":"gpt-4o"}', response_data: '{"a":1}' }, "span", { model: "gpt-4o" }, { a: 1 }],
    [
      {
        "mastra.span.type": "agent_run",
        "mastra.agent_run.input": '[{"role":"user"}]',
        "mastra.agent_run.output": '{"text":"yes"}',
      },
      "agent",
      [{ role: "user" }],
      { text: "yes" },
    ],
    [
      {
        "braintrust.span_attributes": '{"type":"llm"}',
        "braintrust.input_json": '[{"role":"user"}]',
        "braintrust.output_json": "[1]",
      },
      "generation",
      [{ role: "user" }],
      [1],
    ],
    [
      { "langsmith.span.kind": "llm", "gen_ai.prompt": '{"messages":[]}', "gen_ai.completion": "yes" },
      "generation",
      { messages: [] },
      "yes",
    ],
    [
      { "haystack.component.type": "InMemoryBM25Retriever", "haystack.component.input": '{"query":"hi"}' },
      "retriever",
      { query: "hi" },
      null,
    ],
    [{ "haystack.pipeline.input_data": "{}", "haystack.pipeline.output_data": "[]" }, "span", {}, []],
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

describe("usage, cost and model under names of their own", () => {
  const SPLIT = { input: 6, input_cached_tokens: 4, output: 3, output_reasoning_tokens: 2, total: 15 };

  it.each([
    [
      "MLflow",
      {
        "mlflow.chat.tokenUsage": '{"input_tokens":10,"output_tokens":5,"total_tokens":15,"cache_read_input_tokens":4}',
        "mlflow.llm.model": '"gpt-4o"',
        "mlflow.llm.provider": '"openai"',
        "mlflow.llm.cost": '{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}',
      },
      { input: 6, input_cached_tokens: 4, output: 5, total: 15 },
      { total: 0.3 },
    ],
    [
      "Braintrust",
      {
        "braintrust.metadata": '{"model":"gpt-4o","provider":"openai"}',
        "braintrust.metrics":
          '{"prompt_tokens":10,"completion_tokens":5,"tokens":15,"prompt_cached_tokens":4,"completion_reasoning_tokens":2}',
      },
      SPLIT,
      null,
    ],
    [
      "Haystack",
      {
        "haystack.component.output": JSON.stringify({
          replies: [
            {
              meta: {
                model: "gpt-4o",
                usage: {
                  prompt_tokens: 10,
                  completion_tokens: 5,
                  total_tokens: 15,
                  prompt_tokens_details: { cached_tokens: 4 },
                  completion_tokens_details: { reasoning_tokens: 2 },
                },
              },
            },
          ],
        }),
      },
      SPLIT,
      null,
    ],
    [
      "Mastra",
      {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.cached_input_tokens": 4,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.reasoning_tokens": 2,
      },
      SPLIT,
      null,
    ],
    [
      "LiteLLM",
      { "gen_ai.request.model": "gpt-4o", "gen_ai.usage.prompt_tokens": 10, "gen_ai.cost.total_cost": 0.25 },
      { input: 10, total: 10 },
      { total: 0.25 },
    ],
    [
      "LiteLLM without a price",
      { "gen_ai.request.model": "gpt-4o", "gen_ai.usage.prompt_tokens": 10, "gen_ai.cost.total_cost": 0 },
      { input: 10, total: 10 },
      null,
    ],
    [
      "Pydantic AI",
      { "gen_ai.request.model": "gpt-4o", "gen_ai.usage.input_tokens": 10, "operation.cost": 0.5 },
      { input: 10, total: 10 },
      { total: 0.5 },
    ],
    [
      "Google ADK before 2.3, which counts thoughts beside the output",
      {
        "gen_ai.request.model": "gpt-4o",
        "gen_ai.usage.input_tokens": 10,
        "gen_ai.usage.output_tokens": 5,
        "gen_ai.usage.experimental.reasoning_tokens": 3,
      },
      { input: 10, output: 5, output_reasoning_tokens: 3, total: 18 },
      null,
    ],
  ])("reads those of %s", (_, attributes, usage, cost) => {
    expect(map(attributes)).toMatchObject({ model: "gpt-4o", usage, cost });
  });

  it("keeps what it read a member of", () => {
    const odd = { "braintrust.metrics": "[1]", "mlflow.llm.cost": '{"total_cost":"free"}', "mlflow.llm.model": "{}" };
    const row = map(odd);
    expect(row).toMatchObject({ usage: null, cost: null });
    expect(attributesOf(row)).toEqual({ "braintrust.metrics": "[1]", "mlflow.llm.cost": '{"total_cost":"free"}' });
  });
});

describe("names of spans", () => {
  it.each([
    [
      "Chat with {model!r}",
      { "logfire.msg_template": "Chat with {model!r}", "logfire.msg": "Chat with 'gpt-4o'" },
      "Chat with 'gpt-4o'",
    ],
    ["mine", { "logfire.msg_template": "Chat with {model!r}", "logfire.msg": "Chat with 'gpt-4o'" }, "mine"],
    ["haystack.component.run", { "haystack.component.name": "llm" }, "llm"],
    ["haystack.component.run", { "haystack.component.name": "" }, "haystack.component.run"],
  ])("shows %s as a person would read it", (name, attributes, shown) => {
    expect(map(attributes, { name }).name).toBe(shown);
  });

  it("keeps a second name of a tool under the name that it came with, also over an export", () => {
    const row = map({ "gen_ai.tool.name": "a", "ai.toolCall.name": 5 }, { name: "" });
    const [again] = decodeOtlpJson(Buffer.from(toOtlpLine(row))).spans.map((read) => mapSpan(read).observation);
    for (const read of [row, again]) {
      expect(read?.name).toBe("a");
      expect(read && attributesOf(read)).toEqual({ "ai.toolCall.name": 5 });
    }
  });

  it("reads LangSmith's names of the trace, its tags and its thread", () => {
    const row = map({
      "langsmith.trace.name": "answer",
      "langsmith.span.tags": "a, b",
      "langsmith.metadata.thread_id": "t1",
      "langsmith.metadata.region": "eu",
    });
    expect(row).toMatchObject({ traceName: "answer", tags: ["a", "b"], sessionId: "t1" });
    expect(JSON.parse(row.payload.metadata ?? "null")).toEqual({ region: "eu" });
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
