import { describe, expect, it } from "vitest";
import { resultsByCallId } from "../src/model/chat.ts";
import { earlierCount, newMessages } from "../src/model/chat-delta.ts";
import { readChat } from "../src/model/read-chat.ts";

const said = (value: unknown, side: "input" | "output") =>
  readChat(value, side)?.messages.map(({ role, parts }) => [role, parts.map(({ kind }) => kind).join(" ")]);

describe("Gemini", () => {
  const request = {
    contents: [
      { role: "user", parts: [{ text: "Weather?" }, { inlineData: { mimeType: "image/png", data: "AAAA" } }] },
      {
        role: "model",
        parts: [{ text: "Hm", thought: true }, { functionCall: { name: "weather", args: { city: "Bern" } } }],
      },
      { role: "user", parts: [{ functionResponse: { name: "weather", response: { celsius: 12 } } }] },
    ],
    config: {
      systemInstruction: { parts: [{ text: "Be brief" }] },
      temperature: 0.2,
      tools: [{ functionDeclarations: [{ name: "weather", description: "Of a city" }, { name: "time" }] }],
    },
  };

  it("reads a request: instruction, roles, thoughts, calls and responses, paired by name", () => {
    expect(said(request, "input")).toEqual([
      ["system", "text"],
      ["user", "text media"],
      ["assistant", "reasoning tool-call"],
      ["user", "tool-result"],
    ]);
    const chat = readChat(request, "input")!;
    expect(chat.tools.map(({ name }) => name)).toEqual(["weather", "time"]);
    expect(chat.extra).toEqual({ config: { temperature: 0.2 } });
    expect(resultsByCallId(chat.messages).get("weather")?.value).toEqual({ celsius: 12 });
    expect(chat.messages[1]?.parts[1]).toMatchObject({ media: "image", url: "data:image/png;base64,AAAA" });
  });

  it("reads a response, and contents that are plain text", () => {
    const response = {
      candidates: [{ content: { role: "model", parts: [{ text: "12 °C" }] }, finishReason: "STOP" }],
      usageMetadata: { totalTokenCount: 9 },
    };
    expect(said(response, "output")).toEqual([["assistant", "text"]]);
    expect(readChat(response, "output")?.extra).toEqual({
      usageMetadata: { totalTokenCount: 9 },
      finishReason: ["STOP"],
    });
    expect(said({ model: "g", contents: ["Hi"] }, "input")).toEqual([["user", "text"]]);
  });
});

describe("Anthropic", () => {
  it("reads a response with thinking, text, tool use and a server's tools", () => {
    const response = {
      id: "msg_1",
      type: "message",
      role: "assistant",
      stop_reason: "tool_use",
      content: [
        { type: "thinking", thinking: "Let me see", signature: "x" },
        { type: "redacted_thinking", data: "…" },
        { type: "server_tool_use", id: "s1", name: "web_search", input: { query: "x" } },
        { type: "web_search_tool_result", tool_use_id: "s1", content: [{ title: "T" }] },
        { type: "text", text: "Done" },
      ],
    };
    expect(said(response, "output")).toEqual([["assistant", "reasoning reasoning tool-call tool-result text"]]);
    expect(readChat(response, "output")?.messages[0]?.extra).toEqual({ stop_reason: "tool_use" });
  });

  it("reads images by address and by bytes", () => {
    const content = [
      { type: "image", source: { type: "url", url: "https://example.com/a.png" } },
      { type: "image", source: { type: "base64", media_type: "image/webp", data: "AAAA" } },
    ];
    const [first, second] = readChat([{ role: "user", content }], "input")!.messages[0]!.parts;
    expect(first).toMatchObject({ media: "image", url: "https://example.com/a.png" });
    expect(second).toMatchObject({ media: "image", url: "data:image/webp;base64,AAAA" });
  });
});

describe("LangChain", () => {
  it("reads generations, with their messages or with text alone", () => {
    const kwargs = { content: "Hi", tool_calls: [{ name: "f", args: { a: 1 }, id: "c1", type: "tool_call" }] };
    const message = { lc: 1, type: "constructor", id: ["langchain_core", "messages", "AIMessage"], kwargs };
    expect(said({ generations: [[{ text: "Hi", message }]], llmOutput: { a: 1 } }, "output")).toEqual([
      ["assistant", "text tool-call"],
    ]);
    expect(said({ generations: [[{ text: "plain" }]] }, "output")).toEqual([["assistant", "text"]]);
  });

  it("reads the stored form and standard content blocks", () => {
    const content = [
      { type: "reasoning", reasoning: "Hm" },
      { type: "tool_call", name: "f", args: {}, id: "c" },
      { type: "text", text: "x" },
    ];
    expect(
      said(
        [
          { type: "human", data: { content: "Hi" } },
          { type: "ai", data: { content } },
        ],
        "input",
      ),
    ).toEqual([
      ["user", "text"],
      ["assistant", "reasoning tool-call text"],
    ]);
  });
});

