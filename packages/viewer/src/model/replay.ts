import type { SessionTrace } from "../api/types.ts";
import type { ChatMessage } from "./chat.ts";
import { newMessages } from "./chat-delta.ts";
import { parseNested } from "./json.ts";
import { readChat } from "./read-chat.ts";

/** What one trace of a session said. */
export interface Turn {
  trace: SessionTrace;
  /** Time since the turn before ended, in milliseconds; `null` for the first. */
  pauseMs: number | null;
  /** What was asked, without the history that was sent along; `null` where the input is no conversation. */
  asked: readonly ChatMessage[] | null;
  answered: readonly ChatMessage[] | null;
  /** What to show where there is no conversation. */
  input: unknown;
  output: unknown;
}

/** A session's traces as one conversation: each turn with what is new in it. */
export function replay(traces: readonly SessionTrace[]): Turn[] {
  let lastEnd: number | null = null;
  return traces.map((trace) => {
    const isCut = (field: "input" | "output"): boolean => trace.truncated?.includes(field) === true;
    const input = isCut("input") ? trace.input : parseNested(trace.input);
    const output = isCut("output") ? trace.output : parseNested(trace.output);
    const pauseMs = lastEnd === null ? null : Math.max(0, trace.startTime - lastEnd);
    lastEnd = Math.max(lastEnd ?? 0, trace.endTime ?? trace.startTime);
    const asked = isCut("input") ? null : askedIn(input);
    const answered = isCut("output") ? null : answeredIn(output);
    return { trace, pauseMs, asked, answered, input, output };
  });
}

function askedIn(input: unknown): readonly ChatMessage[] | null {
  const chat = readChat(input, "input");
  if (chat === null) return plain(input, "user");
  const fresh = newMessages(chat.messages);
  // A conversation that ends with the model's own words has nothing new to tell apart: its last message is shown.
  return fresh.length > 0 ? fresh : chat.messages.slice(-1);
}

function answeredIn(output: unknown): readonly ChatMessage[] | null {
  const chat = readChat(output, "output");
  if (chat === null) return plain(output, "assistant");
  // An agent answers with the whole conversation; the last words are the answer.
  const spoken = chat.messages.filter(({ role }) => role === "assistant" || role === "model");
  return spoken.length === 0 ? chat.messages : spoken.slice(-1);
}

/** The one text of a plain value: `"…"`, or `{ question: "…" }`. */
function plain(value: unknown, role: string): readonly ChatMessage[] | null {
  const text = typeof value === "string" ? value : onlyText(value);
  if (text === null || text.trim() === "") return null;
  return [{ role, name: null, parts: [{ kind: "text", text }], extra: null }];
}

function onlyText(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [only, ...more] = Object.values(value);
  return more.length === 0 && typeof only === "string" ? only : null;
}

/** Pauses shorter than this are part of a conversation and not named. */
export const LEAST_PAUSE_MS = 60_000;
