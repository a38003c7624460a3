import type { JsonObject } from "../../json.ts";

/** A request as the stand-in sees it, whichever endpoint it came by. */
export interface Prompt {
  model: string;
  turns: Turn[];
  tools: Tool[];
  toolChoice: "auto" | "none" | "required" | { name: string };
  allowsParallelTools: boolean;
  format: { type: "text" } | { type: "json_object" } | { type: "json_schema"; schema: JsonObject };
}

export interface Turn {
  role: "system" | "user" | "assistant" | "tool";
  text: string;
  /** Names of the tools an assistant turn called, by call id. */
  calls: ReadonlyMap<string, string>;
  /** Of a tool's turn. */
  callId: string | undefined;
}

export interface Tool {
  name: string;
  description: string;
  parameters: JsonObject;
}

export interface ToolCall {
  name: string;
  /** JSON. */
  arguments: string;
}

/** What the model says: text, a refusal, or calls of tools. */
export interface Answer {
  text: string;
  toolCalls: ToolCall[];
  refusal?: string | undefined;
}
