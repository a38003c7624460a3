/** A LangChain run without a network: a lambda that calls a tool and a chain of prompt, model and parser. Six runs in all. */
import { outputMarker } from "./markers.mjs";

export const RUNS = 6;

const sentence = "The quick brown fox jumps over the lazy dog while the band plays on in the rain. ";
const paragraph = sentence.repeat(12);
const usage_metadata = { input_tokens: 600, output_tokens: 250, total_tokens: 850 };

/** `run(event, callbacks)`: once through, with the marker of the event's input in the question and of its output in the answer. */
export async function createLangChainWork(load) {
  const [
    { RunnableLambda },
    { ChatPromptTemplate },
    { BaseChatModel },
    { AIMessage },
    { StringOutputParser },
    { tool },
  ] = await Promise.all(
    ["runnables", "prompts", "language_models/chat_models", "messages", "output_parsers", "tools"].map((part) =>
      load(`@langchain/core/${part}`),
    ),
  );

  class Model extends BaseChatModel {
    _llmType() {
      return "bench";
    }
    async _generate(messages) {
      const [, event] = /inq(\d+)q/.exec(messages.at(-1).content);
      const content = `${outputMarker(event)} ${paragraph}`;
      const response_metadata = { model_name: "gpt-4o-2024-08-06", finish_reason: "stop" };
      return {
        generations: [{ text: content, message: new AIMessage({ content, usage_metadata, response_metadata }) }],
      };
    }
  }

  const schema = { type: "object", properties: { q: { type: "string" } } };
  const weather = tool(({ q }) => `${q.length} degrees`, { name: "weather", description: "Weather", schema });
  const chain = ChatPromptTemplate.fromMessages([
    ["system", paragraph],
    ["human", "{q} {found}"],
  ])
    .pipe(new Model({}))
    .pipe(new StringOutputParser());
  const agent = RunnableLambda.from(async (q, config) => {
    const found = await weather.invoke({ q }, config);
    return chain.invoke({ q, found }, config);
  }).withConfig({ runName: "agent" });

  return {
    run: (event, question, callbacks) => agent.invoke(`${question} ${event}`, { callbacks }),
    /** Handlers that LangChain calls in the background are done. */
    settle: async () => (await load("@langchain/core/callbacks/promises")).awaitAllCallbacks(),
  };
}
