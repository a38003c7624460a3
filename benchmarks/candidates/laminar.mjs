/** Laminar, over HTTP rather than its default gRPC: the sink speaks only that. */
import { recordRun } from "../support/agent-run.mjs";

export const label = "Laminar";
export const packages = { "@lmnr-ai/lmnr": "0.8.46" };
/** It patches the class: the raw client of a comparison has to come from another copy. */
export const patchesClass = true;

export const load = (load) => load("@lmnr-ai/lmnr");

const types = { agent: "DEFAULT", retriever: "DEFAULT", embedding: "DEFAULT", tool: "TOOL", generation: "LLM" };

export function setUp({ Laminar }, { url }) {
  const { protocol, hostname, port } = new URL(url);
  Laminar.initialize({
    projectApiKey: "bench",
    baseUrl: `${protocol}//${hostname}`,
    httpPort: Number(port),
    forceHttp: true,
    instrumentModules: {},
    logLevel: "error",
  });
  const begin = ({ type, name, input }) => Laminar.startSpan({ name, input, spanType: types[type] });
  const start = (parent, step) => (parent ? Laminar.withSpan(parent, () => begin(step)) : begin(step));
  const end = (span, { output, model, usage }) => {
    span.setOutput(output);
    if (usage) {
      span.setAttributes({
        "gen_ai.request.model": model,
        "gen_ai.usage.input_tokens": usage.input,
        "gen_ai.usage.output_tokens": usage.output,
      });
    }
    span.end();
  };
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(undefined, step), step),
    wrap(client) {
      Laminar.patch({ OpenAI: client.constructor });
      return client;
    },
    flush: () => Laminar.flush(),
    shutdown: () => Laminar.shutdown(),
  };
}
