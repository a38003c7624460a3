import { nameOf, plainResult, readPart, type Part } from "./parts.ts";
import {
  NoChatError,
  fieldsOf,
  firstText,
  isFields,
  textOf,
  type Fields,
  type FineTuningCall,
  type FineTuningMessage,
  type UserPart,
} from "./types.ts";

type Role = FineTuningMessage["role"];

/** Roles and message types of the providers and frameworks. */
const ROLES: Readonly<Record<string, Role>> = {
  system: "system",
  developer: "system",
  SystemMessage: "system",
  user: "user",
  human: "user",
  HumanMessage: "user",
  assistant: "assistant",
  ai: "assistant",
  model: "assistant",
  AIMessage: "assistant",
  AIMessageChunk: "assistant",
  tool: "tool",
  function: "tool",
  ToolMessage: "tool",
  FunctionMessage: "tool",
};

/** Items of the Responses API that are no messages. */
const ITEMS: Readonly<Record<string, Role>> = {
  function_call: "assistant",
  function_call_output: "tool",
};

/** Turns messages of any of the known shapes into those of the format, one after the other. */
export class MessageReader {
  readonly messages: FineTuningMessage[] = [];
  /** Calls whose results have not been seen, in order: some providers name results by the tool alone. */
  readonly #open: FineTuningCall[] = [];
  #calls = 0;

  /** @throws {NoChatError} */
  read(value: unknown): void {
    const message = unwrap(value);
    const role = roleOf(message);
    // Items that a server's own tools left, and thoughts.
    if (role === null) return;
    if (role === "tool" && !hasResultParts(message)) {
      const id = firstText(message["tool_call_id"], message["toolCallId"], message["call_id"]);
      this.#addResult(id, firstText(message["name"]), message["content"] ?? message["output"]);
      return;
    }
    this.#addParts(role, message);
  }

  /** A text or blocks that stand outside of the messages. */
  readSystem(value: unknown): void {
    if (value === undefined || value === null || value === "") return;
    const message = typeof value === "string" || Array.isArray(value) ? { content: value } : unwrap(value);
    this.#addParts("system", message);
  }

  #addParts(role: Role, message: Fields): void {
    let parts: UserPart[] = [];
    let calls: FineTuningCall[] = [];
    const flush = (): void => {
      if (parts.length > 0 || calls.length > 0) this.#push(role, parts, calls, firstText(message["name"]));
      [parts, calls] = [[], []];
    };
    for (const part of partsOf(message)) {
      if (part.type === "call") calls.push(this.#call(part.id, part.name, part.arguments));
      else if (part.type === "result") {
        flush();
        this.#addResult(part.id, part.name, part.content);
      } else parts.push(part);
    }
    const known = new Set(calls.map(({ id }) => id));
    for (const { id, name, arguments: given } of callsOf(message)) {
      // LangChain tells a provider's blocks and, once more, its own calls.
      if (id === undefined || !known.has(id)) calls.push(this.#call(id, name, given));
    }
    flush();
  }

  #push(role: Role, parts: UserPart[], calls: FineTuningCall[], name: string | undefined): void {
    const isText = parts.every((part) => part.type === "text");
    const text = parts.map((part) => (part.type === "text" ? part.text : "")).join("");
    if (role === "user") {
      this.messages.push({ role, content: isText ? text : parts, ...(name !== undefined && { name }) });
      return;
    }
    if (!isText) throw new NoChatError(`an image in a message of the ${role}`);
    if (role === "system") this.messages.push({ role, content: text });
    else if (calls.length === 0) this.messages.push({ role: "assistant", content: text });
    else {
      this.#open.push(...calls);
      this.messages.push({ role: "assistant", content: text === "" ? null : text, tool_calls: calls });
    }
  }

  #call(id: string | undefined, name: string, given: unknown): FineTuningCall {
    this.#calls += 1;
    return {
      id: id === undefined || id === "" ? `call_${this.#calls}` : id,
      type: "function",
      function: { name, arguments: argumentsOf(given) },
    };
  }

  #addResult(id: string | undefined, name: string | undefined, content: unknown): void {
    const index = this.#open.findIndex((call) =>
      id === undefined ? name === undefined || call.function.name === name : call.id === id,
    );
    const [call] = index === -1 ? [] : this.#open.splice(index, 1);
    if (call === undefined) throw new NoChatError("a tool's result without its call");
    this.messages.push({ role: "tool", tool_call_id: call.id, content: textOf(plainResult(content)) });
  }
}

