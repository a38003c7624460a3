import type { ChatPart, MediaPart, TextPart, ToolCallPart } from "./chat.ts";
import { asString, isObject, type JsonObject, parseNested } from "./json.ts";
import { mediaKind, type MediaReference, parseMediaToken, splitMediaTokens } from "./media.ts";

/** A message's content, string or parts, of OpenAI (chat, Responses), Anthropic, AI SDK and GenAI-convention shape. */
export function readContent(content: unknown): ChatPart[] {
  if (content === null || content === undefined || content === "") return [];
  if (typeof content === "string") return readString(content);
  if (Array.isArray(content)) return content.flatMap(readPart);
  return readPart(content);
}

/** Text, cut where an attachment was taken out of it. */
export function readString(text: string): (TextPart | MediaPart)[] {
  return splitMediaTokens(text).flatMap((piece): (TextPart | MediaPart)[] => {
    if (typeof piece !== "string") return [referencePart(piece, piece.contentType)];
    if (piece === text) return [{ kind: "text", text }];
    // The space around what was taken out separates nothing any more.
    const rest = piece.trim();
    return rest === "" ? [] : [{ kind: "text", text: rest }];
  });
}

function readPart(part: unknown): ChatPart[] {
  if (typeof part === "string") return readString(part);
  if (!isObject(part)) return [{ kind: "json", value: part }];
  const type = asString(part["type"]);
  const read = type === null ? readGeminiPart(part) : (PART_READERS[type] ?? readUiTool(type))?.(part);
  if (read !== undefined && read !== null) return Array.isArray(read) ? read : [read];
  return [{ kind: "json", value: part }];
}

/** `null` means: not the shape this type should have, so show it as JSON. */
type PartReader = (part: JsonObject) => ChatPart | ChatPart[] | null;

const readText: PartReader = (part) => {
  const text = asString(part["text"]) ?? asString(part["content"]);
  return text === null ? null : readString(text);
};

const readReasoning: PartReader = (part) => {
  const text =
    firstString(part, ["text", "thinking", "reasoning", "content"]) ??
    summaryText(part["summary"]) ??
    REDACTED[typeOf(part)];
  return text === undefined || text === null ? null : { kind: "reasoning", text };
};

const readToolCall: PartReader = (part) => readFunctionCall(part);

const readToolResult: PartReader = (part) => ({
  kind: "tool-result",
  callId: firstString(part, ["tool_use_id", "toolCallId", "tool_call_id", "call_id", "id"]),
  name: firstString(part, ["name", "toolName"]),
  value: parseNested(unwrapOutput(firstPresent(part, ["content", "output", "result", "response"]))),
});

const readImage: PartReader = (part) => {
  const source = firstPresent(part, ["image_url", "image", "source", "url", "data"]);
  return mediaFrom("image", source, part);
};

const readAudio: PartReader = (part) =>
  mediaFrom("audio", firstPresent(part, ["input_audio", "audio", "source", "data"]), part);

const readFile: PartReader = (part) => {
  const type = firstString(part, ["mediaType", "mimeType", "media_type", "mime_type"]);
  const kind = type === null ? "file" : mediaKind(type);
  return mediaFrom(kind, firstPresent(part, ["file", "source", "data", "file_url", "url"]), part);
};

/** The GenAI conventions' bytes and addresses: the type says what they are. */
const readBlob: PartReader = (part) => {
  const type = firstString(part, ["mime_type", "mimeType", "mediaType"]) ?? `${asString(part["modality"]) ?? "file"}/*`;
  const kind = type.startsWith("image/") ? "image" : type.startsWith("audio/") ? "audio" : "file";
  return mediaFrom(kind, firstPresent(part, ["content", "data", "uri", "url", "file_id"]), part);
};

/** A link that an answer rests on. */
const readSource: PartReader = (part) => {
  const url = asString(part["url"]);
  return url === null ? null : { kind: "text", text: `[${asString(part["title"]) ?? url}](${url})` };
};

const REDACTED: Readonly<Record<string, string>> = {
  redacted_thinking: "[redacted by the provider]",
  "redacted-reasoning": "[redacted by the provider]",
};

const PART_READERS: Readonly<Record<string, PartReader>> = {
  text: readText,
  input_text: readText,
  output_text: readText,
  summary_text: readText,
  refusal: (part) => {
    const text = asString(part["refusal"]);
    return text === null ? null : { kind: "text", text };
  },
  reasoning: readReasoning,
  thinking: readReasoning,
  reasoning_text: readReasoning,
  redacted_thinking: readReasoning,
  "redacted-reasoning": readReasoning,
  image_url: readImage,
  input_image: readImage,
  image: readImage,
  input_audio: readAudio,
  audio: readAudio,
  file: readFile,
  input_file: readFile,
  document: readFile,
  media: readBlob,
  blob: readBlob,
  uri: readBlob,
  "source-url": readSource,
  // A boundary between steps: it says nothing by itself.
  "step-start": () => [],
  tool_use: readToolCall,
  tool_call: readToolCall,
  "tool-call": readToolCall,
  function: readToolCall,
  server_tool_use: readToolCall,
  mcp_tool_use: readToolCall,
  tool_result: readToolResult,
  "tool-result": readToolResult,
  tool_call_response: readToolResult,
  mcp_tool_result: readToolResult,
  web_search_tool_result: readToolResult,
  code_execution_tool_result: readToolResult,
};

