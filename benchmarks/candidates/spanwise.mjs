/** Ours, at default settings, as it is published: `support/install.mjs` packs it beside the peers. */
export const label = "Spanwise";

/** Five trace attributes on every observation, as an application would set them. */
const trace = { userId: "u", sessionId: "s", traceName: "t", tags: ["a"], metadata: { k: "v" } };

export const load = (load) => load("@spanwise/core");

export function setUp(core, { url, attributes = true, options, loadWrapper }) {
  const { init, startActiveObservation, startObservation, flush, shutdown, getTracer } = core;
  init({ baseUrl: url, logLevel: "error", ...options });

  const rootOptions = attributes ? { type: "agent", trace } : { type: "agent" };
  /** As applications write it: agent and retriever with their work inside, the rest as handles. */
  function run(steps) {
    startActiveObservation(
      "agent",
      (agent) => {
        agent.update({ input: steps.agent.input });
        startActiveObservation(
          "retrieve",
          (retriever) => {
            retriever.embedding("embed", { input: steps.embedding.input }).end({ output: steps.embedding.output });
            retriever.update({ input: steps.retriever.input, output: steps.retriever.output });
          },
          { type: "retriever" },
        );
        agent.tool("weather", { input: steps.tool.input }).end({ output: steps.tool.output });
        const { model, input, output, usage } = steps.generation;
        agent.generation("draft", { model, input }).end({ output, usageDetails: usage });
        agent.update({ output: steps.agent.output });
      },
      rootOptions,
    );
  }

  const start = (parent, { type, name, model, input }) =>
    parent
      ? parent.startObservation(name, { model, input }, { type })
      : startObservation(name, { model, input }, { ...rootOptions, type, parent: null });
  const end = (handle, { output, usage }) => handle.end({ output, usageDetails: usage });
  return {
    run,
    generation: (step) => end(start(undefined, step), step),
    wrap: async (client) => (await loadWrapper("@spanwise/openai")).observeOpenAI(client),
    langChainCallbacks: async () => [new (await loadWrapper("@spanwise/langchain")).CallbackHandler()],
    flush,
    shutdown,
    stats: () => getTracer().stats(),
  };
}