/** True for what {@link MessageReader.read} takes: used to tell a chat from any other list. */
export function isMessage(value: unknown): boolean {
  if (!isFields(value)) return false;
  const message = unwrap(value);
  if (typeof message["type"] === "string" && Object.hasOwn(ITEMS, message["type"])) return true;
  const hasContent = ["content", "parts", "tool_calls"].some((key) => Object.hasOwn(message, key));
  return hasContent && wordOf(message) !== undefined;
}

/** LangChain's serialised constructors, and answers that hold the message in a member. */
function unwrap(value: unknown): Fields {
  const fields = fieldsOf(value);
  if (fields["lc"] !== undefined && isFields(fields["kwargs"]) && Array.isArray(fields["id"])) {
    return { type: firstText(fields["id"].at(-1)), ...fields["kwargs"] };
  }
  if (isFields(fields["data"]) && typeof fields["type"] === "string" && "content" in fields["data"]) {
    return { ...fields["data"], type: fields["type"] };
  }
  if (isFields(fields["message"])) return unwrap(fields["message"]);
  return fields;
}

function wordOf(message: Fields): string | undefined {
  return [message["role"], message["type"]].find(
    (word): word is string => typeof word === "string" && Object.hasOwn(ROLES, word),
  );
}

function roleOf(message: Fields): Role | null {
  const word = wordOf(message);
  if (word !== undefined) return ROLES[word] ?? null;
  const type = firstText(message["type"]) ?? "";
  if (Object.hasOwn(ITEMS, type)) return ITEMS[type] ?? null;
  if (/^(reasoning|.*_call(_output)?|item_reference)$/.test(type)) return null;
  throw new NoChatError("a message without a role");
}

function hasResultParts(message: Fields): boolean {
  if (message["type"] === "function_call_output") return true;
  const content = message["parts"] ?? message["content"];
  if (!Array.isArray(content)) return false;
  return (content as unknown[]).some((part) => isFields(part) && partIsResult(part));
}

function partIsResult(part: Fields): boolean {
  const type = firstText(part["type"]) ?? "";
  return isFields(part["functionResponse"]) || ["tool-result", "tool_result", "tool_call_response"].includes(type);
}

function partsOf(message: Fields): Part[] {
  // An item that is a call or a result is its own part.
  if (typeof message["type"] === "string" && Object.hasOwn(ITEMS, message["type"])) {
    const part = readPart(message);
    return part === null ? [] : [part];
  }
  const content = message["parts"] ?? message["content"] ?? firstText(message["refusal"]) ?? [];
  const list = Array.isArray(content) ? (content as unknown[]) : [content];
  return list.flatMap((part) => (isUiTool(part) ? readUiTool(part) : (readPart(part) ?? [])));
}

/** A part of the AI SDK's messages for user interfaces: call and result in one. */
function isUiTool(part: unknown): part is Fields {
  if (!isFields(part) || typeof part["type"] !== "string" || typeof part["toolCallId"] !== "string") return false;
  return part["type"] === "dynamic-tool" || /^tool-(?!call$|result$)/.test(part["type"]);
}

function readUiTool(part: Fields): Part[] {
  const id = firstText(part["toolCallId"]);
  const name = nameOf(part["toolName"] ?? firstText(part["type"])?.slice("tool-".length));
  const call: Part = { type: "call", id, name, arguments: part["input"] ?? {} };
  const output = part["output"] ?? part["errorText"];
  return output === undefined ? [call] : [call, { type: "result", id, name, content: output }];
}

/** Calls that stand beside the content: OpenAI's, in both generations, and LangChain's. */
/** A stream that was cut off leaves some that are no JSON: nothing to learn from. */
function argumentsOf(given: unknown): string {
  if (typeof given !== "string") return JSON.stringify(given);
  if (given.trim() === "") return "{}";
  try {
    JSON.parse(given);
  } catch {
    throw new NoChatError("a call whose arguments are no JSON");
  }
  return given;
}

function callsOf(message: Fields): { id: string | undefined; name: string; arguments: unknown }[] {
  const kwargs = fieldsOf(message["additional_kwargs"]);
  const own = message["tool_calls"] ?? message["toolCalls"];
  const list = Array.isArray(own) && own.length > 0 ? own : kwargs["tool_calls"];
  if (Array.isArray(list) && list.length > 0) {
    return (list as unknown[]).map((call) => {
      const fields = fieldsOf(call);
      const named = isFields(fields["function"]) ? fields["function"] : fields;
      return {
        id: firstText(fields["id"], fields["toolCallId"]),
        name: nameOf(named["name"] ?? named["toolName"]),
        arguments: named["arguments"] ?? named["args"] ?? named["input"] ?? {},
      };
    });
  }
  const single = message["function_call"] ?? kwargs["function_call"];
  if (!isFields(single)) return [];
  return [{ id: undefined, name: nameOf(single["name"]), arguments: single["arguments"] ?? {} }];
}
