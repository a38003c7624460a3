import { checkTurns } from "./check-turns.ts";
import { MessageReader, isMessage } from "./messages.ts";
import { readTools } from "./tools.ts";
import { NoChatError, fieldsOf, isFields, type Fields, type FineTuningExample } from "./types.ts";

/**
 * Makes one training example of what a model was asked and what it should answer. Understood are the requests and answers of OpenAI (chat
 * and responses), Anthropic, Gemini, LangChain and the AI SDK, and the GenAI conventions' messages.
 *
 * @throws {NoChatError} for what is no chat, holds what the format cannot say (audio, files), or has no answer.
 */
export function toExample(input: unknown, output: unknown): FineTuningExample {
  const { messages, system, tools } = readRequest(input);
  const reader = new MessageReader();
  reader.readSystem(system);
  for (const message of messages) reader.read(message);
  if (reader.messages.length === 0) throw new NoChatError("no messages");
  for (const message of withoutRepeated(messages, readAnswer(output))) reader.read(message);
  if (reader.messages.at(-1)?.role !== "assistant") throw new NoChatError("no answer of the assistant at the end");
  if (!reader.messages.some(({ role }) => role === "user")) throw new NoChatError("no message of the user");
  checkTurns(reader.messages);
  const functions = readTools(tools);
  return { messages: reader.messages, ...(functions.length > 0 && { tools: functions }) };
}

/** A graph answers with its state: all messages, those it was asked with in front. */
function withoutRepeated(asked: readonly unknown[], answer: readonly unknown[]): readonly unknown[] {
  if (answer.length <= asked.length) return answer;
  const repeats = asked.every((message, index) => JSON.stringify(message) === JSON.stringify(answer[index]));
  return repeats ? answer.slice(asked.length) : answer;
}

interface ChatRequest {
  messages: readonly unknown[];
  system?: unknown;
  tools?: unknown;
}

/** Deep enough for `[[message]]`, `{ input: { messages } }`. */
const MAX_DEPTH = 4;

function readRequest(value: unknown, depth = 0): ChatRequest {
  if (depth > MAX_DEPTH) throw new NoChatError("no messages");
  if (Array.isArray(value)) {
    // LangChain's batches of one prompt.
    if (value.length === 1 && Array.isArray(value[0])) return readRequest(value[0], depth + 1);
    if (value.some(isMessage)) return { messages: value };
    throw new NoChatError("a list that holds no messages");
  }
  if (!isFields(value)) throw new NoChatError("neither messages nor a request");
  const config = fieldsOf(value["config"]);
  const beside = {
    system:
      value["system"] ??
      value["instructions"] ??
      value["systemInstruction"] ??
      value["system_instruction"] ??
      config["systemInstruction"],
    tools: value["tools"] ?? value["functions"] ?? config["tools"] ?? fieldsOf(value["toolConfig"])["tools"],
  };
  for (const key of ["messages", "contents", "input", "prompt"]) {
    const inner = value[key];
    if (Array.isArray(inner) || isFields(inner)) {
      const found = readRequest(inner, depth + 1);
      return { ...found, system: found.system ?? beside.system, tools: found.tools ?? beside.tools };
    }
    // A text is a turn of the user only where the request is known to be one: a chain's `{ input }` is not.
    const isRequest = beside.system !== undefined || beside.tools !== undefined || key === "contents";
    if (typeof inner === "string" && isRequest) return { messages: [{ role: "user", content: inner }], ...beside };
  }
  if (isMessage(value)) return { messages: [value] };
  throw new NoChatError("a request without messages");
}

/** The messages of an answer; none where there is none and the input ends with one. */
function readAnswer(value: unknown): readonly unknown[] {
  if (value === null || value === undefined) return [];
  if (typeof value === "string") return [{ role: "assistant", content: value }];
  if (Array.isArray(value)) return readAnswerList(value);
  if (!isFields(value)) throw new NoChatError("an answer that is no message");
  const { choices, candidates, output, generations, messages, response } = value;
  // Of several answers the first: it is the one that applications use.
  if (Array.isArray(choices) && choices.length > 0) return [answerOf(fieldsOf(choices[0])["message"])];
  if (Array.isArray(candidates) && candidates.length > 0) return [answerOf(fieldsOf(candidates[0])["content"])];
  if (Array.isArray(generations) && generations.length > 0) return readAnswerList(generations);
  if (Array.isArray(messages)) return readAnswerList(messages);
  if (Array.isArray(output) || isFields(output)) return readAnswer(output);
  if (isFields(response) && !isMessage(value)) return readAnswer(response);
  if (isMessage(value) || Array.isArray(value["content"]) || Array.isArray(value["parts"])) return [answerOf(value)];
  return readPlainAnswer(value);
}

/** The AI SDK's `{ text, toolCalls }`, LangChain's `{ text, message }`, and what only has text. */
function readPlainAnswer(value: Fields): readonly unknown[] {
  if (isFields(value["message"])) return [answerOf(value["message"])];
  const text = value["text"] ?? value["output_text"] ?? value["content"];
  if (typeof text === "string" || Array.isArray(value["toolCalls"]) || Array.isArray(value["tool_calls"])) {
    return [{ ...value, role: "assistant", content: text ?? "" }];
  }
  throw new NoChatError("an answer that is no message");
}

function readAnswerList(list: readonly unknown[]): readonly unknown[] {
  if (list.length === 1 && !isMessage(list[0])) return readAnswer(list[0]);
  if (list.some(isMessage)) return list;
  const texts = list.map((part) => fieldsOf(part)["text"]);
  if (texts.length > 0 && texts.every((text) => typeof text === "string"))
    return [{ role: "assistant", content: list }];
  throw new NoChatError("a list that holds no messages");
}

/** An answer is the assistant's, whether it says so or not. */
function answerOf(value: unknown): unknown {
  if (!isFields(value)) throw new NoChatError("an answer without a message");
  const hasRole = isMessage(value);
  return hasRole ? value : { ...value, role: "assistant" };
}
