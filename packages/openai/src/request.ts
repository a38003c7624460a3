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

/** What is recorded of a chat completion request. Nothing is copied here: the tracer captures what it is given. */
export function describeChatRequest(body: unknown): DescribedRequest {
  const fields = fieldsOf(body);
  const beside = pick(fields, INPUT_FIELDS);
  const parameters = pick(fields, PARAMETERS);
  return {
    model: typeof fields["model"] === "string" ? fields["model"] : undefined,
    input: Object.keys(beside).length > 0 ? { messages: fields["messages"], ...beside } : fields["messages"],
    modelParameters: Object.keys(parameters).length > 0 ? parameters : undefined,
    metadata: defined({
      requestMetadata: fields["metadata"] ?? undefined,
      user: fields["user"] ?? fields["safety_identifier"] ?? undefined,
      stream: fields["stream"] === true ? true : undefined,
    }),
    streamed: fields["stream"] === true,
  };
}

/** `null` is how the API says "the default", so it is nothing to record. */
function pick(fields: Fields, names: readonly string[]): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const name of names) {
    if (fields[name] !== undefined && fields[name] !== null) out[name] = fields[name];
  }
  return out;
}
