/** Opik: a trace and its spans. A generation alone is a trace with one span, hence two records. */
import { recordRun } from "../support/agent-run.mjs";

export const label = "Opik";
export const packages = { opik: "2.0.40", "opik-openai": "1.11.14" };
export const env = { OPIK_LOG_LEVEL: "ERROR" };

export const load = (load) => load("opik");

const types = { retriever: "general", embedding: "general", tool: "tool", generation: "llm" };

export function setUp({ Opik }, { url, loadWrapper }) {
  const client = new Opik({ apiUrl: `${url}/api`, apiKey: "bench", workspaceName: "bench", projectName: "bench" });
  const start = (parent, { type, name, model, input }) => {
    if (!parent) return client.trace({ name, input });
    return parent.span({ name, type: types[type], input, ...(model && { model }) });
  };
  const end = (handle, { output, usage }) => {
    const tokens = usage && { prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.total };
    handle.update(tokens ? { output, usage: tokens } : { output });
    handle.end();
  };
  const flush = () => client.flush();
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation(step) {
      const trace = client.trace({ name: step.name });
      end(start(trace, step), step);
      trace.end();
    },
    wrap: async (openai) => (await loadWrapper("opik-openai")).trackOpenAI(openai, { client }),
    flush,
    // It has none of its own.
    shutdown: flush,
  };
}
