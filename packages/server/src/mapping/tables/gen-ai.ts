import type { AliasTable, UsageName } from "../table.ts";

const input = (bucket: string): UsageName => ({ bucket, within: "input" });
const output = (bucket: string): UsageName => ({ bucket, within: "output" });

/** What follows `gen_ai.usage.`: the convention's names, old and new, and what its users add. */
export const GEN_AI_USAGE_NAMES: Readonly<Record<string, UsageName>> = {
  input_tokens: { bucket: "input" },
  prompt_tokens: { bucket: "input" },
  output_tokens: { bucket: "output" },
  completion_tokens: { bucket: "output" },
  total_tokens: { bucket: "total" },
  tokens: { bucket: "total" },
  cache_read_input_tokens: input("input_cached_tokens"),
  cache_read_tokens: input("input_cached_tokens"),
  input_cached_tokens: input("input_cached_tokens"),
  input_tokens_cached: input("input_cached_tokens"),
  cached_tokens: input("input_cached_tokens"),
  cached_input_tokens: input("input_cached_tokens"),
  input_tokens_details_cached_tokens: input("input_cached_tokens"),
  prompt_cached_tokens: input("input_cached_tokens"),
  prompt_tokens_details_cached_tokens: input("input_cached_tokens"),
  details_cache_read_tokens: input("input_cached_tokens"),
  details_cache_read_input_tokens: input("input_cached_tokens"),
  cache_creation_input_tokens: input("input_cache_creation"),
  cache_write_input_tokens: input("input_cache_creation"),
  cache_write_tokens: input("input_cache_creation"),
  cache_creation_tokens: input("input_cache_creation"),
  prompt_cache_creation_tokens: input("input_cache_creation"),
  details_cache_write_tokens: input("input_cache_creation"),
  details_cache_creation_input_tokens: input("input_cache_creation"),
  audio_input_tokens: input("input_audio_tokens"),
  input_audio_tokens: input("input_audio_tokens"),
  image_input_tokens: input("input_image_tokens"),
  video_input_tokens: input("input_video_tokens"),
  reasoning_output_tokens: output("output_reasoning_tokens"),
  output_reasoning_tokens: output("output_reasoning_tokens"),
  output_tokens_reasoning: output("output_reasoning_tokens"),
  reasoning_tokens: output("output_reasoning_tokens"),
  details_reasoning_tokens: output("output_reasoning_tokens"),
  output_tokens_details_reasoning_tokens: output("output_reasoning_tokens"),
  completion_tokens_details_reasoning_tokens: output("output_reasoning_tokens"),
  completion_reasoning_tokens: output("output_reasoning_tokens"),
  // Google ADK before 2.3 counts thoughts beside the output.
  experimental_reasoning_tokens: { bucket: "output_reasoning_tokens" },
  audio_output_tokens: output("output_audio_tokens"),
  output_audio_tokens: output("output_audio_tokens"),
  image_output_tokens: output("output_image_tokens"),
};

/** https://github.com/open-telemetry/semantic-conventions-genai, with the names of earlier editions after the present ones. */
export const GEN_AI_TABLE: AliasTable = {
  convention: "gen_ai",
  edition: "1.41, its drafted successor, and earlier",
  fields: {
    type: [
      {
        key: "gen_ai.operation.name",
        on: "span",
        words: {
          chat: "generation",
          completion: "generation",
          text_completion: "generation",
          generate: "generation",
          generate_content: "generation",
          embeddings: "embedding",
          invoke_agent: "agent",
          create_agent: "agent",
          agent_step: "agent",
          invoke_workflow: "agent",
          execute_tool: "tool",
          retrieval: "retriever",
          search_memory: "retriever",
          plan: "chain",
        },
      },
    ],
    model: [
      { key: "gen_ai.response.model", on: "span" },
      { key: "gen_ai.request.model", on: "span", tier: 2 },
    ],
    provider: [
      { key: "gen_ai.provider.name", on: "span" },
      { key: "gen_ai.system", on: "span", tier: 2 },
    ],
    finishReason: [{ key: "gen_ai.response.finish_reasons", on: "span", keep: true }],
    errorType: [{ key: "error.type", on: "span", keep: true }],
    totalCost: [
      { key: "gen_ai.usage.cost", on: "span" },
      { key: "gen_ai.usage.total_cost", on: "span" },
    ],
    secondsToFirstToken: [
      { key: "gen_ai.response.time_to_first_chunk", on: "span", keep: true },
      { key: "gen_ai.client.operation.time_to_first_chunk", on: "span", keep: true },
    ],
    systemInstructions: [{ key: "gen_ai.system_instructions", on: "span" }],
    input: [
      { key: "gen_ai.input.messages", on: "span", tier: 1 },
      { key: "gen_ai.tool.call.arguments", on: "span", tier: 1 },
      { key: "gen_ai.prompt", on: "span", tier: 1 },
    ],
    output: [
      { key: "gen_ai.output.messages", on: "span", tier: 1 },
      { key: "gen_ai.tool.call.result", on: "span", tier: 1 },
      { key: "gen_ai.completion", on: "span", tier: 1 },
    ],
    sessionId: [{ key: "gen_ai.conversation.id", on: "span", tier: 1 }],
    toolName: [{ key: "gen_ai.tool.name", on: "span" }],
  },
  groups: {
    modelParameters: ["gen_ai.request."],
  },
  usage: { prefix: "gen_ai.usage.", names: GEN_AI_USAGE_NAMES },
};
