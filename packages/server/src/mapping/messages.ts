import type { AttributeValue, OtlpEvent } from "../ingest/otlp-span.ts";
import { parseStructure } from "./values.ts";

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

/** Input and output as span events tell them, in either of the two GenAI conventions. */
export function readMessageEvents(events: readonly OtlpEvent[]): { input?: AttributeValue; output?: AttributeValue } {
  const details = events.find((event) => event.name === DETAILS_EVENT)?.attributes;
  if (details !== undefined) {
    const input = withSystem(details.get("gen_ai.input.messages"), details.get("gen_ai.system_instructions"));
    const output = details.get("gen_ai.output.messages");
    return { ...(input === undefined ? {} : { input }), ...(output === undefined ? {} : { output }) };
  }
  const input: AttributeValue[] = [];
  const output: AttributeValue[] = [];
  for (const event of events) {
    const role = Object.hasOwn(MESSAGE_EVENTS, event.name) ? MESSAGE_EVENTS[event.name] : undefined;
    if (role !== undefined) input.push({ role, ...Object.fromEntries(event.attributes) });
    else if (event.name === CHOICE_EVENT) output.push({ role: "assistant", ...Object.fromEntries(event.attributes) });
  }
  return { ...(input.length === 0 ? {} : { input }), ...(output.length === 0 ? {} : { output }) };
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
