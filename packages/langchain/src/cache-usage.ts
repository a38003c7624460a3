import { fieldsOf, isFields, type Fields } from "./fields.ts";

/** The provider's own counts, where LangChain's package keeps them: of an answer, and of a stream of Bedrock's. */
export function providerUsage(response: Fields, llmOutput?: Fields): Fields {
  for (const raw of [response["usage"], fieldsOf(response["metadata"])["usage"], llmOutput?.["usage"]]) {
    if (isFields(raw)) return raw;
  }
  return {};
}

/**
 * `usage_metadata` whose input has the tokens of the cache in it, as LangChain means it. `@langchain/anthropic` left them out
 * (streams before 1.3, answers before 1.3.29) and told a stream's twice, `@langchain/aws` before 1.0 told nothing of them.
 * `raw`, {@link providerUsage}, is what Anthropic and Bedrock themselves say: the input is without them there.
 * `isNewer`: the package is of LangChain 1, which says so with `model_provider`.
 */
export function withCacheInInput(usage: unknown, raw: Fields, isNewer: boolean): unknown {
  // OpenAI's counts, whatever a gateway tells beside them, have the cache's in the prompt.
  if (!isFields(usage) || "prompt_tokens" in raw) return usage;
  const read = countOf(raw["cache_read_input_tokens"], raw["cacheReadInputTokens"]);
  const written = countOf(raw["cache_creation_input_tokens"], raw["cacheWriteInputTokens"]);
  const cached = read + written;
  const { input_tokens: input, output_tokens: output, total_tokens: total } = usage;
  if (cached === 0 || typeof input !== "number") return usage;
  const own = raw["input_tokens"] ?? raw["inputTokens"];
  // Anthropic's streams keep everything but the input.
  const isLeftOut = own === undefined ? input < cached || !isNewer : own === input;
  const missing = isLeftOut ? cached : 0;
  return {
    ...usage,
    input_tokens: input + missing,
    // Bedrock's total has them.
    ...(typeof total === "number" &&
      typeof output === "number" && { total_tokens: total === input + output ? total + missing : total }),
    input_token_details: { ...fieldsOf(usage["input_token_details"]), cache_read: read, cache_creation: written },
  };
}

function countOf(...values: unknown[]): number {
  for (const value of values) if (typeof value === "number" && value > 0) return value;
  return 0;
}
