import type { AliasTable } from "../table.ts";

/** https://github.com/open-telemetry/semantic-conventions-genai, with the names of earlier editions after the present ones. */
export const GEN_AI_TABLE: AliasTable = {
  convention: "gen_ai",
  edition: "1.41 and earlier",
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
      { key: "gen_ai.request.model", on: "span" },
    ],
    provider: [
      { key: "gen_ai.provider.name", on: "span" },
      { key: "gen_ai.system", on: "span" },
    ],
    totalCost: [{ key: "gen_ai.usage.cost", on: "span" }],
    secondsToFirstToken: [{ key: "gen_ai.response.time_to_first_chunk", on: "span" }],
    systemInstructions: [{ key: "gen_ai.system_instructions", on: "span" }],
    input: [
      { key: "gen_ai.input.messages", on: "span" },
      { key: "gen_ai.tool.call.arguments", on: "span" },
      { key: "gen_ai.prompt", on: "span" },
    ],
    output: [
      { key: "gen_ai.output.messages", on: "span" },
      { key: "gen_ai.tool.call.result", on: "span" },
      { key: "gen_ai.completion", on: "span" },
    ],
    sessionId: [{ key: "gen_ai.conversation.id", on: "span" }],
    toolName: [{ key: "gen_ai.tool.name", on: "span" }],
  },
  groups: {
    modelParameters: ["gen_ai.request."],
    inclusiveUsage: ["gen_ai.usage."],
  },
};
