import type { ChatMessage } from "./chat.ts";

/** Fewer than this are not worth a fold. */
const LEAST_FOLDED = 2;

/**
 * How many messages of an input were there before: all up to the model's last own turn, which is kept, as what came after answers to
 * it. An agent sends the whole conversation with each call; only its end is new.
 */
export function earlierCount(messages: readonly ChatMessage[]): number {
  const last = messages.findLastIndex((message) => message.role === "assistant" || message.role === "model");
  return last < LEAST_FOLDED ? 0 : last;
}

/** What a turn was told since the model spoke last, without results of tools: those have lines of their own. */
export function newMessages(messages: readonly ChatMessage[]): ChatMessage[] {
  const last = messages.findLastIndex((message) => message.role === "assistant" || message.role === "model");
  return messages.slice(last + 1).filter(({ role, parts }) => {
    if (role === "system" || role === "developer" || role === "tool" || role === "function") return false;
    return !parts.every((part) => part.kind === "tool-result");
  });
}
