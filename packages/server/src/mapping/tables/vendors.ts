import type { AliasTable, Source } from "../table.ts";

/** A vendor's own name loses to a convention's. */
const TIER = 2;
const json = (key: string): Source => ({ key, on: "span", json: true, tier: TIER });
/** Sets the fields of a model call to an empty object on the spans of tools. */
const adk = (key: string): Source => ({ key, on: "span", tier: TIER, unless: "{}" });
const text = (key: string): Source => ({ key, on: "span", tier: TIER });
const member = (key: string, ...path: string[]): Source => ({ key, on: "span", tier: TIER, path });

/** Mastra names its attributes after the span's type. */
const MASTRA_TYPES: Readonly<Record<string, string>> = {
  agent_run: "agent",
  workflow_run: "chain",
  workflow_step: "chain",
  model_generation: "generation",
  llm_generation: "generation",
  model_step: "span",
  tool_call: "tool",
  mcp_tool_call: "tool",
  processor_run: "span",
};
const mastra = (side: "input" | "output"): Source[] =>
  Object.keys(MASTRA_TYPES).map((type) => text(`mastra.${type}.${side}`));

/** Where an answer of a Haystack generator says what the model told of itself. */
const HAYSTACK_ANSWERS = [
  ["meta", "0"],
  ["replies", "0", "meta"],
  ["replies", "0", "_meta"],
] as const;
const haystack = (name: string): Source[] =>
  HAYSTACK_ANSWERS.map((path) => member("haystack.component.output", ...path, name));

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
      { key: "mastra.span.type", on: "span", words: MASTRA_TYPES },
      {
        key: "langsmith.span.kind",
        on: "span",
        words: {
          llm: "generation",
          chain: "chain",
          tool: "tool",
          retriever: "retriever",
          embedding: "embedding",
          prompt: "chain",
          parser: "chain",
        },
      },
      {
        key: "braintrust.span_attributes",
        on: "span",
        path: ["type"],
        words: {
          llm: "generation",
          tool: "tool",
          function: "span",
          task: "chain",
          eval: "chain",
          score: "evaluator",
        },
      },
      {
        key: "haystack.component.type",
        on: "span",
        match: /(generator|retriever|ranker|embedder|evaluator|toolinvoker|agent)$/i,
        words: {
          generator: "generation",
          retriever: "retriever",
          ranker: "retriever",
          embedder: "embedding",
          evaluator: "evaluator",
          toolinvoker: "tool",
          agent: "agent",
        },
      },
      // Pydantic AI has them on the spans of agents alone.
      { key: "pydantic_ai.all_messages", on: "span", as: "agent" },
      { key: "all_messages_events", on: "span", as: "agent" },
    ],
    displayName: [
      { key: "logfire.msg", on: "span", keep: true },
      { key: "haystack.component.name", on: "span", keep: true },
    ],
    nameTemplate: [{ key: "logfire.msg_template", on: "span", keep: true }],
    model: [
      { key: "model", on: "span", tier: 4 },
      { ...json("mlflow.llm.model"), tier: 4 },
      { ...member("braintrust.metadata", "model"), tier: 4 },
      ...haystack("model").map((source) => ({ ...source, tier: 4 })),
    ],
    provider: [
      { ...json("mlflow.llm.provider"), tier: 4 },
      { ...member("braintrust.metadata", "provider"), tier: 4 },
    ],
    countsObject: [
      { key: "mlflow.chat.tokenUsage", on: "span", keep: true },
      { key: "braintrust.metrics", on: "span", keep: true },
      ...haystack("usage"),
    ],
    totalCost: [
      // LiteLLM says 0 of a model whose price it does not know.
      { key: "gen_ai.cost.total_cost", on: "span", unless: 0 },
      { key: "litellm.cost.total", on: "span", unless: 0 },
      { key: "operation.cost", on: "span" },
      { key: "mlflow.llm.cost", on: "span", path: ["total_cost"] },
    ],
    secondsToFirstToken: [{ key: "braintrust.metrics", on: "span", path: ["time_to_first_token"] }],
    input: [
      json("genkit:input"),
      adk("gcp.vertex.agent.llm_request"),
      adk("gcp.vertex.agent.tool_call_args"),
      json("mlflow.spanInputs"),
      ...mastra("input"),
      text("braintrust.input_json"),
      text("haystack.component.input"),
      text("haystack.pipeline.input_data"),
      text("lk.input_text"),
      text("lk.user_transcript"),
      text("lk.chat_ctx"),
      text("lk.function_tool.arguments"),
      text("pydantic_ai.all_messages"),
      text("tool_arguments"),
      text("request_data"),
      text("prompt"),
    ],
    output: [
      json("genkit:output"),
      adk("gcp.vertex.agent.llm_response"),
      adk("gcp.vertex.agent.tool_response"),
      json("mlflow.spanOutputs"),
      ...mastra("output"),
      text("braintrust.output_json"),
      text("haystack.component.output"),
      text("haystack.pipeline.output_data"),
      text("lk.function_tool.output"),
      text("lk.response.text"),
      text("final_result"),
      text("tool_response"),
      text("response_data"),
      text("all_messages_events"),
    ],
    eventList: [{ key: "events", on: "span" }],
    metadata: [text("braintrust.metadata")],
    traceName: [text("langsmith.trace.name")],
    tags: [text("langsmith.span.tags")],
    userId: [json("mlflow.trace.user"), text("langsmith.metadata.user_id")],
    sessionId: [
      text("gcp.vertex.agent.session_id"),
      json("mlflow.trace.session"),
      text("langsmith.metadata.session_id"),
      text("langsmith.metadata.thread_id"),
      text("langsmith.metadata.conversation_id"),
    ],
  },
  groups: { metadata: ["langsmith.metadata."] },
};
