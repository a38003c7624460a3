/** `CallbackHandler` of `langfuse-langchain` 3 around LangChain 0.3: a retriever, a model with a tool, a stream, a call that fails. */
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { CallbackHandler } from "langfuse-langchain";
import { z } from "zod";

class Shelf extends BaseRetriever {
  lc_namespace = ["program"];
  async _getRelevantDocuments() {
    return [{ pageContent: "Paris is in France.", metadata: { page: 3 } }];
  }
}
const weather = tool(async ({ city }) => JSON.stringify({ city, celsius: 21 }), {
  name: "weather",
  description: "Gets the current weather of a city",
  schema: z.object({ city: z.string() }),
});
const model = (name, options = {}) =>
  new ChatOpenAI({
    model: name,
    apiKey: "none",
    configuration: { baseURL: process.env.MODEL_URL },
    maxRetries: 0,
    ...options,
  });

const handler = new CallbackHandler({
  baseUrl: process.env.SPANWISE_URL,
  publicKey: "pk-lf-contract",
  secretKey: "sk-lf-contract",
  userId: "user-7",
  sessionId: "session-7",
  tags: ["contract"],
  metadata: { build: 12 },
  release: "r-7",
  version: "2",
  environment: "contract",
});
const facts = { problems: [] };
for (const event of ["error", "warning"]) {
  handler.langfuse.on(event, (detail) => facts.problems.push(`${event}: ${String(detail)}`));
}
const chain = RunnableLambda.from(async (question, config) => {
  const documents = await new Shelf().invoke(question, config);
  const messages = [new SystemMessage(`Context: ${documents[0].pageContent}`), new HumanMessage(question)];
  const first = await model("gpt-4o-mini").bindTools([weather]).invoke(messages, config);
  messages.push(first, await weather.invoke(first.tool_calls[0], config));
  let answer = "";
  const streaming = model("gpt-4o-mini", { streaming: true, streamUsage: true });
  let usage;
  for await (const chunk of await streaming.stream(messages, config)) {
    answer += chunk.text;
    usage = chunk.usage_metadata ?? usage;
  }
  facts.usage = [first.usage_metadata, usage];
  facts.toolCall = first.tool_calls[0];
  try {
    await model("fault-400").invoke([new HumanMessage("fail")], config);
  } catch (error) {
    facts.failure = String(error.message);
  }
  return answer;
});
facts.answer = await chain.invoke("What is the weather in Paris?", { callbacks: [handler], runName: "answer" });
facts.traceId = handler.getTraceId();
await handler.shutdownAsync();
process.stdout.write(`${JSON.stringify(facts)}\n`);
