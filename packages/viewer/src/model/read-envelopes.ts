import type { Chat, ChatMessage, ChatPart } from "./chat.ts";
import { readContent, readFunctionCall } from "./chat-parts.ts";
import { asString, isObject, type JsonObject } from "./json.ts";
import { readTools } from "./read-tools.ts";

type ReadMessages = (items: readonly unknown[]) => ChatMessage[] | null;

/** Requests and responses that are no list of messages at heart: Gemini's, LangChain's generations, the AI SDK's results. */
export function readForeignEnvelope(value: JsonObject, side: "input" | "output", read: ReadMessages): Chat | null {
  if (Array.isArray(value["contents"])) return readGeminiRequest(value, value["contents"], read);
  if (Array.isArray(value["candidates"])) return readGeminiResponse(value, value["candidates"], read);
  if (Array.isArray(value["generations"])) return readGenerations(value, value["generations"], read);
  return side === "output" ? readAiResult(value) : null;
}

function readGeminiRequest(value: JsonObject, contents: readonly unknown[], read: ReadMessages): Chat | null {
  const { contents: _, systemInstruction, config, tools, ...extra } = value;
  const messages = read(contents.map((content) => (typeof content === "string" ? userText(content) : content)));
  if (messages === null) return null;
  const settings = isObject(config) ? config : {};
  const { systemInstruction: inConfig, tools: toolsInConfig, ...otherSettings } = settings;
  const instruction = systemInstruction ?? inConfig;
  const rest = { ...extra, ...(Object.keys(otherSettings).length === 0 ? {} : { config: otherSettings }) };
  return {
    messages: [...(instruction === undefined ? [] : [systemMessage(instruction)]), ...messages],
    tools: readTools(tools ?? toolsInConfig),
    extra: orNull(rest),
  };
}

function readGeminiResponse(value: JsonObject, candidates: readonly unknown[], read: ReadMessages): Chat | null {
  const { candidates: _, ...extra } = value;
  const messages = read(candidates.map((candidate) => (isObject(candidate) ? candidate["content"] : candidate)));
  if (messages === null) return null;
  const reasons = candidates.flatMap((candidate) => (isObject(candidate) ? [candidate["finishReason"]] : []));
  const known = reasons.filter((reason) => reason !== undefined);
  return { messages, tools: [], extra: orNull({ ...extra, ...(known.length === 0 ? {} : { finishReason: known }) }) };
}

/** LangChain: a list for each prompt, of `{ text, message, generationInfo }`. */
function readGenerations(value: JsonObject, generations: readonly unknown[], read: ReadMessages): Chat | null {
  const { generations: _, ...extra } = value;
  const items = generations.flat().map((generation) => {
    if (!isObject(generation)) return generation;
    return generation["message"] ?? { role: "assistant", content: generation["text"] };
  });
  const messages = read(items);
  return messages === null ? null : { messages, tools: [], extra: orNull(extra) };
}

/** The AI SDK's result of one step: `{ text, toolCalls, reasoning, files, finishReason }`. */
function readAiResult(value: JsonObject): Chat | null {
  const { text, toolCalls, reasoning, reasoningText, role, content, ...extra } = value;
  const hasText = typeof text === "string";
  if (role !== undefined || content !== undefined || (!hasText && !Array.isArray(toolCalls))) return null;
  const thought = asString(reasoningText) ?? asString(reasoning);
  const parts: ChatPart[] =
    thought === null || thought === "" ? readContent(reasoning) : [{ kind: "reasoning", text: thought }];
  if (hasText && text !== "") parts.push(...readContent(text));
  for (const call of Array.isArray(toolCalls) ? toolCalls : []) {
    parts.push(readFunctionCall(call) ?? { kind: "json", value: call });
  }
  return { messages: [{ role: "assistant", name: null, parts, extra: null }], tools: [], extra: orNull(extra) };
}

function userText(text: string): JsonObject {
  return { role: "user", parts: [{ text }] };
}

function systemMessage(instruction: unknown): ChatMessage {
  const content = isObject(instruction) && Array.isArray(instruction["parts"]) ? instruction["parts"] : instruction;
  return { role: "system", name: null, parts: readContent(content), extra: null };
}

function orNull(fields: JsonObject): JsonObject | null {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null);
  return kept.length === 0 ? null : Object.fromEntries(kept);
}
