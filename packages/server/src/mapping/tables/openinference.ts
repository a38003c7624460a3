import type { AliasTable, FlatList, ListField } from "../table.ts";

/** Every level of an indexed name repeats what it holds: `llm.input_messages.0.message.tool_calls.0.tool_call.id`. */
const MESSAGE_WRAPPERS = ["message", "tool_call", "message_content", "image"];
const MESSAGE_RENAMES = {
  contents: "content",
  function_call_name: "function_call.name",
  function_call_arguments_json: "function_call.arguments",
};

const list = (field: ListField, prefix: string, ...wrappers: string[]): FlatList => ({ list: field, prefix, wrappers });
const messages = (field: ListField, prefix: string): FlatList => ({
  ...list(field, prefix, ...MESSAGE_WRAPPERS),
  renames: MESSAGE_RENAMES,
});

/** https://arize-ai.github.io/openinference/spec/semantic_conventions.html */
export const OPENINFERENCE_TABLE: AliasTable = {
  convention: "openinference",
  edition: "semantic-conventions 2.12",
  fields: {
    type: [
      {
        key: "openinference.span.kind",
        on: "span",
        words: {
          llm: "generation",
          chain: "chain",
          retriever: "retriever",
          // Neither has a type of its own here; the span keeps its kind among the attributes.
          reranker: "retriever",
          prompt: "chain",
          tool: "tool",
          agent: "agent",
          guardrail: "guardrail",
          evaluator: "evaluator",
          embedding: "embedding",
        },
      },
    ],
    model: [
      { key: "llm.response.model_name", on: "span", tier: 3 },
      { key: "llm.model_name", on: "span", tier: 3 },
      { key: "llm.request.model_name", on: "span", tier: 3 },
      { key: "embedding.model_name", on: "span", tier: 3 },
      { key: "reranker.model_name", on: "span", tier: 3 },
    ],
    provider: [
      { key: "llm.provider", on: "span", tier: 3 },
      { key: "llm.system", on: "span", tier: 3 },
    ],
    modelParameters: [{ key: "llm.invocation_parameters", on: "span" }],
    inputValue: [{ key: "input.value", on: "span" }],
    inputMime: [{ key: "input.mime_type", on: "span", keep: true }],
    outputValue: [{ key: "output.value", on: "span" }],
    outputMime: [{ key: "output.mime_type", on: "span", keep: true }],
    rerankQuery: [{ key: "reranker.query", on: "span", keep: true }],
    metadata: [{ key: "metadata", on: "span", tier: 1 }],
    tags: [{ key: "tag.tags", tier: 1 }],
  },
  groups: { cost: ["llm.cost."] },
  usage: {
    prefix: "llm.token_count.",
    names: {
      prompt: { bucket: "input" },
      completion: { bucket: "output" },
      total: { bucket: "total" },
      prompt_details_cache_read: { bucket: "input_cached_tokens", within: "input" },
      prompt_details_cache_input: { bucket: "input_cached_tokens", within: "input" },
      prompt_details_cache_write: { bucket: "input_cache_creation", within: "input" },
      prompt_details_audio: { bucket: "input_audio_tokens", within: "input" },
      completion_details_reasoning: { bucket: "output_reasoning_tokens", within: "output" },
      completion_details_audio: { bucket: "output_audio_tokens", within: "output" },
    },
  },
  lists: [
    messages("inputMessages", "llm.input_messages."),
    messages("outputMessages", "llm.output_messages."),
    messages("prompts", "llm.prompts."),
    list("documents", "retrieval.documents.", "document"),
    list("rerankInput", "reranker.input_documents.", "document"),
    list("rerankOutput", "reranker.output_documents.", "document"),
    list("embeddings", "embedding.embeddings.", "embedding"),
    list("evaluations", "evaluations.", "evaluation"),
    list("annotations", "annotations.", "annotation"),
    list("traceEvaluations", "trace.evaluations.", "evaluation"),
    list("traceAnnotations", "trace.annotations.", "annotation"),
    list("sessionEvaluations", "session.evaluations.", "evaluation"),
    list("sessionAnnotations", "session.annotations.", "annotation"),
  ],
};
