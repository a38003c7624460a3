import { defined, fieldsOf, type Fields } from "./fields.ts";

/** Settings of the model. What is not listed here is recorded as input, or not at all: an unknown key may hold a credential. */
const PARAMETERS = [
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "max_tokens",
  "max_completion_tokens",
  "reasoning_effort",
  "reasoning",
  "thinking",
  "enable_thinking",
  "verbosity",
  "seed",
  "n",
  "stop",
  "frequency_penalty",
  "presence_penalty",
  "repetition_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "parallel_tool_calls",
  "service_tier",
  "store",
  "prediction",
  "modalities",
  "audio",
  "web_search_options",
  "prompt_cache_key",
  "prompt_cache_retention",
] as const;

/** Parameters whose text is a word of the API, never the caller's. */
const WORDS: ReadonlySet<string> = new Set([
  "reasoning_effort",
  "verbosity",
  "service_tier",
  "prompt_cache_retention",
] satisfies (typeof PARAMETERS)[number][]);

/** What shapes the answer beside the messages; shown with them. */
const INPUT_FIELDS = ["tools", "tool_choice", "functions", "function_call", "response_format"] as const;

export interface DescribedRequest {
  model: string | undefined;
  /** The messages alone, or with tools and schema as `{ messages, tools, ... }`. */
  input: unknown;
  modelParameters: Record<string, unknown> | undefined;
  metadata: Record<string, unknown>;
  streamed: boolean;
}

/**
 * What is recorded of a chat completion request. Nothing is copied here: the tracer captures what it is given. Without
 * `captureInput` nothing that the caller wrote in words is in it.
 */
export function describeChatRequest(body: unknown, captureInput = true): DescribedRequest {
  const fields = fieldsOf(body);
  const beside = pick(fields, INPUT_FIELDS);
  const given = pick(fields, PARAMETERS);
  const parameters = captureInput ? given : withoutContent(given);
  const streamed = fields["stream"] === true;
  const messages = fields["messages"];
  return {
    model: typeof fields["model"] === "string" ? fields["model"] : undefined,
    input: !captureInput ? undefined : Object.keys(beside).length > 0 ? { messages, ...beside } : messages,
    modelParameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    metadata: defined({
      requestMetadata: (captureInput && fields["metadata"]) || undefined,
      user: (captureInput && (fields["user"] ?? fields["safety_identifier"])) || undefined,
      stream: streamed || undefined,
    }),
    streamed,
  };
}

function withoutContent(parameters: Record<string, unknown>): Record<string, unknown> {
  const plain = Object.entries(parameters).filter(
    ([name, value]) =>
      typeof value === "number" || typeof value === "boolean" || (typeof value === "string" && WORDS.has(name)),
  );
  return Object.fromEntries(plain);
}

/** `null` is how the API says "the default", so it is nothing to record. */
function pick(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of names) {
    if (fields[name] !== undefined && fields[name] !== null) out[name] = fields[name];
  }
  return out;
}
