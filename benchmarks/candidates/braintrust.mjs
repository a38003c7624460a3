/** Braintrust: spans of a project logger. */
import { recordRun } from "../support/agent-run.mjs";

export const label = "Braintrust";
export const packages = { braintrust: "3.35.0" };

export const load = (load) => load("braintrust");

const types = { agent: "task", retriever: "function", embedding: "function", tool: "tool", generation: "llm" };

export async function setUp({ initLogger, login, wrapOpenAI }, { url }) {
  const options = { appUrl: url, apiKey: "bench", orgName: "org" };
  await login(options);
  const logger = initLogger({ projectName: "bench", ...options });
  // The project is looked up at the first flush: a sink that is unwell just then would cost all that is recorded meanwhile.
  await logger.id;
  const start = (parent, { type, name, model, input }) => {
    const event = model ? { input, metadata: { model } } : { input };
    return (parent ?? logger).startSpan({ name, type: types[type], event });
  };
  const end = (span, { output, usage }) => {
    const metrics = usage && { prompt_tokens: usage.input, completion_tokens: usage.output, tokens: usage.total };
    span.log(metrics ? { output, metrics } : { output });
    span.end();
  };
  const flush = () => logger.flush();
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(undefined, step), step),
    wrap: (client) => wrapOpenAI(client),
    flush,
    // It has none of its own.
    shutdown: flush,
  };
}
