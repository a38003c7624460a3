/** What a chat looks like to the views, whichever provider or framework recorded it. */
import type { MediaKind, MediaReference } from "./media.ts";

export interface TextPart {
  kind: "text";
  text: string;
}

export interface ReasoningPart {
  kind: "reasoning";
  text: string;
}

export interface MediaPart {
  kind: "media";
  media: MediaKind;
  /** A data: URI or an http(s) address; `null` when only named or referred to. */
  url: string | null;
  /** Set when the bytes travelled apart from the payload. */
  reference: MediaReference | null;
  label: string;
}

export interface ToolCallPart {
  kind: "tool-call";
  callId: string | null;
  name: string;
  /** Parsed when it was JSON text. */
  arguments: unknown;
}

export interface ToolResultPart {
  kind: "tool-result";
  callId: string | null;
  name: string | null;
  value: unknown;
}

/** A part nobody here understands: shown as JSON, never dropped. */
export interface JsonPart {
  kind: "json";
  value: unknown;
}

export type ChatPart = TextPart | ReasoningPart | MediaPart | ToolCallPart | ToolResultPart | JsonPart;

export interface ChatMessage {
  role: string;
  name: string | null;
  parts: ChatPart[];
  /** Whatever else the message carries and no part shows. */
  extra: Record<string, unknown> | null;
}

export interface ToolDefinition {
  name: string;
  description: string | null;
  value: unknown;
}

export interface Chat {
  messages: ChatMessage[];
  tools: ToolDefinition[];
  /** The rest of the recorded value. */
  extra: Record<string, unknown> | null;
}

/** The text of an object that holds nothing else: `{ question: "…" }` is a question, not JSON to be read. */
export function soleText(value: unknown): string | null {
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const [only, ...others]: unknown[] = Object.values(value);
  return others.length === 0 && typeof only === "string" ? only : null;
}

/** Tool results by call id, so that a call can show its answer beside it. */
export function resultsByCallId(messages: readonly ChatMessage[]): ReadonlyMap<string, ToolResultPart> {
  const results = new Map<string, ToolResultPart>();
  for (const message of messages) {
    for (const part of message.parts) {
      if (part.kind === "tool-result" && part.callId !== null) results.set(part.callId, part);
    }
  }
  return results;
}

/** True for a message that only repeats results which are shown with their calls. */
export function isPairedResult(message: ChatMessage, callIds: ReadonlySet<string>): boolean {
  return (
    message.extra === null &&
    message.parts.length > 0 &&
    message.parts.every((part) => part.kind === "tool-result" && part.callId !== null && callIds.has(part.callId))
  );
}

export function toolCallIds(messages: readonly ChatMessage[]): ReadonlySet<string> {
  const ids = new Set<string>();
  for (const message of messages) {
    for (const part of message.parts) if (part.kind === "tool-call" && part.callId !== null) ids.add(part.callId);
  }
  return ids;
}
