import { flush, init, startObservation } from "@spanwise/core";
import { CallbackHandler } from "@spanwise/langchain";
import { AIMessage } from "@langchain/core/messages";
import { BaseChatModel } from "@langchain/core/language_models/chat_models";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";

class Model extends BaseChatModel {
  _llmType() {
    return "fixed";
  }
  async _generate() {
    const message = new AIMessage({
      content: "cold",
      usage_metadata: { input_tokens: 3, output_tokens: 1, total_tokens: 4 },
    });
    return { generations: [{ text: "cold", message }] };
  }
}

/** A LangChain program for every runtime: two requests at once, recorded without callbacks of their own. */
export async function langChainProgram(baseUrl) {
  const tracer = init({ baseUrl, logLevel: "error" });
  const undo = CallbackHandler.registerGlobally();
  const weather = tool(
    async ({ city }) => {
      await new Promise((resolve) => setTimeout(resolve, 5));
      startObservation(`look up ${city}`).end();
      return city;
    },
    { name: "weather", description: "Weather", schema: { type: "object", properties: { city: { type: "string" } } } },
  );
  const agent = RunnableLambda.from(async (city, config) => {
    await weather.invoke({ city }, config);
    return new Model({}).invoke(city, config);
  });
  const answers = await Promise.all(
    ["Oslo", "Rome"].map((city) => agent.invoke(city, { runName: `agent ${city}`, metadata: { thread_id: city } })),
  );
  undo();
  await new Model({}).invoke("nobody listens");
  const { pending } = await flush();
  const { started, dropped } = tracer.stats();
  return { started, dropped, pending, answers: answers.map(({ content }) => content), runs: CallbackHandler.stats() };
}

const url = globalThis.process?.env?.SINK_URL;
if (url !== undefined) console.log(JSON.stringify(await langChainProgram(url)));
