/** Arize OpenInference's attributes over OpenTelemetry: the content as `input.value` and again as messages. */
import { loadOtel, packages as otelPackages, setUpOtel } from "./otel.mjs";

export const label = "OpenInference";
export const packages = {
  ...otelPackages,
  "@arizeai/openinference-instrumentation-openai": "4.2.7",
  "@arizeai/openinference-instrumentation-langchain": "4.1.1",
};
/** It patches the class: the raw client of a comparison has to come from another copy. */
export const patchesClass = true;

export const load = loadOtel;

const kinds = { agent: "AGENT", retriever: "RETRIEVER", embedding: "EMBEDDING", tool: "TOOL", generation: "LLM" };

function inputOf({ type, input, model }) {
  const attributes = {
    "openinference.span.kind": kinds[type],
    "input.value": JSON.stringify(input),
    "input.mime_type": "application/json",
  };
  if (model) attributes["llm.model_name"] = model;
  input.messages?.forEach(({ role, content }, i) => {
    attributes[`llm.input_messages.${i}.message.role`] = role;
    attributes[`llm.input_messages.${i}.message.content`] =
      typeof content === "string" ? content : JSON.stringify(content);
  });
  return attributes;
}

function outputOf({ output, usage }) {
  const attributes = { "output.value": JSON.stringify(output), "output.mime_type": "application/json" };
  if (!usage) return attributes;
  attributes["llm.output_messages.0.message.role"] = output.role;
  attributes["llm.output_messages.0.message.content"] = output.content;
  attributes["llm.token_count.prompt"] = usage.input;
  attributes["llm.token_count.completion"] = usage.output;
  attributes["llm.token_count.total"] = usage.total;
  return attributes;
}

export function setUp(modules, context) {
  const { provider, ...sdk } = setUpOtel(modules, { ...context, inputOf, outputOf });
  async function wrap(client) {
    const { OpenAIInstrumentation } = await context.loadWrapper("@arizeai/openinference-instrumentation-openai");
    new OpenAIInstrumentation({ tracerProvider: provider }).manuallyInstrument(client.constructor);
    return client;
  }
  async function langChainCallbacks() {
    const { LangChainInstrumentation } = await context.loadWrapper("@arizeai/openinference-instrumentation-langchain");
    const manager = await context.loadWrapper("@langchain/core/callbacks/manager");
    new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(manager);
    return [];
  }
  return { ...sdk, wrap, langChainCallbacks };
}
