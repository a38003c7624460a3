import { describe, expect, it } from "vitest";
import { isPairedResult, resultsByCallId, toolCallIds } from "../src/model/chat.ts";
import { readChat } from "../src/model/read-chat.ts";

describe("readChat: OpenAI chat", () => {
  const call = { id: "call_1", type: "function", function: { name: "weather", arguments: '{"city":"Bern"}' } };

  it("reads a request with tools", () => {
    const chat = readChat(
      {
        messages: [{ role: "user", content: "Hi" }],
        tools: [{ type: "function", function: { name: "weather" } }],
        seed: 7,
      },
      "input",
    );
    expect(chat?.messages).toEqual([{ role: "user", name: null, parts: [{ kind: "text", text: "Hi" }], extra: null }]);
    expect(chat?.tools.map((tool) => tool.name)).toEqual(["weather"]);
    expect(chat?.extra).toEqual({ seed: 7 });
  });

  it("reads tool calls with parsed arguments, and pairs them with their results by id", () => {
    const chat = readChat(
      [
        { role: "assistant", content: null, tool_calls: [call] },
        { role: "tool", tool_call_id: "call_1", content: '{"celsius":12}' },
      ],
      "input",
    );
    const messages = chat?.messages ?? [];
    expect(messages[0]?.parts).toEqual([
      { kind: "tool-call", callId: "call_1", name: "weather", arguments: { city: "Bern" } },
    ]);
    expect(resultsByCallId(messages).get("call_1")?.value).toEqual({ celsius: 12 });
    const [assistant, tool] = messages;
    const callIds = toolCallIds(messages);
    expect(tool && isPairedResult(tool, callIds)).toBe(true);
    expect(assistant && isPairedResult(assistant, callIds)).toBe(false);
  });

  it("keeps arguments that are cut JSON as text", () => {
    const cut = { ...call, function: { name: "weather", arguments: '{"city":"Be' } };
    const chat = readChat({ role: "assistant", tool_calls: [cut] }, "output");
    expect(chat?.messages[0]?.parts[0]).toMatchObject({ kind: "tool-call", arguments: '{"city":"Be' });
  });

  it("reads a response with choices and keeps the other fields", () => {
    const response = {
      id: "chatcmpl-1",
      choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: "Yes" } }],
    };
    const chat = readChat(response, "output");
    expect(chat?.messages[0]?.parts).toEqual([{ kind: "text", text: "Yes" }]);
    expect(chat?.extra).toEqual({ id: "chatcmpl-1", finish_reason: "stop" });
  });

  it("reads parts, shows an unknown one as JSON and drops none", () => {
    const hologram = { type: "hologram", data: 1 };
    const content = [
      { type: "text", text: "Look" },
      { type: "image_url", image_url: { url: "https://example.com/a.png" } },
      hologram,
    ];
    expect(readChat([{ role: "user", content }], "input")?.messages[0]?.parts).toEqual([
      { kind: "text", text: "Look" },
      { kind: "media", media: "image", url: "https://example.com/a.png", reference: null, label: "image" },
      { kind: "json", value: hologram },
    ]);
  });

  it("keeps a message's unknown fields", () => {
    expect(readChat([{ role: "assistant", content: "x", logprobs: [1] }], "output")?.messages[0]?.extra).toEqual({
      logprobs: [1],
    });
  });
});

