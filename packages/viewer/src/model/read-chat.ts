import type { Chat, ChatMessage, ChatPart } from "./chat.ts";
import { firstString, readContent, readFunctionCall, readString, summaryText } from "./chat-parts.ts";
import { readForeignEnvelope } from "./read-envelopes.ts";
import { readTools } from "./read-tools.ts";
import { asString, isObject, type JsonObject, parseNested } from "./json.ts";

/**
 * The chat in a recorded input or output, or `null` when it is none and should be shown as JSON. Understands OpenAI chat
 * requests and responses, Responses API items, bare messages and lists of them, also as JSON text.
 */
export function readChat(recorded: unknown, side: "input" | "output"): Chat | null {
  const value = parseNested(recorded);
  if (typeof value === "string") {
    return { messages: [textMessage(side === "input" ? "user" : "assistant", value)], tools: [], extra: null };
  }
  if (Array.isArray(value)) {
    const messages = readMessages(value);
    return messages === null ? null : { messages, tools: [], extra: null };
  }
  return isObject(value) ? (readForeignEnvelope(value, side, readMessages) ?? readEnvelope(value, side)) : null;
}

/** `{ messages }`, `{ input, instructions }`, `{ choices }`, `{ output }`, or one message. */
function readEnvelope(value: JsonObject, side: "input" | "output"): Chat | null {
  const { messages, input, instructions, system, choices, output, tools, ...extra } = value;
  const rest = (keys: JsonObject): JsonObject | null => withContent({ ...keys, ...extra });
  const lead = [instructions, system].filter((text) => text !== undefined && text !== null);
  const leading = lead.map((content) => ({ role: "system", name: null, parts: readContent(content), extra: null }));

  if (Array.isArray(messages)) {
    const read = readMessages(messages);
    if (read === null) return null;
    return { messages: [...leading, ...read], tools: readTools(tools), extra: rest({ input, choices, output }) };
  }
  if (Array.isArray(choices)) {
    const read = readMessages(choices.map((choice) => (isObject(choice) ? choice["message"] : choice)));
    if (read === null) return null;
    return {
      messages: read,
      tools: [],
      extra: rest({ input, messages, output, finish_reason: finishReasons(choices) }),
    };
  }
  if (side === "output" && Array.isArray(output)) {
    const read = readMessages(output);
    if (read === null) return null;
    return { messages: read, tools: readTools(tools), extra: rest({ input, messages, choices, instructions }) };
  }
  if (
    side === "input" &&
    (Array.isArray(input) || (typeof input === "string" && (lead.length > 0 || "model" in value)))
  ) {
    const read = Array.isArray(input) ? readMessages(input) : [textMessage("user", input)];
    if (read === null) return null;
    return { messages: [...leading, ...read], tools: readTools(tools), extra: rest({ messages, choices, output }) };
  }
  const single = readMessage(value);
  return single === null ? null : { messages: single, tools: [], extra: null };
}

/** All of a list's items as messages, or `null` when one of them is none. */
function readMessages(items: readonly unknown[]): ChatMessage[] | null {
  if (items.length === 0) return null;
  const messages: ChatMessage[] = [];
  for (const item of items) {
    // A list of lists: batched prompts, as LangChain records them.
    const read = Array.isArray(item)
      ? readMessages(item)
      : isMarker(item)
        ? [textMessage(NOTE, item)]
        : readMessage(item);
    if (read === null) return null;
    messages.push(...read);
  }
  return messages.every(({ role }) => role === NOTE) ? null : mergeAssistantItems(messages);
}

/** The role of what stands for messages that were cut before they were sent. */
const NOTE = "note";

/** Longer texts between messages are no marker of a cut. */
const MAX_MARKER_CHARS = 200;

function isMarker(item: unknown): item is string {
  return typeof item === "string" && item.length <= MAX_MARKER_CHARS;
}

const LANGCHAIN_ROLES: Readonly<Record<string, string>> = {
  human: "user",
  HumanMessage: "user",
  ai: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  SystemMessage: "system",
  ToolMessage: "tool",
  // Gemini
  model: "assistant",
};

function readMessage(item: unknown): ChatMessage[] | null {
  if (!isObject(item)) return null;
  const responseItem = readResponseItem(item);
  if (responseItem !== null) return [responseItem];
  const kwargs = item["kwargs"];
  if (isObject(kwargs) && Array.isArray(item["id"])) {
    const type = String(item["id"].at(-1));
    return readMessage({ role: LANGCHAIN_ROLES[type] ?? type, ...kwargs, type: undefined, id: undefined });
  }
  const type = asString(item["type"]);
  // LangChain's stored form: { type: "human", data: { content, … } }
  if (type !== null && LANGCHAIN_ROLES[type] !== undefined && isObject(item["data"])) {
    return readMessage({ ...item["data"], role: LANGCHAIN_ROLES[type], type: undefined, id: undefined });
  }
  const named = asString(item["role"]);
  const role =
    (named === null ? null : (LANGCHAIN_ROLES[named] ?? named)) ??
    (type !== null && "content" in item ? (LANGCHAIN_ROLES[type] ?? langchainRole(type)) : null);
  if (role === null) return null;
  return [roleMessage(role, item)];
}

