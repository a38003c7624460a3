import type { AttributeValue, OtlpEvent } from "../ingest/otlp-span.ts";
import { parseStructure, readObject } from "./values.ts";

/** The event that carries messages where they are not recorded on the span. */
const DETAILS_EVENT = "gen_ai.client.inference.operation.details";

/** One event for each message: the convention up to 1.36. */
const MESSAGE_EVENTS: Readonly<Record<string, string>> = {
  "gen_ai.system.message": "system",
  "gen_ai.user.message": "user",
  "gen_ai.assistant.message": "assistant",
  "gen_ai.tool.message": "tool",
};

const CHOICE_EVENT = "gen_ai.choice";

/** One event for all that was said, with its text in an attribute: the convention up to 1.27. */
const CONTENT_EVENTS = { prompt: "gen_ai.content.prompt", completion: "gen_ai.content.completion" };

interface Told {
  input?: AttributeValue | undefined;
  output?: AttributeValue | undefined;
}

/** Input and output as span events tell them, in any of the three GenAI conventions. */
export function readMessageEvents(events: readonly OtlpEvent[]): Told {
  const details = events.find((event) => event.name === DETAILS_EVENT)?.attributes;
  if (details !== undefined) {
    const input = withSystem(details.get("gen_ai.input.messages"), details.get("gen_ai.system_instructions"));
    return { input, output: details.get("gen_ai.output.messages") };
  }
  const input: AttributeValue[] = [];
  const output: AttributeValue[] = [];
  const content: Told = {};
  for (const { name, attributes } of events) {
    const role = Object.hasOwn(MESSAGE_EVENTS, name) ? MESSAGE_EVENTS[name] : undefined;
    if (role !== undefined) input.push({ role, ...readMembers(Object.fromEntries(attributes)) });
    else if (name === CHOICE_EVENT) output.push(readChoice(readMembers(Object.fromEntries(attributes))));
    else if (name === CONTENT_EVENTS.prompt) content.input = attributes.get("gen_ai.prompt");
    else if (name === CONTENT_EVENTS.completion) content.output = attributes.get("gen_ai.completion");
  }
  return toTold(input, output, content);
}

/** Logfire puts the same events into one attribute: a list of objects with `event.name`. */
export function readEventList(list: AttributeValue): Told {
  const events = typeof list === "string" ? parseStructure(list) : list;
  if (!Array.isArray(events)) return {};
  const input: AttributeValue[] = [];
  const output: AttributeValue[] = [];
  for (const event of events) {
    const members = readObject(event);
    const name = members?.["event.name"];
    if (members === null || typeof name !== "string") continue;
    const { "event.name": _, ...message } = members;
    if (name === CHOICE_EVENT) output.push(readChoice(message));
    else if (Object.hasOwn(MESSAGE_EVENTS, name)) input.push({ role: MESSAGE_EVENTS[name] ?? "user", ...message });
  }
  return toTold(input, output, {});
}

function toTold(input: AttributeValue[], output: AttributeValue[], otherwise: Told): Told {
  return {
    input: input.length === 0 ? otherwise.input : input,
    output: output.length === 0 ? otherwise.output : output,
  };
}

/** The message of a choice stands in a member of its own, as an object or as JSON text. */
function readChoice({ message, ...others }: Record<string, AttributeValue>): AttributeValue {
  const members = message === undefined ? null : readObject(message);
  if (members !== null) return { role: "assistant", ...readMembers(members), ...others };
  return { role: "assistant", ...(message === undefined ? {} : { content: readParts(message) }), ...others };
}

/** Of a span's event, whose attributes are no objects: parts and calls are JSON in text, and each event says the provider once more. */
function readMembers(attributes: Record<string, AttributeValue>): Record<string, AttributeValue> {
  const { "gen_ai.system": _, "gen_ai.provider.name": __, content, tool_calls: calls, ...others } = attributes;
  return {
    ...(content === undefined ? {} : { content: readParts(content) }),
    ...(calls === undefined ? {} : { tool_calls: readParts(calls) }),
    ...others,
  };
}

/** A list of objects in text; any other text is what was said. */
function readParts(value: AttributeValue): AttributeValue {
  const parts = typeof value === "string" ? parseStructure(value) : undefined;
  const isList = Array.isArray(parts) && parts.every((part) => typeof part === "object" && part !== null);
  return isList && parts.length > 0 ? parts : value;
}

/** Puts system instructions before the messages they were sent with. */
export function withSystem(
  input: AttributeValue | undefined,
  system: AttributeValue | undefined,
): AttributeValue | undefined {
  if (system === undefined) return input;
  const parts = typeof system === "string" ? (parseStructure(system) ?? system) : system;
  const message: AttributeValue = Array.isArray(parts) ? { role: "system", parts } : { role: "system", content: parts };
  const messages = typeof input === "string" ? (parseStructure(input) ?? input) : input;
  if (messages === undefined) return [message];
  return Array.isArray(messages) ? [message, ...messages] : [message, { role: "user", content: messages }];
}
