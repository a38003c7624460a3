import { defined, fieldsOf, isFields, isPlainObject, textOf, type Fields } from "./fields.ts";
import { describeMessage, isMessage } from "./messages.ts";

/** Deeper values are captured as they are. State of graphs nests messages two or three levels deep. */
const MAX_DEPTH = 8;
/** Items of an array and keys of an object that are looked at, as many as the tracer captures. */
const MAX_ITEMS = 10_000;
/** The last items of a longer array are captured too. */
const ARRAY_ENDS = 8;

/**
 * A value of LangChain's as it reads: messages with roles, documents, commands, prompts. What holds none of them is
 * returned as it is. Never LangChain's own JSON of an object (`lc`, `kwargs`), which holds configuration.
 */
export function describeValue(value: unknown, depth = 0): unknown {
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  try {
    if (Array.isArray(value)) return describeArray(value as unknown[], depth);
    if (isPlainObject(value)) return describePlain(value, depth);
    return describeInstance(value as Fields, depth);
  } catch {
    // A proxy or a getter that throws: the tracer knows how to capture what it can of it.
    return value;
  }
}

function describeArray(values: readonly unknown[], depth: number): readonly unknown[] {
  if (typeof values[0] === "number") return values;
  let described: unknown[] | undefined;
  for (let i = 0; i < values.length; i++) {
    if (i >= MAX_ITEMS && i < values.length - ARRAY_ENDS) {
      described?.push(undefined);
      continue;
    }
    const item = values[i];
    const one = describeValue(item, depth + 1);
    if (one !== item) described ??= values.slice(0, i);
    described?.push(one);
  }
  return described ?? values;
}

function describePlain(value: Record<string, unknown>, depth: number): unknown {
  const keys = Object.keys(value);
  if (keys.length > MAX_ITEMS) return value;
  const ones: unknown[] = [];
  let isSame = true;
  for (const key of keys) {
    const descriptor = Object.getOwnPropertyDescriptor(value, key);
    // Getters are not run: the tracer says that there is one.
    if (!descriptor || !("value" in descriptor)) return value;
    const one = describeValue(descriptor.value, depth + 1);
    isSame &&= one === descriptor.value;
    ones.push(one);
  }
  // Most values hold nothing to describe: an object is made for those that do.
  return isSame ? value : withValues(keys, ones);
}

function withValues(keys: readonly string[], values: readonly unknown[]): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  keys.forEach((key, i) => {
    const value = values[i];
    // Not by assignment: `__proto__` may be a key of parsed JSON.
    if (key === "__proto__")
      Object.defineProperty(fields, key, { value, enumerable: true, configurable: true, writable: true });
    else fields[key] = value;
  });
  return fields;
}

function describeInstance(value: Fields, depth: number): unknown {
  if (isMessage(value)) return describeMessage(value);
  if (typeof value["pageContent"] === "string") return describeDocument(value);
  switch (value["lg_name"]) {
    case "Command": {
      const { update, goto, resume, graph } = value;
      const isGoto = Array.isArray(goto) ? goto.length > 0 : goto !== undefined;
      return defined({
        command: defined({
          update: update === undefined ? undefined : describeValue(update, depth + 1),
          goto: isGoto ? describeValue(goto, depth + 1) : undefined,
          resume: resume === undefined ? undefined : describeValue(resume, depth + 1),
          graph,
        }),
      });
    }
    case "Send":
      return { send: { node: value["node"], args: describeValue(value["args"], depth + 1) } };
    case "Overwrite":
      return { overwrite: describeValue(value["value"], depth + 1) };
  }
  if (isPromptValue(value)) return describeValue(value["messages"] ?? value["value"], depth + 1);
  if (isSerializable(value)) return `[${classNameOf(value)}]`;
  return value;
}

function describeDocument({ pageContent, metadata, id }: Fields): Record<string, unknown> {
  return defined({ pageContent, metadata, id: id ?? undefined });
}

function isPromptValue(value: Fields): boolean {
  return typeof value["toChatMessages"] === "function" && ("messages" in value || "value" in value);
}

/** Models, tools, stores: parts of the program, whose `toJSON` holds their configuration. */
function isSerializable(value: Fields): boolean {
  return Array.isArray(value["lc_namespace"]) && "lc_kwargs" in value;
}

function classNameOf(value: Fields): string {
  return textOf((value as { constructor?: { name?: unknown } }).constructor?.name) ?? "object";
}

/** LangChain wraps what is not an object as `{ input }` or `{ output }`: the wrapping is taken off again. */
export function unwrap(value: unknown, key: "input" | "output"): unknown {
  if (!isPlainObject(value)) return value;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === key ? value[key] : value;
}

/** A tool's input arrives as text, JSON where it was an object. `{ input }` is how a tool of one text gets it. */
export function describeToolInput(input: unknown): unknown {
  let parsed: unknown = input;
  if (typeof input === "string" && /^\s*[[{]/.test(input)) {
    try {
      parsed = JSON.parse(input);
    } catch {
      // Text that only looks like JSON.
    }
  }
  // A tool call given as a whole: its arguments are the input.
  const { type, args } = fieldsOf(parsed);
  if (type === "tool_call" && isFields(args)) parsed = args;
  return unwrap(describeValue(parsed), "input");
}

/** What a tool gave: the content of its message, with the artifact where there is one; anything else as it is. */
export function describeToolOutput(output: unknown): unknown {
  if (!isMessage(output)) return describeValue(output);
  const { content, artifact } = output;
  return artifact === undefined || artifact === null ? content : { content, artifact: describeValue(artifact) };
}
