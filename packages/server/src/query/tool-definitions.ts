import { isObject, parseOrNull } from "../http/json-body.ts";
import type { ObservationPayload } from "../model/observation.ts";

/** An input beyond this is not looked through: it would hold up the thread that answers for all. In characters. */
const MAX_INPUT_CHARS = 1024 * 1024;

/** One attribute with all definitions: GenAI's as JSON or structured, the AI SDK's as a list of JSON texts. */
const WHOLE_LISTS = ["gen_ai.tool.definitions", "ai.prompt.tools"];
/** An attribute for each definition, as OpenInference writes them. */
const EACH = /^llm\.tools\.(\d+)\.tool\.json_schema$/;
/** An attribute for each member of each definition, as Traceloop writes them. */
const EACH_MEMBER = /^llm\.request\.functions\.(\d+)\.(\w+)$/;

type Payload = Pick<ObservationPayload, "input" | "attributes" | "modelParameters">;

/**
 * The tools that a model call was offered, each as its SDK described it; `null` when it was offered none. They are read where each convention has
 * them and kept there too: in an attribute, in the request that is the input (`{ messages, tools }`), or among its parameters.
 */
export function readToolDefinitions({ input, attributes, modelParameters }: Payload): unknown[] | null {
  return (
    fromAttributes(parseMentioning(attributes, /tool|functions/)) ??
    toolsOf(parseMentioning(input, /"tools"/)) ??
    toolsOf(parseMentioning(modelParameters, /"tools"/))
  );
}

/** Of an object's text that has the word in it: nothing is parsed that cannot have tools, nor what `?head=` has cut. */
function parseMentioning(text: string | null, word: RegExp): Record<string, unknown> | null {
  if (text === null || !text.startsWith("{") || text.length > MAX_INPUT_CHARS || !word.test(text)) return null;
  try {
    const value = parseOrNull(text);
    return isObject(value) ? value : null;
  } catch {
    // Cut: it is no JSON any more.
    return null;
  }
}

function fromAttributes(attributes: Record<string, unknown> | null): unknown[] | null {
  if (attributes === null) return null;
  for (const name of WHOLE_LISTS) {
    const list = listOf(attributes[name]);
    if (list !== null) return list;
  }
  const found = new Map<number, unknown>();
  for (const [name, value] of Object.entries(attributes)) {
    const each = EACH.exec(name);
    if (each !== null) found.set(Number(each[1]), unpack(value));
    const [, index, member = ""] = EACH_MEMBER.exec(name) ?? [];
    if (index !== undefined) {
      const known = found.get(Number(index));
      found.set(Number(index), { ...(isObject(known) ? known : {}), [member]: unpack(value) });
    }
  }
  return found.size === 0 ? null : [...found].toSorted(([a], [b]) => a - b).map(([, tool]) => tool);
}

function toolsOf(owner: Record<string, unknown> | null): unknown[] | null {
  return owner === null ? null : listOf(owner["tools"]);
}

/** `null` for what is no list, or an empty one. */
function listOf(value: unknown): unknown[] | null {
  const list = unpack(value);
  return Array.isArray(list) && list.length > 0 ? list.map(unpack) : null;
}

/** A text that is the JSON of an object or a list is read as that. */
function unpack(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
