import { NoChatError, type FineTuningMessage } from "./types.ts";

/**
 * What OpenAI refuses a whole file for: an answer that says nothing, a call whose result does not follow, a result of no call, two calls that
 * cannot be told apart. The last message may call: that is what is to be learnt.
 *
 * @throws {NoChatError}
 */
export function checkTurns(messages: readonly FineTuningMessage[]): void {
  const open = new Set<string>();
  for (const message of messages) {
    if (message.role === "tool") {
      if (!open.delete(message.tool_call_id)) throw new NoChatError("a result of a call that was not made");
      continue;
    }
    if (open.size > 0) throw new NoChatError("a call without its result");
    if (message.role !== "assistant") continue;
    const calls = message.tool_calls ?? [];
    if (calls.length === 0 && (message.content ?? "") === "") throw new NoChatError("an answer that says nothing");
    for (const { id } of calls) {
      if (open.has(id)) throw new NoChatError("two calls under one id");
      open.add(id);
    }
  }
}
