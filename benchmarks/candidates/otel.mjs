/** The OpenTelemetry SDK with its protobuf exporter at its defaults, for the peers that are conventions on top of it. */
import { recordRun } from "../support/agent-run.mjs";

export const packages = {
  "@opentelemetry/api": "1.9.1",
  "@opentelemetry/sdk-trace-node": "2.12.0",
  "@opentelemetry/exporter-trace-otlp-proto": "0.223.1",
};

export async function loadOtel(load) {
  const [api, sdk, exporter] = await Promise.all([
    load("@opentelemetry/api"),
    load("@opentelemetry/sdk-trace-node"),
    load("@opentelemetry/exporter-trace-otlp-proto"),
  ]);
  return { api, sdk, exporter };
}

/** `inputOf` and `outputOf` give a step's attributes by the peer's convention. */
export function setUpOtel({ api, sdk, exporter }, { url, inputOf, outputOf }) {
  const { BatchSpanProcessor, NodeTracerProvider } = sdk;
  const processor = new BatchSpanProcessor(new exporter.OTLPTraceExporter({ url: `${url}/v1/traces` }));
  const provider = new NodeTracerProvider({ spanProcessors: [processor] });
  provider.register();
  const tracer = provider.getTracer("bench");
  const { ROOT_CONTEXT, trace } = api;

  const start = (parent, step) => {
    const context = parent ? trace.setSpan(ROOT_CONTEXT, parent) : ROOT_CONTEXT;
    return tracer.startSpan(step.name, { attributes: inputOf(step) }, context);
  };
  const end = (span, step) => span.setAttributes(outputOf(step)).end();
  return {
    provider,
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(undefined, step), step),
    flush: () => provider.forceFlush(),
    shutdown: () => provider.shutdown(),
  };
}