describe("Vercel AI SDK", () => {
  it("reads messages of version 4 to 6: args or input, result or output", () => {
    const v4 = [
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "c1", toolName: "f", args: { a: 1 } }] },
      { role: "tool", content: [{ type: "tool-result", toolCallId: "c1", toolName: "f", result: { ok: true } }] },
    ];
    const v6 = [
      { role: "assistant", content: [{ type: "tool-call", toolCallId: "c1", toolName: "f", input: { a: 1 } }] },
      {
        role: "tool",
        content: [
          { type: "tool-result", toolCallId: "c1", toolName: "f", output: { type: "json", value: { ok: true } } },
        ],
      },
    ];
    for (const messages of [v4, v6]) {
      const chat = readChat(messages, "input")!;
      expect(chat.messages[0]?.parts[0]).toMatchObject({ name: "f", arguments: { a: 1 } });
      expect(resultsByCallId(chat.messages).get("c1")?.value).toEqual({ ok: true });
    }
  });

  it("reads UI messages: typed tools with their results, sources, files and step marks", () => {
    const parts = [
      { type: "step-start" },
      { type: "reasoning", text: "Hm" },
      { type: "tool-weather", toolCallId: "c1", state: "output-available", input: { city: "Bern" }, output: { c: 12 } },
      { type: "dynamic-tool", toolName: "mcp", toolCallId: "c2", state: "input-available", input: {} },
      { type: "source-url", url: "https://example.com", title: "Source" },
      { type: "file", mediaType: "image/png", url: "data:image/png;base64,AAAA" },
    ];
    const chat = readChat([{ id: "m", role: "assistant", parts }], "input")!;
    expect(chat.messages[0]?.parts.map(({ kind }) => kind)).toEqual([
      "reasoning",
      "tool-call",
      "tool-result",
      "tool-call",
      "text",
      "media",
    ]);
    expect(resultsByCallId(chat.messages).get("c1")?.value).toEqual({ c: 12 });
  });

  it("reads a step's result", () => {
    const result = {
      text: "Hi",
      reasoning: "Hm",
      toolCalls: [{ toolCallId: "c", toolName: "f", input: {} }],
      finishReason: "stop",
    };
    expect(said(result, "output")).toEqual([["assistant", "reasoning text tool-call"]]);
    expect(readChat(result, "output")?.extra).toEqual({ finishReason: "stop" });
  });

  it("reads the GenAI conventions' parts of version 7", () => {
    const parts = [
      { type: "text", content: "Look" },
      { type: "blob", modality: "image", mime_type: "image/png", content: "AAAA" },
      { type: "uri", mime_type: "audio/mpeg", uri: "https://example.com/a.mp3" },
      { type: "tool_call", id: "c", name: "f", arguments: { a: 1 } },
      { type: "tool_call_response", id: "c", response: "ok" },
    ];
    expect(readChat([{ role: "user", parts }], "input")?.messages[0]?.parts).toMatchObject([
      { kind: "text", text: "Look" },
      { kind: "media", media: "image", url: "data:image/png;base64,AAAA" },
      { kind: "media", media: "audio", url: "https://example.com/a.mp3" },
      { kind: "tool-call", arguments: { a: 1 } },
      { kind: "tool-result", callId: "c", value: "ok" },
    ]);
  });
});

describe("what is new in a turn", () => {
  const chat = (roles: string) =>
    readChat(
      roles.split(" ").map((role, index) => ({ role, content: `${index}` })),
      "input",
    )!.messages;

  it("folds what the model knew when it spoke last, and keeps that turn", () => {
    expect(earlierCount(chat("user assistant user assistant tool tool"))).toBe(3);
    expect(earlierCount(chat("user"))).toBe(0);
    expect(earlierCount(chat("user assistant user"))).toBe(0);
  });

  it("is what came after that, without instructions and tools' results", () => {
    expect(newMessages(chat("system user assistant tool user")).map(({ role }) => role)).toEqual(["user"]);
    expect(newMessages(chat("system user")).map(({ role }) => role)).toEqual(["user"]);
    expect(newMessages(chat("user assistant tool"))).toEqual([]);
  });
});
