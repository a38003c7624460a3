import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readInput, readOutput } from "../../src/exporters/conventions/gen-ai-messages.ts";

const messagesOf = (input: unknown): unknown => {
  const read = readInput(JSON.stringify(input));
  return read && JSON.parse(read.messages);
};
const answerOf = (output: unknown, reasons?: string[]): unknown => {
  const read = readOutput(JSON.stringify(output), reasons);
  return read && JSON.parse(read.messages);
};
const text = (content: string): object => ({ type: "text", content });

describe("one message of each provider", () => {
  test.each<[string, unknown, unknown]>([
    ["text alone", "hi", { role: "user", parts: [text("hi")] }],
    ["OpenAI text", [{ role: "user", content: "hi", name: "ada" }], { role: "user", parts: [text("hi")], name: "ada" }],
    ["a message without a list", { role: "user", content: "hi" }, { role: "user", parts: [text("hi")] }],
    [
      "OpenAI parts",
      [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "https://x.test/a.png", detail: "low" } },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
            { type: "input_audio", input_audio: { data: "BBBB", format: "wav" } },
            { type: "file", file: { file_id: "f1" } },
          ],
        },
      ],
      {
        role: "user",
        parts: [
          text("look"),
          { type: "uri", modality: "image", uri: "https://x.test/a.png", detail: "low" },
          { type: "blob", modality: "image", mime_type: "image/png", content: "AAAA" },
          { type: "blob", modality: "audio", mime_type: "audio/wav", content: "BBBB" },
          { type: "file", file: { file_id: "f1" } },
        ],
      },
    ],
    [
      "OpenAI tool calls, with arguments that broke off",
      [
        {
          role: "assistant",
          content: null,
          reasoning_content: "hm",
          tool_calls: [
            { id: "1", type: "function", function: { name: "f", arguments: '{"a":1}' } },
            { id: "2", type: "function", function: { name: "g", arguments: '{"a' } },
          ],
        },
      ],
      {
        role: "assistant",
        parts: [
          { type: "reasoning", content: "hm" },
          { type: "tool_call", id: "1", name: "f", arguments: { a: 1 } },
          { type: "tool_call", id: "2", name: "g", arguments: '{"a' },
        ],
      },
    ],
    [
      "OpenAI tool result",
      [{ role: "tool", tool_call_id: "1", content: "rain" }],
      { role: "tool", parts: [{ type: "tool_call_response", id: "1", response: "rain" }] },
    ],
    [
      "refusal",
      [{ role: "assistant", content: null, refusal: "no" }],
      { role: "assistant", parts: [{ type: "refusal", content: "no" }] },
    ],
    [
      "Anthropic",
      [
        {
          role: "user",
          content: [
            { type: "tool_result", tool_use_id: "t1", content: "rain", is_error: false },
            { type: "image", source: { type: "base64", media_type: "image/jpeg", data: "CCCC" } },
            { type: "document", source: { type: "url", url: "https://x.test/a.pdf" } },
          ],
        },
      ],
      {
        role: "user",
        parts: [
          { type: "tool_call_response", id: "t1", response: "rain", is_error: false },
          { type: "blob", modality: "image", mime_type: "image/jpeg", content: "CCCC" },
          { type: "uri", modality: "document", uri: "https://x.test/a.pdf" },
        ],
      },
    ],
    [
      "Anthropic answer",
      [
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "let me see", signature: "s" },
            { type: "tool_use", id: "t1", name: "f", input: { a: 1 } },
          ],
        },
      ],
      {
        role: "assistant",
        parts: [
          { type: "reasoning", content: "let me see", signature: "s" },
          { type: "tool_call", id: "t1", name: "f", arguments: { a: 1 } },
        ],
      },
    ],
    [
      "Gemini",
      [
        {
          role: "model",
          parts: [
            { text: "hm", thought: true },
            { text: "hi" },
            { functionCall: { name: "f", args: { a: 1 } } },
            { inlineData: { mimeType: "image/png", data: "DDDD" } },
          ],
        },
      ],
      {
        role: "assistant",
        parts: [
          { type: "reasoning", content: "hm" },
          text("hi"),
          { type: "tool_call", name: "f", arguments: { a: 1 } },
          { type: "blob", modality: "image", mime_type: "image/png", content: "DDDD" },
        ],
      },
    ],
    ["LangChain", [{ type: "human", content: "hi" }], { role: "user", parts: [text("hi")] }],
    [
      "LangChain tool call",
      [{ type: "ai", content: "", tool_calls: [{ id: "1", name: "f", args: { a: 1 }, type: "tool_call" }] }],
      { role: "assistant", parts: [{ type: "tool_call", id: "1", name: "f", arguments: { a: 1 } }] },
    ],
    ["the conventions' own", [{ role: "user", parts: [text("hi")] }], { role: "user", parts: [text("hi")] }],
    [
      "Responses items",
      [{ type: "function_call_output", call_id: "1", output: "rain" }],
      { role: "tool", parts: [{ type: "tool_call_response", id: "1", response: "rain" }] },
    ],
  ])("%s", (_, input, message) => {
    expect(messagesOf(input)).toEqual([message]);
  });
});

