/** Langfuse 5: its tracing API over the OpenTelemetry SDK, with its own span processor. */
import { recordRun } from "../support/agent-run.mjs";

export const label = "Langfuse 5";
export const packages = {
  "@langfuse/tracing": "5.11.1",
  "@langfuse/otel": "5.11.1",
  "@langfuse/openai": "5.11.1",
  "@langfuse/langchain": "5.11.1",
  "@opentelemetry/api": "1.9.1",
  "@opentelemetry/sdk-trace-node": "2.12.0",
};

export async function load(load) {
  const [tracing, otel, sdk] = await Promise.all([
    load("@langfuse/tracing"),
    load("@langfuse/otel"),
    load("@opentelemetry/sdk-trace-node"),
  ]);
  return { tracing, otel, sdk };
}

export function setUp({ tracing, otel, sdk }, { url, loadWrapper }) {
  const processor = new otel.LangfuseSpanProcessor({
    publicKey: "pk-lf-bench",
    secretKey: "sk-lf-bench",
    baseUrl: url,
  });
  const provider = new sdk.NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();

  const start = (parent, { type, name, model, input }) => {
    const attributes = model ? { model, input } : { input };
    const options = { asType: type };
    return parent
      ? parent.startObservation(name, attributes, options)
      : tracing.startObservation(name, attributes, options);
  };
  const end = (observation, { output, usage }) => {
    observation.update(usage ? { output, usageDetails: usage } : { output }).end();
  };
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(undefined, step), step),
    wrap: async (client) => (await loadWrapper("@langfuse/openai")).observeOpenAI(client),
    langChainCallbacks: async () => [new (await loadWrapper("@langfuse/langchain")).CallbackHandler()],
    flush: () => processor.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}