describe("readChat: attachments that travelled apart", () => {
  const id = "qW-3_hZr0aB1cD2eF3gH4i";
  const token = (type: string) => `@@@langfuseMedia:type=${type}|id=${id}|source=base64_data_uri@@@`;
  const parts = (content: unknown) => readChat([{ role: "user", content }], "input")?.messages[0]?.parts;
  const media = (kind: string, contentType: string, label: string) => ({
    kind: "media",
    media: kind,
    url: null,
    reference: { id, contentType },
    label,
  });

  it("reads a token as the address of an image part", () => {
    expect(parts([{ type: "image_url", image_url: { url: token("image/png") } }])).toEqual([
      media("image", "image/png", "image"),
    ]);
    expect(parts([{ type: "input_image", image_url: token("image/webp") }])).toEqual([
      media("image", "image/webp", "image"),
    ]);
  });

  it("reads a token as base64 data, with the file's name", () => {
    const file = { filename: "report.pdf", file_data: token("application/pdf") };
    expect(parts([{ type: "file", file }])).toEqual([media("file", "application/pdf", "report.pdf")]);
    expect(parts([{ type: "image", source: { type: "base64", data: token("image/jpeg") } }])).toEqual([
      media("image", "image/jpeg", "image"),
    ]);
  });

  it("goes by the token's type, not by the part's: an SVG is no image to show", () => {
    expect(parts([{ type: "image_url", image_url: { url: token("image/svg+xml") } }])).toEqual([
      media("file", "image/svg+xml", "image"),
    ]);
  });

  it("cuts text at the tokens in it", () => {
    expect(parts(`Listen: ${token("audio/wav")}`)).toEqual([
      { kind: "text", text: "Listen:" },
      media("audio", "audio/wav", "audio/wav"),
    ]);
    expect(parts([{ type: "text", text: token("image/png") }])).toEqual([media("image", "image/png", "image/png")]);
  });

  it("takes a token with a wrong id for what it is: text that names no place", () => {
    const broken = token("image/png").replace(id, "../../../../etc/passwd");
    expect(parts([{ type: "image_url", image_url: { url: broken } }])).toEqual([
      { kind: "media", media: "image", url: null, reference: null, label: "image" },
    ]);
  });
});

describe("readChat: OpenAI Responses", () => {
  it("reads instructions and items", () => {
    const chat = readChat(
      { instructions: "Be brief", input: [{ role: "user", content: [{ type: "input_text", text: "Hi" }] }] },
      "input",
    );
    expect(chat?.messages.map((message) => message.role)).toEqual(["system", "user"]);
  });

  it("joins reasoning, calls and text of one turn, and reads call outputs", () => {
    const chat = readChat(
      {
        output: [
          { type: "reasoning", id: "rs_1", summary: [{ type: "summary_text", text: "Think" }] },
          { type: "function_call", call_id: "c1", name: "f", arguments: "{}" },
          { type: "message", role: "assistant", content: [{ type: "output_text", text: "Done" }] },
          { type: "function_call_output", call_id: "c1", output: "[1]" },
        ],
      },
      "output",
    );
    expect(chat?.messages.map((message) => message.parts.map((part) => part.kind))).toEqual([
      ["reasoning", "tool-call", "text"],
      ["tool-result"],
    ]);
  });

  it("shows a built-in tool's item as JSON", () => {
    const item = { type: "web_search_call", id: "ws_1", status: "completed" };
    expect(readChat([item], "output")?.messages[0]?.parts).toEqual([{ kind: "json", value: item }]);
  });
});

describe("readChat: other shapes", () => {
  it("takes a plain string as one message of the side it is on", () => {
    expect(readChat("Hi", "input")?.messages[0]?.role).toBe("user");
    expect(readChat("Hi", "output")?.messages[0]?.role).toBe("assistant");
  });

  it("reads chat that was recorded as JSON text", () => {
    expect(readChat('[{"role":"user","content":"Hi"}]', "input")?.messages[0]?.parts).toEqual([
      { kind: "text", text: "Hi" },
    ]);
  });

  it("reads LangChain's serialised messages", () => {
    const message = {
      lc: 1,
      type: "constructor",
      id: ["langchain_core", "messages", "HumanMessage"],
      kwargs: { content: "Hi" },
    };
    expect(readChat([[message]], "input")?.messages[0]).toMatchObject({
      role: "user",
      parts: [{ kind: "text", text: "Hi" }],
    });
  });

  it("reads tool use and results as content parts", () => {
    const chat = readChat(
      [
        { role: "assistant", content: [{ type: "tool_use", id: "t1", name: "f", input: { a: 1 } }] },
        { role: "user", content: [{ type: "tool_result", tool_use_id: "t1", content: "ok" }] },
      ],
      "input",
    );
    expect(resultsByCallId(chat?.messages ?? []).get("t1")?.value).toBe("ok");
  });

  it("keeps a conversation that the SDK cut in the middle, with its marker", () => {
    const cut = [{ role: "user", content: "first" }, "… 3,000 more items", { role: "user", content: "last" }];
    expect(readChat({ messages: cut }, "input")?.messages.map(({ role }) => role)).toEqual(["user", "note", "user"]);
    expect(readChat(["only", "texts"], "input")).toBeNull();
  });

  it.each([{ question: "Hi" }, [1, 2], [], 3, null, true, [{ role: "user", content: "x" }, 5], { messages: "none" }])(
    "leaves %j to the JSON viewer",
    (value) => {
      expect(readChat(value, "input")).toBeNull();
    },
  );
});