describe("what has not the shape of messages stays whole", () => {
  test.each<[string, unknown]>([
    ["an object", { question: "hi" }],
    ["a number", 42],
    ["nothing", null],
    ["an empty list", []],
    ["a list with something else in it", [{ role: "user", content: "hi" }, 42]],
    ["a user's record with a role", [{ role: "admin", rights: ["all"] }]],
    ["content of another kind", [{ role: "user", content: { a: 1 } }]],
    ["messages beside the application's own fields", { messages: [{ role: "user", content: "hi" }], context: "long" }],
  ])("%s", (_, input) => {
    expect(readInput(JSON.stringify(input))).toBeUndefined();
  });
});

test("instructions, tools and settings of a request", () => {
  const read = readInput(
    JSON.stringify({
      system: [{ type: "text", text: "Be brief.", cache_control: { type: "ephemeral" } }],
      messages: [{ role: "user", content: "hi" }],
      tools: [{ name: "f", description: "d", input_schema: { type: "object" } }],
      tool_choice: { type: "auto" },
    }),
  )!;
  expect(JSON.parse(read.system!)).toEqual([{ ...text("Be brief."), cache_control: { type: "ephemeral" } }]);
  expect(JSON.parse(read.tools!)).toEqual([
    { type: "function", name: "f", description: "d", parameters: { type: "object" } },
  ]);
  expect(read.rest).toEqual({ tool_choice: { type: "auto" } });
  expect(JSON.parse(read.messages)).toEqual([{ role: "user", parts: [text("hi")] }]);
});

describe("answers", () => {
  test("each choice is one message with its reason", () => {
    const output = [
      { role: "assistant", content: "a" },
      { role: "assistant", content: "b" },
    ];
    expect(answerOf(output, ["stop", "length"])).toEqual([
      { role: "assistant", parts: [text("a")], finish_reason: "stop" },
      { role: "assistant", parts: [text("b")], finish_reason: "length" },
    ]);
  });

  test("the items of a Responses answer are one choice", () => {
    const output = [
      { type: "reasoning", id: "r", summary: [{ type: "summary_text", text: "hm" }] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "hi", annotations: [] }] },
      { type: "function_call", call_id: "1", name: "f", arguments: "{}" },
    ];
    expect(answerOf(output)).toEqual([
      {
        role: "assistant",
        parts: [
          { type: "reasoning", id: "r", content: "hm" },
          { ...text("hi"), annotations: [] },
          { type: "tool_call", id: "1", name: "f", arguments: {} },
        ],
      },
    ]);
  });

  test("the blocks of an Anthropic answer are one choice", () => {
    expect(
      answerOf([
        { type: "text", text: "a" },
        { type: "tool_use", id: "1", name: "f", input: {} },
      ]),
    ).toEqual([{ role: "assistant", parts: [text("a"), { type: "tool_call", id: "1", name: "f", arguments: {} }] }]);
  });

  test("an answer of the application's own kind stays whole", () => {
    expect(answerOf({ score: 1 })).toBeUndefined();
  });
});

/** Close to messages, so that the readers' branches are met. */
const almostMessage = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 2, depthIdentifier: "payload" },
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("message"), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom("messages", "tools", "system", "input", "choices", "content"), tie("value")),
  ),
  message: fc.record(
    {
      role: fc.constantFrom("user", "assistant", "tool", "model", 7),
      type: fc.constantFrom("message", "human", "function_call", "reasoning", "tool_use", "text", null),
      content: tie("value"),
      parts: tie("value"),
      tool_calls: tie("value"),
      text: tie("value"),
      summary: tie("value"),
      image_url: tie("value"),
      source: tie("value"),
      functionCall: tie("value"),
      function: tie("value"),
    },
    { requiredKeys: [] },
  ),
})).value;

test("whatever the payload: never an exception, and what is made of it keeps the conventions' schema", () => {
  fc.assert(
    fc.property(almostMessage, (value) => {
      const json = JSON.stringify(value);
      for (const read of [readInput(json), readOutput(json, ["stop"])]) {
        if (!read) continue;
        for (const message of JSON.parse(read.messages) as { role?: unknown; parts?: unknown }[]) {
          expect(typeof message.role).toBe("string");
          expect(Array.isArray(message.parts)).toBe(true);
          for (const part of message.parts as { type?: unknown }[]) expect(typeof part.type).toBe("string");
        }
      }
    }),
    { numRuns: 500 },
  );
});
