import { describe, expect, it } from "vitest";
import { toExample } from "../../src/datasets/fine-tuning/example.ts";

const SCHEMA = { type: "object", properties: { city: { type: "string" } } };
const TOOL = { type: "function", function: { name: "weather", description: "tells it", parameters: SCHEMA } };
const PNG = "iVBORw0KGgo=";

/** One conversation with a call, its result and an answer, as each provider and framework writes it. */
const EXPECTED = {
  messages: [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Weather in Oslo?" },
    {
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
    },
    { role: "tool", tool_call_id: "c1", content: '{"celsius":3}' },
    { role: "assistant", content: "3 degrees." },
  ],
  tools: [TOOL],
};

const CASES: Record<string, [input: unknown, output: unknown]> = {
  "OpenAI chat": [
    {
      messages: [
        { role: "developer", content: "Be brief." },
        { role: "user", content: [{ type: "text", text: "Weather in Oslo?" }] },
        {
          role: "assistant",
          content: null,
          tool_calls: [{ id: "c1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
        },
        { role: "tool", tool_call_id: "c1", content: '{"celsius":3}' },
      ],
      tools: [TOOL, { type: "web_search" }],
    },
    { role: "assistant", content: "3 degrees." },
  ],
  "OpenAI chat, a whole answer": [
    {
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "Weather in Oslo?" },
        { role: "assistant", content: "", function_call: { name: "weather", arguments: '{"city":"Oslo"}' } },
        { role: "function", name: "weather", content: '{"celsius":3}' },
      ],
      functions: [TOOL.function],
    },
    { id: "x", choices: [{ index: 0, message: { role: "assistant", content: "3 degrees." } }, { index: 1 }] },
  ],
  "OpenAI responses": [
    {
      instructions: "Be brief.",
      input: [
        { role: "user", content: [{ type: "input_text", text: "Weather in Oslo?" }] },
        { type: "reasoning", summary: [] },
        { type: "function_call", id: "fc", call_id: "c1", name: "weather", arguments: '{"city":"Oslo"}' },
        { type: "function_call_output", call_id: "c1", output: '{"celsius":3}' },
      ],
      tools: [{ type: "function", ...TOOL.function }],
    },
    [
      { type: "reasoning", summary: [] },
      { type: "message", role: "assistant", content: [{ type: "output_text", text: "3 degrees." }] },
    ],
  ],
  Anthropic: [
    {
      system: [{ type: "text", text: "Be brief." }],
      messages: [
        { role: "user", content: "Weather in Oslo?" },
        {
          role: "assistant",
          content: [
            { type: "thinking", thinking: "hm", signature: "s" },
            { type: "tool_use", id: "c1", name: "weather", input: { city: "Oslo" } },
          ],
        },
        {
          role: "user",
          content: [{ type: "tool_result", tool_use_id: "c1", content: [{ type: "text", text: '{"celsius":3}' }] }],
        },
      ],
      tools: [
        { name: "weather", description: "tells it", input_schema: SCHEMA },
        { type: "web_search_20250305", name: "web_search", max_uses: 1 },
      ],
    },
    { type: "message", role: "assistant", content: [{ type: "text", text: "3 degrees." }], stop_reason: "end_turn" },
  ],
  Gemini: [
    {
      systemInstruction: { parts: [{ text: "Be brief." }] },
      contents: [
        { role: "user", parts: [{ text: "Weather in Oslo?" }] },
        { role: "model", parts: [{ functionCall: { id: "c1", name: "weather", args: { city: "Oslo" } } }] },
        { role: "user", parts: [{ functionResponse: { name: "weather", response: { celsius: 3 } } }] },
      ],
      tools: [
        {
          functionDeclarations: [
            {
              name: "weather",
              description: "tells it",
              parameters: { type: "OBJECT", properties: { city: { type: "STRING" } } },
            },
          ],
        },
        { googleSearch: {} },
      ],
    },
    { candidates: [{ content: { role: "model", parts: [{ thought: true, text: "hm" }, { text: "3 degrees." }] } }] },
  ],
  "LangChain, serialised": [
    {
      messages: [
        [
          {
            lc: 1,
            type: "constructor",
            id: ["langchain_core", "messages", "SystemMessage"],
            kwargs: { content: "Be brief." },
          },
          {
            lc: 1,
            type: "constructor",
            id: ["langchain_core", "messages", "HumanMessage"],
            kwargs: { content: "Weather in Oslo?" },
          },
          {
            lc: 1,
            type: "constructor",
            id: ["langchain_core", "messages", "AIMessage"],
            kwargs: {
              content: [{ type: "tool_use", id: "c1", name: "weather", input: { city: "Oslo" } }],
              tool_calls: [{ id: "c1", name: "weather", args: { city: "Oslo" }, type: "tool_call" }],
            },
          },
          {
            lc: 1,
            type: "constructor",
            id: ["langchain_core", "messages", "ToolMessage"],
            kwargs: { content: '{"celsius":3}', tool_call_id: "c1" },
          },
        ],
      ],
      tools: [TOOL],
    },
    { generations: [[{ text: "3 degrees.", message: { type: "ai", data: { content: "3 degrees." } } }]] },
  ],
  "LangGraph's state": [
    {
      messages: [
        { type: "system", content: "Be brief." },
        { type: "human", content: "Weather in Oslo?" },
      ],
      tools: [TOOL],
    },
    {
      messages: [
        { type: "system", content: "Be brief." },
        { type: "human", content: "Weather in Oslo?" },
        { type: "ai", content: "", tool_calls: [{ id: "c1", name: "weather", args: { city: "Oslo" } }] },
        { type: "tool", content: '{"celsius":3}', tool_call_id: "c1" },
        { type: "ai", content: "3 degrees." },
      ],
    },
  ],
  "AI SDK": [
    {
      system: "Be brief.",
      messages: [
        { role: "user", content: [{ type: "text", text: "Weather in Oslo?" }] },
        {
          role: "assistant",
          content: [{ type: "tool-call", toolCallId: "c1", toolName: "weather", input: { city: "Oslo" } }],
        },
        {
          role: "tool",
          content: [
            {
              type: "tool-result",
              toolCallId: "c1",
              toolName: "weather",
              output: { type: "json", value: { celsius: 3 } },
            },
          ],
        },
      ],
      tools: { weather: { description: "tells it", inputSchema: { jsonSchema: SCHEMA } } },
    },
    { text: "3 degrees.", toolCalls: [], finishReason: "stop" },
  ],
  "AI SDK, messages for user interfaces": [
    {
      system: "Be brief.",
      tools: [{ type: "function", name: "weather", description: "tells it", inputSchema: SCHEMA }],
      messages: [
        { id: "1", role: "user", parts: [{ type: "text", text: "Weather in Oslo?" }] },
        {
          id: "2",
          role: "assistant",
          parts: [
            { type: "step-start" },
            {
              type: "tool-weather",
              toolCallId: "c1",
              state: "output-available",
              input: { city: "Oslo" },
              output: { celsius: 3 },
            },
            { type: "step-start" },
            { type: "text", text: "3 degrees." },
          ],
        },
      ],
    },
    null,
  ],
  "GenAI conventions": [
    {
      messages: [
        { role: "system", parts: [{ type: "text", content: "Be brief." }] },
        { role: "user", parts: [{ type: "text", content: "Weather in Oslo?" }] },
        { role: "assistant", parts: [{ type: "tool_call", id: "c1", name: "weather", arguments: { city: "Oslo" } }] },
        { role: "tool", parts: [{ type: "tool_call_response", id: "c1", response: { celsius: 3 } }] },
      ],
      tools: [TOOL],
    },
    [{ role: "assistant", parts: [{ type: "text", content: "3 degrees." }], finish_reason: "stop" }],
  ],
};

