import type { AliasTable } from "../table.ts";

const SPAN = { on: "span" } as const;

/** An outer span repeats what the calls inside of it say: it is a step of the application, not a model call. */
const OPERATION_WORDS: Readonly<Record<string, string>> = {
  "ai.generatetext": "span",
  "ai.streamtext": "span",
  "ai.generateobject": "span",
  "ai.streamobject": "span",
  "ai.embed": "span",
  "ai.embedmany": "span",
  "ai.rerank": "span",
  "ai.generatetext.dogenerate": "generation",
  "ai.streamtext.dostream": "generation",
  "ai.generateobject.dogenerate": "generation",
  "ai.streamobject.dostream": "generation",
  "ai.embed.doembed": "embedding",
  "ai.embedmany.doembed": "embedding",
  "ai.rerank.dorerank": "retriever",
  "ai.toolcall": "tool",
};

/** The Vercel AI SDK's own names: all of majors 3 to 6, and `LegacyOpenTelemetry` of 7, whose default is `gen_ai.*`. */
export const AI_SDK_TABLE: AliasTable = {
  convention: "ai",
  edition: "AI SDK 4 to 7",
  fields: {
    type: [
      { key: "ai.operationId", ...SPAN, words: OPERATION_WORDS },
      // With the function's id after a space.
      { key: "operation.name", ...SPAN, words: OPERATION_WORDS, cutAt: " " },
    ],
    model: [
      { key: "ai.response.model", ...SPAN },
      { key: "ai.model.id", ...SPAN, tier: 1 },
    ],
    finishReason: [{ key: "ai.response.finishReason", ...SPAN, keep: true, tier: 1 }],
    // `openai.chat` is the provider and its API.
    provider: [{ key: "ai.model.provider", ...SPAN, cutAt: ".", tier: 1 }],
    providerMetadata: [{ key: "ai.response.providerMetadata", ...SPAN, keep: true }],
    millisecondsToFirstToken: [
      { key: "ai.response.msToFirstChunk", ...SPAN, keep: true },
      { key: "ai.stream.msToFirstChunk", ...SPAN, keep: true },
    ],
    input: [
      { key: "ai.prompt.messages", ...SPAN },
      { key: "ai.prompt", ...SPAN },
      { key: "ai.toolCall.args", ...SPAN, json: true },
    ],
    output: [{ key: "ai.toolCall.result", ...SPAN, json: true }],
    answerText: [
      { key: "ai.response.text", ...SPAN },
      { key: "ai.result.text", ...SPAN },
    ],
    answerReasoning: [{ key: "ai.response.reasoning", ...SPAN }],
    answerToolCalls: [
      { key: "ai.response.toolCalls", ...SPAN },
      { key: "ai.result.toolCalls", ...SPAN },
    ],
    answerObject: [
      { key: "ai.response.object", ...SPAN, json: true },
      { key: "ai.result.object", ...SPAN, json: true },
    ],
    embeddedValues: [
      { key: "ai.values", ...SPAN },
      { key: "ai.value", ...SPAN },
    ],
    vectors: [
      { key: "ai.embeddings", ...SPAN },
      { key: "ai.embedding", ...SPAN },
    ],
    toolName: [{ key: "ai.toolCall.name", ...SPAN }],
    prompt: [{ key: "ai.telemetry.metadata.langfusePrompt", ...SPAN, keep: true }],
    userId: [
      { key: "ai.telemetry.metadata.userId", ...SPAN, tier: 1 },
      { key: "ai.settings.context.userId", ...SPAN, tier: 1 },
    ],
    sessionId: [
      { key: "ai.telemetry.metadata.sessionId", ...SPAN, tier: 1 },
      { key: "ai.settings.context.sessionId", ...SPAN, tier: 1 },
    ],
    tags: [{ key: "ai.telemetry.metadata.tags", ...SPAN, tier: 1 }],
  },
  groups: {
    metadata: ["ai.telemetry.metadata.", "ai.settings.context."],
    modelParameters: ["ai.settings."],
  },
  usage: {
    prefix: "ai.usage.",
    names: {
      promptTokens: { bucket: "input" },
      inputTokens: { bucket: "input" },
      tokens: { bucket: "input" },
      completionTokens: { bucket: "output" },
      outputTokens: { bucket: "output" },
      totalTokens: { bucket: "total" },
      inputTokenDetails_cacheReadTokens: { bucket: "input_cached_tokens", within: "input" },
      cachedInputTokens: { bucket: "input_cached_tokens", within: "input" },
      inputTokenDetails_cacheWriteTokens: { bucket: "input_cache_creation", within: "input" },
      outputTokenDetails_reasoningTokens: { bucket: "output_reasoning_tokens", within: "output" },
      reasoningTokens: { bucket: "output_reasoning_tokens", within: "output" },
    },
  },
};
