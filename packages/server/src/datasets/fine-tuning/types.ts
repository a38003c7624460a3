/** OpenAI's chat fine-tuning format: https://platform.openai.com/docs/guides/supervised-fine-tuning */
export interface FineTuningExample {
  messages: FineTuningMessage[];
  tools?: FineTuningTool[] | undefined;
}

export type FineTuningMessage =
  | { role: "system"; content: string }
  | { role: "user"; content: string | UserPart[]; name?: string | undefined }
  | { role: "assistant"; content: string | null; tool_calls?: FineTuningCall[] | undefined }
  | { role: "tool"; tool_call_id: string; content: string };

export type UserPart = { type: "text"; text: string } | { type: "image_url"; image_url: { url: string } };

export interface FineTuningCall {
  id: string;
  type: "function";
  /** `arguments` is JSON text. */
  function: { name: string; arguments: string };
}

export interface FineTuningTool {
  type: "function";
  function: { name: string; description?: string | undefined; parameters?: unknown };
}

/** The value is no chat, or holds what the format cannot say; the message tells which. */
export class NoChatError extends Error {
  override readonly name = "NoChatError";
}

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** The first that is a text, an empty one too. */
export function firstText(...values: readonly unknown[]): string | undefined {
  return values.find((value) => typeof value === "string");
}

/** Text as it is, everything else as JSON. */
export function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}
