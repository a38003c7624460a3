import type { Fields } from "./fields.ts";

/** Of the parameters of a call only these are taken: others may hold configuration of the client. In snake case. */
const PARAMETERS: ReadonlySet<string> = new Set([
  "temperature",
  "top_p",
  "top_k",
  "min_p",
  "typical_p",
  "max_tokens",
  "max_completion_tokens",
  "max_output_tokens",
  "max_new_tokens",
  "max_tokens_to_sample",
  "num_predict",
  "num_ctx",
  "n",
  "candidate_count",
  "best_of",
  "seed",
  "random_seed",
  "stop",
  "stop_sequences",
  "frequency_penalty",
  "presence_penalty",
  "repeat_penalty",
  "repetition_penalty",
  "logit_bias",
  "logprobs",
  "top_logprobs",
  "parallel_tool_calls",
  "reasoning",
  "reasoning_effort",
  "thinking",
  "thinking_config",
  "verbosity",
  "modalities",
  "service_tier",
  "prompt_cache_key",
  "prompt_cache_retention",
  "store",
  "truncation",
  "response_mime_type",
  "safe_prompt",
  "mirostat",
]);

/** Parameters whose text is a word of the API, never the caller's. */
const WORDS: ReadonlySet<string> = new Set([
  "reasoning_effort",
  "verbosity",
  "service_tier",
  "truncation",
  "response_mime_type",
]);

/** Bedrock, Gemini and Ollama keep them one level deeper. */
const NESTED = ["inferenceConfig", "generationConfig", "options"] as const;

/** What LangChain tells of a model that says nothing of its parameters. */
const FROM_METADATA: Readonly<Record<string, string>> = {
  ls_temperature: "temperature",
  ls_max_tokens: "max_tokens",
  ls_stop: "stop",
};

/** Without `captureInput` all but numbers, booleans and the API's own words are left out. */
export function describeParameters(
  params: Fields,
  metadata: Fields,
  captureInput: boolean,
): Record<string, unknown> | undefined {
  const found: Record<string, unknown> = {};
  const take = (name: string, value: unknown): void => {
    const known = snakeCase(name);
    if (!PARAMETERS.has(known) || value === undefined || value === null || Object.hasOwn(found, name)) return;
    if (captureInput || typeof value === "number" || typeof value === "boolean" || WORDS.has(known))
      found[name] = value;
  };
  for (const [name, value] of Object.entries(params)) take(name, value);
  for (const container of NESTED) {
    const inner = params[container];
    if (typeof inner === "object" && inner !== null)
      for (const [name, value] of Object.entries(inner)) take(name, value);
  }
  const spellings = new Set(
    Object.keys(found).map((name) => (MAX_TOKENS.has(snakeCase(name)) ? "max_tokens" : snakeCase(name))),
  );
  for (const [key, name] of Object.entries(FROM_METADATA)) if (!spellings.has(name)) take(name, metadata[key]);
  return Object.keys(found).length > 0 ? found : undefined;
}

const MAX_TOKENS: ReadonlySet<string> = new Set([
  "max_completion_tokens",
  "max_output_tokens",
  "max_new_tokens",
  "num_predict",
]);

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
