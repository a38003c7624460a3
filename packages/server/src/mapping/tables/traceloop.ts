import type { AliasTable } from "../table.ts";

const property = (name: string, tier = 1): { key: string; on: "span"; tier: number } => ({
  key: `traceloop.association.properties.${name}`,
  on: "span",
  tier,
});

/** https://www.traceloop.com/docs/openllmetry/contributing/semantic-conventions; earlier releases wrote `llm.*` for `gen_ai.*`. */
export const TRACELOOP_TABLE: AliasTable = {
  convention: "traceloop",
  edition: "OpenLLMetry 0.27 and earlier",
  fields: {
    type: [
      {
        key: "traceloop.span.kind",
        on: "span",
        words: { workflow: "chain", task: "span", agent: "agent", tool: "tool" },
      },
      {
        key: "llm.request.type",
        on: "span",
        words: { chat: "generation", completion: "generation", embedding: "embedding", rerank: "retriever" },
      },
    ],
    model: [
      { key: "llm.response.model", on: "span", tier: 3 },
      { key: "llm.request.model", on: "span", tier: 3 },
    ],
    provider: [{ key: "llm.vendor", on: "span", tier: 3 }],
    input: [{ key: "traceloop.entity.input", on: "span", json: true, tier: 3 }],
    output: [{ key: "traceloop.entity.output", on: "span", json: true, tier: 3 }],
    traceName: [{ key: "traceloop.workflow.name", on: "span", tier: 1 }],
    userId: [property("user_id"), property("userId"), property("user.id")],
    sessionId: [
      property("session_id"),
      property("sessionId"),
      property("session.id"),
      property("thread_id", 2),
      property("conversation_id", 2),
      property("chat_id", 2),
    ],
  },
  groups: { metadata: ["traceloop.association.properties."] },
  usage: {
    prefix: "llm.usage.",
    names: {
      prompt_tokens: { bucket: "input" },
      completion_tokens: { bucket: "output" },
      total_tokens: { bucket: "total" },
      cache_read_input_tokens: { bucket: "input_cached_tokens", within: "input" },
      cache_creation_input_tokens: { bucket: "input_cache_creation", within: "input" },
      reasoning_tokens: { bucket: "output_reasoning_tokens", within: "output" },
    },
  },
  lists: [
    { list: "prompts", prefix: "gen_ai.prompt." },
    { list: "completions", prefix: "gen_ai.completion." },
    { list: "completions", prefix: "llm.completions." },
  ],
};
