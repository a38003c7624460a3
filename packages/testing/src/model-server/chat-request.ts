import { asNumber, asObject, asObjects, asString, asStrings, isObject } from "../json.ts";
import type { JsonObject } from "../json.ts";
import { ApiError, missingParameter } from "./api-error.ts";
import type { Prompt, Tool, Turn } from "./answer/prompt.ts";

/** The parts of a chat request that are read by name. */
export interface ChatRequest {
  prompt: Prompt;
  imageCount: number;
  choices: number;
  stream: boolean;
  includeUsage: boolean;
  obfuscate: boolean;
  maxTokens: number | undefined;
  stop: string[];
  logprobs: boolean;
  topLogprobs: number;
}

export function readChatRequest(body: JsonObject): ChatRequest {
  if (typeof body["model"] !== "string") throw new ApiError(400, { message: "you must provide a model parameter" });
  if (!Array.isArray(body["messages"])) throw missingParameter("messages");
  if (body["messages"].length === 0) {
    throw new ApiError(400, {
      message:
        "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      param: "messages",
      code: "empty_array",
    });
  }
  const messages = asObjects(body["messages"]);
  checkToolResults(messages);
  const streamOptions = asObject(body["stream_options"]);
  return {
    prompt: {
      model: body["model"],
      turns: messages.map(toTurn),
      tools: asObjects(body["tools"])
        .filter((tool) => tool["type"] === "function")
        .map((tool) => toTool(asObject(tool["function"]))),
      toolChoice: toToolChoice(body["tool_choice"], (choice) => asString(asObject(choice["function"])["name"])),
      allowsParallelTools: body["parallel_tool_calls"] !== false,
      format: toFormat(asObject(body["response_format"]), (format) =>
        asObject(asObject(format["json_schema"])["schema"]),
      ),
    },
    imageCount: messages
      .flatMap((message) => asObjects(message["content"]))
      .filter((part) => part["type"] === "image_url").length,
    choices: Math.max(1, Math.min(128, asNumber(body["n"]) ?? 1)),
    stream: body["stream"] === true,
    includeUsage: streamOptions["include_usage"] === true,
    obfuscate: streamOptions["include_obfuscation"] !== false,
    maxTokens: asNumber(body["max_completion_tokens"]) ?? asNumber(body["max_tokens"]),
    stop: typeof body["stop"] === "string" ? [body["stop"]] : asStrings(body["stop"]),
    logprobs: body["logprobs"] === true,
    topLogprobs: asNumber(body["top_logprobs"]) ?? 0,
  };
}

/** Text parts of a message's or an item's content, joined. */
export function contentText(content: unknown): string {
  if (typeof content === "string") return content;
  return asObjects(content)
    .map((part) => asString(part["text"], asString(part["refusal"])))
    .filter((text) => text !== "")
    .join("\n");
}

export function toTool(raw: JsonObject): Tool {
  return {
    name: asString(raw["name"]),
    description: asString(raw["description"]),
    parameters: asObject(raw["parameters"]),
  };
}

export function toToolChoice(raw: unknown, nameOf: (choice: JsonObject) => string): Prompt["toolChoice"] {
  if (raw === "none" || raw === "required") return raw;
  return isObject(raw) && nameOf(raw) !== "" ? { name: nameOf(raw) } : "auto";
}

export function toFormat(raw: JsonObject, schemaOf: (format: JsonObject) => JsonObject): Prompt["format"] {
  if (raw["type"] === "json_schema") return { type: "json_schema", schema: schemaOf(raw) };
  return raw["type"] === "json_object" ? { type: "json_object" } : { type: "text" };
}

function toTurn(message: JsonObject): Turn {
  const role = asString(message["role"]);
  return {
    role:
      role === "developer" || role === "system" ? "system" : role === "assistant" || role === "tool" ? role : "user",
    text: contentText(message["content"]),
    calls: new Map(
      asObjects(message["tool_calls"]).map((call) => [
        asString(call["id"]),
        asString(asObject(call["function"])["name"]),
      ]),
    ),
    callId: typeof message["tool_call_id"] === "string" ? message["tool_call_id"] : undefined,
  };
}

/** OpenAI refuses a transcript in which a call has no result. */
function checkToolResults(messages: JsonObject[]): void {
  const results = new Set(messages.map((message) => message["tool_call_id"]));
  for (const [index, message] of messages.entries()) {
    const missing = asObjects(message["tool_calls"]).find((call) => !results.has(call["id"]));
    if (missing === undefined) continue;
    throw new ApiError(400, {
      message:
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. " +
        `The following tool_call_ids did not have response messages: ${asString(missing["id"])}`,
      param: `messages.[${index}].role`,
    });
  }
}