describe("a fine-tuning example", () => {
  it.each(Object.entries(CASES))("of %s", (name, [input, output]) => {
    const example = toExample(input, output);
    // A generation before ids of calls named none.
    const expected =
      name === "OpenAI chat, a whole answer"
        ? JSON.parse(JSON.stringify(EXPECTED).replaceAll('"c1"', '"call_1"'))
        : EXPECTED;
    expect(example).toEqual(expected);
  });

  it.each<[string, unknown]>([
    ["OpenAI", { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}`, detail: "low" } }],
    ["OpenAI responses", { type: "input_image", image_url: `data:image/png;base64,${PNG}` }],
    ["Anthropic", { type: "image", source: { type: "base64", media_type: "image/png", data: PNG } }],
    ["Gemini", { inlineData: { mimeType: "image/png", data: PNG } }],
    ["AI SDK", { type: "image", image: PNG, mediaType: "image/png" }],
    ["AI SDK, a file", { type: "file", data: PNG, mediaType: "image/png" }],
  ])("keeps a picture of %s", (_, part) => {
    const example = toExample([{ role: "user", content: [{ type: "text", text: "what?" }, part] }], "a cat");
    expect(example.messages[0]).toEqual({
      role: "user",
      content: [
        { type: "text", text: "what?" },
        { type: "image_url", image_url: { url: `data:image/png;base64,${PNG}` } },
      ],
    });
  });

  it("ends with what the assistant calls, too", () => {
    const output = { toolCalls: [{ toolCallId: "c", toolName: "weather", input: { city: "Oslo" } }], text: "" };
    expect(toExample([{ role: "user", content: "q" }], output).messages.at(-1)).toEqual({
      role: "assistant",
      content: null,
      tool_calls: [{ id: "c", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } }],
    });
  });

  it("gives a call without arguments none", () => {
    const output = { tool_calls: [{ id: "c", type: "function", function: { name: "now", arguments: "" } }] };
    expect(toExample([{ role: "user", content: "q" }], output).messages.at(-1)).toMatchObject({
      tool_calls: [{ function: { name: "now", arguments: "{}" } }],
    });
  });

  it.each<[string, unknown, unknown]>([
    ["a text", "question", "answer"],
    ["a chain's input", { input: "question" }, { output: "answer" }],
    ["a list of texts, to be embedded", ["a", "b"], [[0.1]]],
    ["documents", [{ pageContent: "x", metadata: {} }], "answer"],
    ["no answer", { messages: [{ role: "user", content: "q" }] }, null],
    ["an answer that is no message", [{ role: "user", content: "q" }], { score: 1 }],
    ["no user", [{ role: "system", content: "s" }], "answer"],
    ["audio", [{ role: "user", content: [{ type: "input_audio", input_audio: { data: "" } }] }], "answer"],
    [
      "a file that is kept elsewhere",
      [{ role: "user", content: [{ type: "image", image: "@@@langfuseMedia:x@@@" }] }],
      "a",
    ],
    [
      "a result without its call",
      [
        { role: "user", content: "q" },
        { role: "tool", tool_call_id: "x", content: "r" },
      ],
      "a",
    ],
    [
      "a call without its result",
      [
        { role: "user", content: "q" },
        {
          role: "assistant",
          content: null,
          tool_calls: [
            { id: "x", type: "function", function: { name: "f", arguments: "{}" } },
            { id: "y", type: "function", function: { name: "f", arguments: "{}" } },
          ],
        },
        { role: "tool", tool_call_id: "y", content: "r" },
      ],
      "a",
    ],
    [
      "a call whose arguments were cut off",
      [{ role: "user", content: "q" }],
      { tool_calls: [{ id: "x", type: "function", function: { name: "f", arguments: '{"city":"Os' } }] },
    ],
    [
      "two calls under one id",
      [{ role: "user", content: "q" }],
      { tool_calls: ["f", "g"].map((name) => ({ id: "x", type: "function", function: { name, arguments: "{}" } })) },
    ],
    ["an answer that says nothing", [{ role: "user", content: "q" }], ""],
    ["nothing", null, null],
    ["a number", 1, 2],
  ])("is not made of %s", (_, input, output) => {
    expect(() => toExample(input, output)).toThrow(expect.objectContaining({ name: "NoChatError" }));
  });
});
