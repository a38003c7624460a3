import { NoChatError, fieldsOf, firstText, isFields, type Fields, type UserPart } from "./types.ts";

/** What a message is made of, whoever wrote it. */
export type Part =
  | UserPart
  | { type: "call"; id: string | undefined; name: string; arguments: unknown }
  | { type: "result"; id: string | undefined; name: string | undefined; content: unknown };

/** Thoughts, marks between steps and sources: no part of what was said. */
const LEFT_OUT =
  /^(thinking|redacted_thinking|reasoning|step-start|source|source-url|source-document|citation|data-.*)$/;

/** Reads one part of a message's content. @returns `null` for what is left out. @throws {NoChatError} for what cannot be said. */
export function readPart(part: unknown): Part | null {
  if (typeof part === "string") return { type: "text", text: part };
  if (!isFields(part)) throw new NoChatError("a part of a message is no object");
  const type = typeof part["type"] === "string" ? part["type"] : "";
  // Gemini's thoughts are texts with a mark.
  if (LEFT_OUT.test(type) || part["thought"] === true) return null;
  return readCall(part, type) ?? readResult(part, type) ?? readImage(part, type) ?? readText(part, type);
}

function readCall(part: Fields, type: string): Part | null {
  if (isFields(part["functionCall"])) {
    const call = part["functionCall"];
    return { type: "call", id: firstText(call["id"]), name: nameOf(call["name"]), arguments: call["args"] ?? {} };
  }
  // Responses API, Anthropic, AI SDK, LangChain and the GenAI conventions, in this order.
  if (!["function_call", "tool_use", "tool-call", "tool_call"].includes(type)) return null;
  const given = part["arguments"] ?? part["input"] ?? part["args"] ?? {};
  return {
    type: "call",
    id: firstText(part["call_id"], part["toolCallId"], part["id"]),
    name: nameOf(part["name"] ?? part["toolName"]),
    arguments: given,
  };
}

function readResult(part: Fields, type: string): Part | null {
  if (isFields(part["functionResponse"])) {
    const result = part["functionResponse"];
    return {
      type: "result",
      id: firstText(result["id"]),
      name: firstText(result["name"]),
      content: result["response"],
    };
  }
  if (!["function_call_output", "tool_result", "tool-result", "tool_call_response"].includes(type)) return null;
  return {
    type: "result",
    id: firstText(part["call_id"], part["tool_use_id"], part["toolCallId"], part["id"]),
    name: firstText(part["toolName"], part["name"]),
    content: plainResult(part["output"] ?? part["result"] ?? part["response"] ?? part["content"]),
  };
}

/** The AI SDK wraps a result with its kind; blocks of text are the text. */
export function plainResult(value: unknown): unknown {
  if (isFields(value) && ["text", "json", "error-text", "error-json"].includes(String(firstText(value["type"])))) {
    return value["value"] ?? value["text"] ?? value;
  }
  if (!Array.isArray(value) || value.length === 0) return value;
  const texts = (value as unknown[]).map((block) => firstText(fieldsOf(block)["text"]));
  return texts.every((text) => text !== undefined) ? texts.join("") : value;
}

function readImage(part: Fields, type: string): UserPart | null {
  const inline = fieldsOf(part["inlineData"] ?? part["inline_data"]);
  const file = fieldsOf(part["fileData"] ?? part["file_data"]);
  const source = fieldsOf(part["source"]);
  const mimeType = firstText(
    inline["mimeType"],
    inline["mime_type"],
    file["mimeType"],
    file["mime_type"],
    source["media_type"],
    part["mediaType"],
    part["mimeType"],
    part["mime_type"],
  );
  const isImage = ["image_url", "input_image", "image"].includes(type) || mimeType?.startsWith("image/") === true;
  if (!isImage) return null;
  const url = firstText(
    part["image_url"],
    fieldsOf(part["image_url"])["url"],
    source["url"],
    file["fileUri"],
    file["file_uri"],
    part["image"],
    part["url"],
    source["data"],
    inline["data"],
    part["data"],
  );
  if (url === undefined) throw new NoChatError("an image without its bytes or address");
  if (/^(https?|data):/i.test(url)) return { type: "image_url", image_url: { url } };
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(url)) throw new NoChatError("an image that is kept elsewhere");
  return { type: "image_url", image_url: { url: `data:${mimeType ?? "image/png"};base64,${url}` } };
}

function readText(part: Fields, type: string): UserPart {
  const text = firstText(part["text"], part["refusal"], type === "text" ? part["content"] : undefined);
  if (text === undefined) throw new NoChatError(`a part of type ${type || "unknown"}`);
  return { type: "text", text };
}

export function nameOf(value: unknown): string {
  if (typeof value === "string" && value !== "") return value;
  throw new NoChatError("a tool call without a name");
}
