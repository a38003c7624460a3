import {
  isKnownPart,
  present,
  textPart,
  toolCallPart,
  toolResponsePart,
  toPart,
  without,
  type Part,
} from "./gen-ai-parts.ts";
import { textOf, type Fields } from "./json-values.ts";
import { isRecord } from "../../util/is-record.ts";

/** A payload that has the shape of messages, as the attributes that the conventions have for it. All are JSON. */
export interface ReadPayload {
  messages: string;
  /** Instructions that were given apart from the messages. */
  system?: string;
  tools?: string;
  /** Settings of the call that were recorded with the messages. */
  rest?: Fields;
}

interface Message extends Fields {
  role: string;
  parts: Part[];
}

/** Where a request holds its messages: chat completions and Anthropic, Responses, Gemini, and the old completions. */
const CONTAINERS = ["messages", "input", "contents", "prompt"] as const;
const SYSTEM_KEYS = ["system", "instructions"] as const;
/** What else a request may hold. With anything beside it the payload is the application's own and stays whole. */
const SETTINGS: ReadonlySet<string> = new Set([
  "tool_choice",
  "functions",
  "function_call",
  "response_format",
  "text",
  "parallel_tool_calls",
  "prompt",
]);

/** `undefined` where the payload has not the shape of messages. `json` is a record's, valid always. */
export function readInput(json: string | undefined): ReadPayload | undefined {
  if (json === undefined) return undefined;
  const value: unknown = JSON.parse(json);
  const direct = readMessages(value, "user");
  if (direct) return { messages: JSON.stringify(direct) };
  if (!isRecord(value)) return undefined;
  const container = CONTAINERS.find((key) => value[key] !== undefined);
  const messages = container && readMessages(value[container], "user");
  if (!messages) return undefined;
  const systemKey = SYSTEM_KEYS.find((key) => value[key] !== undefined);
  const system = systemKey && readParts(value[systemKey]);
  const { tools } = value;
  const rest = without(value, container, "tools", ...(system ? [systemKey] : []));
  if (Object.keys(rest).some((key) => !SETTINGS.has(key))) return undefined;
  return {
    messages: JSON.stringify(messages),
    ...(system && { system: JSON.stringify(system) }),
    ...(tools !== undefined && { tools: JSON.stringify(Array.isArray(tools) ? tools.map(toolDefinition) : tools) }),
    ...(Object.keys(rest).length > 0 && { rest }),
  };
}

/** Each message is one choice. `finishReasons` are the choices' in order, where known. */
export function readOutput(json: string | undefined, finishReasons?: readonly string[]): ReadPayload | undefined {
  if (json === undefined) return undefined;
  const value: unknown = JSON.parse(json);
  const messages = readChoices(value) ?? readItems(value) ?? readMessages(value, "assistant");
  if (!messages) return undefined;
  const finished = messages.map((message, choice) => ({
    ...message,
    ...present({ finish_reason: message["finish_reason"] ?? finishReasons?.[choice] }),
  }));
  return { messages: JSON.stringify(finished) };
}

/** The body of a chat completion, where an application records it whole and nothing else is in it. */
function readChoices(value: unknown): Message[] | undefined {
  if (!isRecord(value) || !Array.isArray(value["choices"]) || Object.keys(value).length > 1) return undefined;
  return all(value["choices"], (choice) => {
    const message = isRecord(choice) ? toMessage(choice["message"]) : undefined;
    return message && { ...message, ...present({ finish_reason: (choice as Fields)["finish_reason"] }) };
  });
}

/** The items of a Responses answer, and the parts of an Anthropic one, are the parts of one choice. */
function readItems(value: unknown): Message[] | undefined {
  if (!Array.isArray(value) || !value.some((item) => isRecord(item) && typeof item["type"] === "string")) {
    return undefined;
  }
  if (value.every(isKnownPart)) return [{ role: "assistant", parts: value.map((part) => toPart(part)!) }];
  const messages = all(value, toMessage);
  if (!messages || messages.some(({ role }) => role !== "assistant")) return undefined;
  return [{ role: "assistant", parts: messages.flatMap(({ parts }) => parts) }];
}

/** A text stands for one message of `role`. */
function readMessages(value: unknown, role: string): Message[] | undefined {
  if (typeof value === "string") return [{ role, parts: [textPart(value)] }];
  if (Array.isArray(value)) return value.length === 0 ? undefined : all(value, toMessage);
  const message = toMessage(value);
  return message && [message];
}

