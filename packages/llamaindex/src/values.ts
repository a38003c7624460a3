import { arrayOf, defined, fieldsOf, isObject, stringOf } from "./fields.ts";

/** Retrieved nodes of which something is kept; `metadata.cutNodes` counts the others. */
export const MAX_NODES = 200;
/** Texts of one embedding call that are kept; `metadata.cutTexts` counts the others. */
export const MAX_TEXTS = 100;

/** The text of a message's content, which is a string or a list of parts; the content itself where a part is no text. */
export function contentOf(content: unknown): unknown {
  if (!Array.isArray(content)) return content;
  const texts = content.map((part) => (fieldsOf(part)["type"] === "text" ? fieldsOf(part)["text"] : undefined));
  return texts.every((text) => typeof text === "string") ? texts.join("\n\n") : content;
}

/** A question: a string, LlamaIndex's query bundle, or parameters with one of these. */
export function queryOf(given: unknown): unknown {
  let query = given;
  for (let depth = 0; depth < MAX_BUNDLES && isObject(query) && "query" in query; depth += 1) query = query["query"];
  return contentOf(query);
}

/** Parameters hold a bundle, a bundle holds content. */
const MAX_BUNDLES = 3;

/** The answer of an engine: the text of its message. */
export function answerOf(response: unknown): unknown {
  if (typeof response === "string") return response;
  const { message } = fieldsOf(response);
  return contentOf(fieldsOf(message)["content"]);
}

export interface DescribedNodes {
  nodes: Record<string, unknown>[];
  /** What was left out. */
  metadata: Record<string, unknown>;
}

/** Id, score, text and metadata of each node: never its vector, relations or images. */
export function describeNodes(given: unknown, maxTextChars: number): DescribedNodes {
  const list = arrayOf(given);
  let cutChars = 0;
  const nodes = list.slice(0, MAX_NODES).map((item) => {
    const { score } = fieldsOf(item);
    const node = fieldsOf(fieldsOf(item)["node"]);
    const text = stringOf(node["text"]);
    if (text !== undefined) cutChars += Math.max(0, text.length - maxTextChars);
    return defined({ id: node["id_"], score, text: text?.slice(0, maxTextChars), metadata: node["metadata"] });
  });
  const metadata = defined({
    cutNodes: positive(list.length - MAX_NODES),
    cutNodeChars: positive(cutChars),
  });
  return { nodes, metadata };
}

/** Ids and scores of the nodes that an answer was made from. */
export function nodeIds(given: unknown): { id: unknown; score?: unknown }[] | undefined {
  if (!Array.isArray(given)) return undefined;
  return given.slice(0, MAX_NODES).map((item) => {
    const { score, node } = fieldsOf(item);
    return { id: fieldsOf(node)["id_"], ...(score !== undefined && { score }) };
  });
}

/** A message in the form in which the chat APIs and the viewer have it. */
export function describeMessage(message: unknown): Record<string, unknown> {
  const { role, content, options } = fieldsOf(message);
  const { toolCall, toolResult, thinking } = fieldsOf(options);
  if (isObject(toolResult)) {
    return defined({
      role: "tool",
      tool_call_id: toolResult["id"],
      content: contentOf(content ?? toolResult["result"]),
    });
  }
  const calls = arrayOf(toolCall);
  return defined({
    role,
    content: contentOf(content),
    reasoning_content: stringOf(thinking),
    tool_calls: calls.length > 0 ? calls.map(describeToolCall) : undefined,
  });
}

export function describeToolCall(call: unknown): Record<string, unknown> {
  const { id, name, input } = fieldsOf(call);
  const args = typeof input === "string" ? input : safeJson(input);
  return defined({ id, type: "function", function: defined({ name, arguments: args }) });
}

export function describeTools(tools: unknown): Record<string, unknown>[] | undefined {
  if (!Array.isArray(tools) || tools.length === 0) return undefined;
  return tools.map((tool) => {
    const { name, description, parameters } = fieldsOf(fieldsOf(tool)["metadata"]);
    return { type: "function", function: defined({ name, description, parameters }) };
  });
}

/** Arguments of a call come from the model's JSON, so they are small and have no cycles; where not, they are not shown. */
function safeJson(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

export function positive(count: number): number | undefined {
  return count > 0 ? count : undefined;
}
