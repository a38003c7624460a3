/** LangSmith: run trees, create and update sent apart, compressed. */
import { recordRun } from "../support/agent-run.mjs";

export const label = "LangSmith";
export const packages = { langsmith: "0.12.0" };
export const env = { LANGSMITH_TRACING: "true" };

export async function load(load) {
  const [{ Client }, { RunTree }] = await Promise.all([load("langsmith"), load("langsmith/run_trees")]);
  return { Client, RunTree };
}

const types = { agent: "chain", retriever: "retriever", embedding: "embedding", tool: "tool", generation: "llm" };

export function setUp({ Client, RunTree }, { url, loadWrapper }) {
  const client = new Client({ apiUrl: url, apiKey: "lsv2_bench" });
  const start = (parent, { type, name, input }) => {
    const fields = { name, run_type: types[type], inputs: input };
    const run = parent ? parent.createChild(fields) : new RunTree({ ...fields, client, tracingEnabled: true });
    void run.postRun();
    return run;
  };
  const end = (run, { output, usage }) => {
    const tokens = usage && { input_tokens: usage.input, output_tokens: usage.output, total_tokens: usage.total };
    void run.end(tokens ? { ...output, usage_metadata: tokens } : output);
    void run.patchRun();
  };
  const flush = () => client.awaitPendingTraceBatches();
  return {
    run: (steps) => recordRun({ start, end }, steps),
    generation: (step) => end(start(undefined, step), step),
    wrap: async (openai) => (await loadWrapper("langsmith/wrappers")).wrapOpenAI(openai, { client }),
    async langChainCallbacks() {
      const { LangChainTracer } = await loadWrapper("@langchain/core/tracers/tracer_langchain");
      return [new LangChainTracer({ client })];
    },
    flush,
    // It has none of its own.
    shutdown: flush,
  };
}
