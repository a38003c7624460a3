import { describe, expect, it } from "vitest";
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
