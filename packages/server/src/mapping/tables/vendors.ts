import type { AliasTable } from "../table.ts";

const json = (key: string): { key: string; on: "span"; json: true; tier: 2 } => ({
  key,
  on: "span",
  json: true,
  tier: 2,
});
/** Sets the fields of a model call to an empty object on the spans of tools. */
const adk = (key: string): { key: string; on: "span"; tier: 2; unless: "{}" } => ({
  key,
  on: "span",
  tier: 2,
  unless: "{}",
});
const text = (key: string): { key: string; on: "span"; tier: 2 } => ({ key, on: "span", tier: 2 });

/** Frameworks that write names of their own beside, or instead of, a convention's. Each field's first match wins. */
export const VENDOR_TABLE: AliasTable = {
  convention: "vendors",
  edition: "2026-08",
  fields: {
    type: [
      {
        key: "genkit:metadata:subtype",
        on: "span",
        words: {
          model: "generation",
          tool: "tool",
          "tool.v2": "tool",
          retriever: "retriever",
          embedder: "embedding",
          evaluator: "evaluator",
          flow: "chain",
          indexer: "span",
        },
      },
      { key: "genkit:type", on: "span", words: { flow: "chain", flowstep: "span" } },
      {
        key: "mlflow.spanType",
        on: "span",
        json: true,
        words: {
          llm: "generation",
          chat_model: "generation",
          chain: "chain",
          agent: "agent",
          tool: "tool",
          retriever: "retriever",
          reranker: "retriever",
          embedding: "embedding",
        },
      },
    ],
    model: [{ key: "model", on: "span", tier: 4 }],
    input: [
      json("genkit:input"),
      adk("gcp.vertex.agent.llm_request"),
      adk("gcp.vertex.agent.tool_call_args"),
      json("mlflow.spanInputs"),
      text("lk.input_text"),
      text("lk.user_transcript"),
      text("lk.chat_ctx"),
      text("lk.function_tool.arguments"),
      text("pydantic_ai.all_messages"),
      text("tool_arguments"),
      text("prompt"),
    ],
    output: [
      json("genkit:output"),
      adk("gcp.vertex.agent.llm_response"),
      adk("gcp.vertex.agent.tool_response"),
      json("mlflow.spanOutputs"),
      text("lk.function_tool.output"),
      text("lk.response.text"),
      text("final_result"),
      text("tool_response"),
      text("all_messages_events"),
    ],
    eventList: [{ key: "events", on: "span" }],
    sessionId: [{ key: "gcp.vertex.agent.session_id", on: "span", tier: 2 }],
  },
};
