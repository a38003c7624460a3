/** Traceloop OpenLLMetry's attributes over OpenTelemetry. */
import { loadOtel, packages as otelPackages, setUpOtel } from "./otel.mjs";

export const label = "Traceloop";
export const packages = {
  ...otelPackages,
  "@traceloop/instrumentation-openai": "0.27.0",
  "@traceloop/instrumentation-langchain": "0.27.0",
};
/** It patches the class: the raw client of a comparison has to come from another copy. */
export const patchesClass = true;

export const load = loadOtel;

function inputOf({ type, input, model }) {
  if (!input.messages) return { "traceloop.span.kind": type, "traceloop.entity.input": JSON.stringify(input) };
  const attributes = { "gen_ai.system": "openai", "gen_ai.request.model": model };
  input.messages.forEach(({ role, content }, i) => {
    attributes[`gen_ai.prompt.${i}.role`] = role;
    attributes[`gen_ai.prompt.${i}.content`] = typeof content === "string" ? content : JSON.stringify(content);
  });
  return attributes;
}

function outputOf({ output, usage }) {
  if (!usage) return { "traceloop.entity.output": JSON.stringify(output) };
  return {
    "gen_ai.completion.0.role": output.role,
    "gen_ai.completion.0.content": output.content,
    "gen_ai.usage.prompt_tokens": usage.input,
    "gen_ai.usage.completion_tokens": usage.output,
    "llm.usage.total_tokens": usage.total,
  };
}

export function setUp(modules, context) {
  const { provider, ...sdk } = setUpOtel(modules, { ...context, inputOf, outputOf });
  async function wrap(client) {
    const { OpenAIInstrumentation } = await context.loadWrapper("@traceloop/instrumentation-openai");
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.manuallyInstrument(client.constructor);
    return client;
  }
  async function langChainCallbacks() {
    const { LangChainInstrumentation } = await context.loadWrapper("@traceloop/instrumentation-langchain");
    const callbackManagerModule = await context.loadWrapper("@langchain/core/callbacks/manager");
    const instrumentation = new LangChainInstrumentation();
    instrumentation.setTracerProvider(provider);
    instrumentation.manuallyInstrument({ callbackManagerModule });
    return [];
  }
  return { ...sdk, wrap, langChainCallbacks };
}