/** AI SDK 5 and later: `tool-weather` and `dynamic-tool` hold a call and, once it is there, its result. */
function readUiTool(type: string): PartReader | undefined {
  if (type !== "dynamic-tool" && !type.startsWith("tool-")) return undefined;
  return (part) => {
    const callId = asString(part["toolCallId"]);
    const name = asString(part["toolName"]) ?? type.slice("tool-".length);
    const call: ToolCallPart = { kind: "tool-call", callId, name, arguments: parseNested(part["input"] ?? null) };
    const result = firstPresent(part, ["output", "errorText"]);
    return result === undefined ? call : [call, { kind: "tool-result", callId, name, value: unwrapOutput(result) }];
  };
}

/** AI SDK: `{ type: "json" | "text" | "error-text" | …, value }`. */
function unwrapOutput(output: unknown): unknown {
  if (!isObject(output) || !("value" in output)) return output;
  return /^(?:json|text|content|error-text|error-json)$/.test(asString(output["type"]) ?? "")
    ? output["value"]
    : output;
}

function typeOf(part: JsonObject): string {
  return asString(part["type"]) ?? "";
}

/** Gemini's parts have no type: the member that is there says what they are. */
function readGeminiPart(part: JsonObject): ChatPart | ChatPart[] | null {
  const { text, functionCall, functionResponse, inlineData, fileData } = part;
  if (typeof text === "string") return part["thought"] === true ? { kind: "reasoning", text } : readString(text);
  if (isObject(functionCall)) return readFunctionCall(functionCall);
  if (isObject(functionResponse)) {
    const name = asString(functionResponse["name"]);
    // Without an id a call and its response are told by the function's name.
    const callId = asString(functionResponse["id"]) ?? name;
    return { kind: "tool-result", callId, name, value: functionResponse["response"] };
  }
  if (isObject(inlineData)) return readBlob(inlineData);
  if (isObject(fileData)) return readBlob({ mimeType: fileData["mimeType"], uri: fileData["fileUri"] });
  return null;
}

/** A tool call in any of its spellings; `null` when it has no name. */
export function readFunctionCall(call: unknown): ToolCallPart | null {
  if (!isObject(call)) return null;
  const fn = isObject(call["function"]) ? call["function"] : isObject(call["custom"]) ? call["custom"] : call;
  const name = firstString(fn, ["name", "toolName"]);
  if (name === null) return null;
  return {
    kind: "tool-call",
    // Gemini's calls have no id, and are answered by name.
    callId: firstString(call, ["call_id", "toolCallId", "id"]) ?? ("args" in call && !("type" in call) ? name : null),
    name,
    arguments: parseNested(firstPresent(fn, ["arguments", "args", "input"]) ?? null),
  };
}

/** The text of a Responses reasoning item: a list of summary parts. */
export function summaryText(summary: unknown): string | null {
  if (!Array.isArray(summary)) return null;
  const texts = summary.map((part) => (isObject(part) ? asString(part["text"]) : null)).filter((text) => text !== null);
  return texts.length === 0 ? null : texts.join("\n\n");
}

/** Addresses come as a string, as `{ url }`, or as base64 with a media type; a reference token may stand for any of them. */
function mediaFrom(media: MediaPart["media"], source: unknown, part: JsonObject): MediaPart | null {
  const label = firstString(part, ["filename", "file_name", "name"]) ?? media;
  if (typeof source === "string") return mediaPart(media, source, part, label);
  if (!isObject(source)) return null;
  const named = firstString(source, ["filename", "file_id"]) ?? label;
  const address = firstString(source, ["url", "file_url"]) ?? firstString(source, ["data", "file_data"]);
  if (address === null) return { kind: "media", media, url: null, reference: null, label: named };
  return mediaPart(media, address, source, named);
}

function mediaPart(media: MediaPart["media"], address: string, holder: JsonObject, label: string): MediaPart {
  const reference = parseMediaToken(address);
  if (reference !== null) return referencePart(reference, label);
  return { kind: "media", media, url: mediaUrl(address, media, holder), reference: null, label };
}

/** How it is shown follows from its type, not from the part it was in. */
function referencePart(reference: MediaReference, label: string): MediaPart {
  return { kind: "media", media: mediaKind(reference.contentType), url: null, reference, label };
}

function mediaUrl(source: string, media: MediaPart["media"], holder: JsonObject): string | null {
  if (/^(data:|https?:)/i.test(source)) return source;
  // An id, or the name of a place that only the application knows.
  if (!/^[A-Za-z0-9+/_-]+=*$/.test(source)) return null;
  const format = asString(holder["format"]);
  const type =
    firstString(holder, ["media_type", "mediaType", "mime_type", "mimeType"]) ??
    (media === "audio" ? `audio/${format ?? "wav"}` : media === "image" ? "image/png" : "application/octet-stream");
  return `data:${type};base64,${source}`;
}

export function firstString(object: JsonObject, keys: readonly string[]): string | null {
  for (const key of keys) {
    const value = object[key];
    if (typeof value === "string") return value;
  }
  return null;
}

function firstPresent(object: JsonObject, keys: readonly string[]): unknown {
  for (const key of keys) if (object[key] !== undefined) return object[key];
  return undefined;
}