/** Frameworks' and providers' words for the four roles; any other role stays as it is. */
const ROLES: Readonly<Record<string, string>> = {
  human: "user",
  ai: "assistant",
  model: "assistant",
  function: "tool",
};
/** LangChain says the role by the message's type. */
const TYPES_AS_ROLES: ReadonlySet<unknown> = new Set(["human", "ai", "system", "tool", "function"]);

/** One of them makes an object with a role a message: a user's record may have a role too. */
const CONTENT_KEYS = ["content", "parts", "tool_calls", "function_call", "refusal", "audio"] as const;

function toMessage(value: unknown): Message | undefined {
  if (!isRecord(value)) return undefined;
  const isTyped = value["role"] === undefined && TYPES_AS_ROLES.has(value["type"]) && "content" in value;
  const given = textOf(isTyped ? value["type"] : value["role"]);
  if (given === undefined) return toItem(value);
  if (!CONTENT_KEYS.some((key) => key in value)) return undefined;
  const role = Object.hasOwn(ROLES, given) ? ROLES[given]! : given;
  const { content, parts: givenParts, tool_calls: calls, tool_call_id: callId, ...others } = value;
  const { reasoning_content: reasoning, refusal, function_call: oldCall, ...kept } = others;
  const body =
    role === "tool" && givenParts === undefined ? toolContent(content, callId) : readParts(givenParts ?? content);
  if (!body) return undefined;
  const requested =
    calls === undefined || calls === null ? [] : Array.isArray(calls) ? all(calls, toToolCall) : undefined;
  if (!requested) return undefined;
  // A provider's message names itself by `type: "message"`; the conventions' has no such member.
  const rest = without(kept, "role", ...(isTyped || kept["type"] === "message" ? ["type"] : []));
  const parts = [
    ...(textOf(reasoning) === undefined ? [] : [{ type: "reasoning", content: reasoning }]),
    ...body,
    ...(textOf(refusal) === undefined ? [] : [{ type: "refusal", content: refusal }]),
    ...requested,
    ...(isRecord(oldCall) ? [toolCallPart(undefined, oldCall["name"], oldCall["arguments"])] : []),
  ];
  return { ...present(rest), role, parts };
}

/** Items of the Responses API that are no messages themselves. */
function toItem(item: Fields): Message | undefined {
  switch (item["type"]) {
    case "function_call":
    case "custom_tool_call":
      return {
        role: "assistant",
        parts: [toolCallPart(item["call_id"], item["name"], item["arguments"] ?? item["input"])],
      };
    case "function_call_output":
    case "custom_tool_call_output":
      return { role: "tool", parts: [toolResponsePart(item["call_id"], item["output"])] };
    case "reasoning": {
      const summary = Array.isArray(item["summary"]) ? item["summary"] : [];
      const content = summary.map((part) => (isRecord(part) ? (textOf(part["text"]) ?? "") : "")).join("\n");
      return { role: "assistant", parts: [{ ...present(without(item, "summary")), type: "reasoning", content }] };
    }
    default:
      return typeof item["type"] === "string" && item["type"].endsWith("_call")
        ? { role: "assistant", parts: [item as Part] }
        : undefined;
  }
}

/** Nothing and an empty text are no part: a message that calls tools has no content. */
function readParts(content: unknown): Part[] | undefined {
  if (content === undefined || content === null || content === "") return [];
  if (typeof content === "string") return [textPart(content)];
  return Array.isArray(content) ? all(content, toPart) : undefined;
}

function toolContent(content: unknown, callId: unknown): Part[] {
  return [toolResponsePart(callId, content)];
}

/** OpenAI's and LangChain's shapes. */
function toToolCall(call: unknown): Part | undefined {
  if (!isRecord(call)) return undefined;
  const { id, function: fn, name, args, custom } = call;
  if (isRecord(fn)) return toolCallPart(id, fn["name"], fn["arguments"]);
  if (isRecord(custom)) return toolCallPart(id, custom["name"], custom["input"]);
  return typeof name === "string" ? toolCallPart(id, name, args) : undefined;
}

/** OpenAI nests the definition, Anthropic names the schema differently. */
function toolDefinition(tool: unknown): unknown {
  if (!isRecord(tool)) return tool;
  if (isRecord(tool["function"])) return { type: "function", ...tool["function"] };
  if (typeof tool["name"] !== "string" || tool["input_schema"] === undefined) return tool;
  return { type: "function", ...without(tool, "input_schema"), parameters: tool["input_schema"] };
}

/** All or nothing: a list of which one item is something else is no list of messages. */
function all<T>(values: readonly unknown[], convert: (value: unknown) => T | undefined): T[] | undefined {
  const converted: T[] = [];
  for (const value of values) {
    const one = convert(value);
    if (one === undefined) return undefined;
    converted.push(one);
  }
  return converted;
}
