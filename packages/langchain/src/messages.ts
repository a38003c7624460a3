import { arrayOf, defined, fieldsOf, isFields, textOf, type Fields } from "./fields.ts";

/** LangChain's message types to the roles of the chat APIs. */
const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  ai: "assistant",
  system: "system",
  developer: "developer",
  tool: "tool",
  function: "function",
};

export type Message = Fields & { readonly content: unknown; readonly additional_kwargs: unknown };

/** Known by shape: an application may have several copies of `@langchain/core`. */
export function isMessage(value: unknown): value is Message {
  if (!isFields(value) || !("content" in value) || !("additional_kwargs" in value)) return false;
  return typeof value["_getType"] === "function" || typeof value["getType"] === "function";
}

function typeOfMessage(message: Fields): string {
  const { _getType: old, getType: current } = message as { _getType?: () => unknown; getType?: () => unknown };
  const type = typeof current === "function" ? current.call(message) : old?.call(message);
  return typeof type === "string" ? type : "unknown";
}

/** A message as the chat APIs write it: `role`, `content`, `tool_calls` with ids, `tool_call_id`, `name`. */
export function describeMessage(message: Fields): Record<string, unknown> {
  const kwargs = fieldsOf(message["additional_kwargs"]);
  const calls = toolCallsOf(message, kwargs);
  const described: Record<string, unknown> = {
    role: roleOf(message, kwargs),
    content: contentOf(message["content"], calls !== undefined),
  };
  const add = (key: string, value: unknown): void => {
    if (value !== undefined) described[key] = value;
  };
  add("name", textOf(message["name"]));
  add("tool_calls", calls);
  add("invalid_tool_calls", nonEmpty(message["invalid_tool_calls"]));
  if (calls === undefined) add("function_call", kwargs["function_call"] ?? undefined);
  add("tool_call_id", textOf(message["tool_call_id"]));
  // Only failures: "success" is what every other result is.
  if (message["status"] === "error") add("status", "error");
  add("reasoning_content", textOf(kwargs["reasoning_content"]));
  add("refusal", textOf(kwargs["refusal"]));
  add("audio", kwargs["audio"] ?? undefined);
  return described;
}

function roleOf(message: Fields, kwargs: Fields): string {
  const type = typeOfMessage(message);
  if (type === "system" && kwargs["__openai_role__"] === "developer") return "developer";
  if (type === "generic" || type === "chat") return textOf(message["role"]) ?? type;
  return Object.hasOwn(ROLES, type) ? ROLES[type]! : type;
}

/** Without blocks that repeat the tool calls, which stand beside the content; the pieces of a streamed text as one. */
function contentOf(content: unknown, hasCalls: boolean): unknown {
  if (!Array.isArray(content)) return content;
  const parts: unknown[] = [];
  for (const part of content as unknown[]) {
    if (hasCalls && REPEATED.has(fieldsOf(part)["type"])) continue;
    const last = parts.at(-1);
    if (isText(last) && isText(part)) parts[parts.length - 1] = { type: "text", text: last.text + part.text };
    else parts.push(part);
  }
  return parts;
}

/** Text and nothing besides: no annotations, no mark for the cache. */
function isText(part: unknown): part is { text: string } {
  const { type, text } = fieldsOf(part);
  return type === "text" && typeof text === "string" && Object.keys(part as object).every((key) => TEXT_KEYS.has(key));
}

const TEXT_KEYS: ReadonlySet<string> = new Set(["type", "text", "index"]);

const REPEATED: ReadonlySet<unknown> = new Set([
  "tool_use",
  "tool_call",
  "tool_call_chunk",
  "input_json_delta",
  "functionCall",
]);

function toolCallsOf(message: Fields, kwargs: Fields): unknown[] | undefined {
  const given = arrayOf(message["tool_calls"]);
  const calls = given.length > 0 ? given.filter(isFields) : given;
  if (calls.length > 0)
    return (calls as readonly Fields[]).map((call) => toolCall(call["id"], call["name"], call["args"]));
  return nonEmpty(kwargs["tool_calls"]);
}

/** The chat APIs' shape, which every reader of traces knows. */
export function toolCall(id: unknown, name: unknown, args: unknown): Record<string, unknown> {
  const text = typeof args === "string" ? args : jsonOf(args);
  return defined({ id: id ?? undefined, type: "function", function: { name, arguments: text } });
}

function jsonOf(value: unknown): unknown {
  try {
    return JSON.stringify(value ?? {});
  } catch {
    // Circular or a BigInt: the value itself is captured within its bounds.
    return value;
  }
}

function nonEmpty(value: unknown): unknown[] | undefined {
  return Array.isArray(value) && value.length > 0 ? (value as unknown[]) : undefined;
}