function langchainRole(type: string): string | null {
  return type === "system" || type === "tool" ? type : null;
}

/** Fields of a message that parts or headings show, or that say nothing to a reader. */
const SHOWN_FIELDS = new Set([
  "role",
  "type",
  "content",
  "parts",
  "name",
  "tool_calls",
  "function_call",
  "tool_call_id",
  "call_id",
  "refusal",
  "reasoning",
  "reasoning_content",
  "audio",
  "id",
  "status",
  "annotations",
]);

function roleMessage(role: string, item: JsonObject): ChatMessage {
  const parts: ChatPart[] = [];
  const reasoning = asString(item["reasoning_content"]) ?? asString(item["reasoning"]);
  if (reasoning !== null && reasoning !== "") parts.push({ kind: "reasoning", text: reasoning });
  const callId = firstString(item, ["tool_call_id", "call_id"]);
  const name = asString(item["name"]);
  const content = item["content"] ?? item["parts"];
  if ((role === "tool" || role === "function") && !holdsToolResults(content)) {
    parts.push({ kind: "tool-result", callId, name, value: toolValue(content) });
  } else {
    parts.push(...readContent(content));
  }
  const refusal = asString(item["refusal"]);
  if (refusal !== null) parts.push({ kind: "text", text: refusal });
  const calls = Array.isArray(item["tool_calls"]) ? item["tool_calls"] : [];
  for (const call of [...calls, item["function_call"]]) {
    if (call === undefined || call === null) continue;
    parts.push(readFunctionCall(call) ?? { kind: "json", value: call });
  }
  if (item["audio"] !== undefined && item["audio"] !== null)
    parts.push({ kind: "json", value: { audio: item["audio"] } });
  const extra = Object.entries(item).filter(([key]) => !SHOWN_FIELDS.has(key));
  return { role, name, parts, extra: withContent(Object.fromEntries(extra)) };
}

function holdsToolResults(content: unknown): boolean {
  return (
    Array.isArray(content) &&
    content.some(
      (part) => isObject(part) && ["tool-result", "tool_result", "tool_call_response"].includes(String(part["type"])),
    )
  );
}

/** A list of text parts is the text; JSON text is the JSON. */
function toolValue(content: unknown): unknown {
  const parts = Array.isArray(content) ? readContent(content) : [];
  const [only] = parts;
  return parts.length === 1 && only?.kind === "text" ? parseNested(only.text) : parseNested(content ?? null);
}

/** Items of the Responses API that are not messages. */
function readResponseItem(item: JsonObject): ChatMessage | null {
  const type = asString(item["type"]);
  const message = (role: string, part: ChatPart): ChatMessage => ({ role, name: null, parts: [part], extra: null });
  switch (type) {
    case "function_call":
    case "custom_tool_call": {
      const call = readFunctionCall(item);
      return call === null ? null : message("assistant", call);
    }
    case "function_call_output":
    case "custom_tool_call_output":
      return message("tool", {
        kind: "tool-result",
        callId: asString(item["call_id"]),
        name: null,
        value: toolValue(item["output"]),
      });
    case "reasoning": {
      const text = summaryText(item["summary"]) ?? summaryText(item["content"]);
      return message("assistant", text === null ? { kind: "json", value: item } : { kind: "reasoning", text });
    }
    case null:
    case "message":
      return null;
    default:
      // web_search_call, file_search_call, computer_call, mcp_call, …
      return type.endsWith("_call") || type.endsWith("_output")
        ? message("assistant", { kind: "json", value: item })
        : null;
  }
}

/** The Responses API spreads one assistant turn over several items; readers think of it as one message. */
function mergeAssistantItems(messages: readonly ChatMessage[]): ChatMessage[] {
  const merged: ChatMessage[] = [];
  for (const message of messages) {
    const last = merged.at(-1);
    const joins = last?.role === "assistant" && message.role === "assistant" && last.parts.at(-1)?.kind !== "text";
    if (joins && last.name === message.name) {
      last.parts = [...last.parts, ...message.parts];
      last.extra = last.extra === null ? message.extra : { ...last.extra, ...message.extra };
    } else {
      merged.push({ ...message });
    }
  }
  return merged;
}

function finishReasons(choices: readonly unknown[]): unknown {
  const reasons = choices
    .map((choice) => (isObject(choice) ? choice["finish_reason"] : undefined))
    .filter((reason) => reason != null);
  return reasons.length > 1 ? reasons : reasons[0];
}

function textMessage(role: string, text: string): ChatMessage {
  return { role, name: null, parts: readString(text), extra: null };
}

/** Without the fields that hold nothing; `null` when none is left. */
function withContent(fields: JsonObject): JsonObject | null {
  const kept = Object.entries(fields).filter(
    ([, value]) =>
      value !== undefined &&
      value !== null &&
      !(Array.isArray(value) && value.length === 0) &&
      !(isObject(value) && Object.keys(value).length === 0),
  );
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
