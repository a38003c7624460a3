/** LangChain under OpenInference's instrumentation: a chain of retriever, prompt, model with tools, a tool, and a call that fails. */
import { setTimeout } from "node:timers/promises";
import { LangChainInstrumentation } from "@arizeai/openinference-instrumentation-langchain";
import * as callbacks from "@langchain/core/callbacks/manager";
import { Document } from "@langchain/core/documents";
import { HumanMessage, SystemMessage } from "@langchain/core/messages";
import { BaseRetriever } from "@langchain/core/retrievers";
import { RunnableLambda } from "@langchain/core/runnables";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI } from "@langchain/openai";
import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { provider } from "./tracing.mjs";

new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(callbacks);

class Shelf extends BaseRetriever {
  lc_namespace = ["program"];
  async _getRelevantDocuments(query) {
    // Starts are whole milliseconds: what takes some is told apart from what follows.
    await setTimeout(5);
    return [new Document({ pageContent: `About ${query}: 21 degrees.`, metadata: { source: "shelf-1" } })];
  }
}

const model = (name) =>
  new ChatOpenAI({ model: name, apiKey: "none", configuration: { baseURL: process.env.MODEL_URL }, maxRetries: 0 });
const weather = tool(async ({ city }) => setTimeout(5, `${city}: 21 degrees`), {
  name: "weather",
  description: "Gets the current weather of a city",
  schema: z.object({ city: z.string() }),
});

const facts = {};
const chain = RunnableLambda.from(async (question, config) => {
  const documents = await new Shelf().invoke(question, config);
  const messages = [new SystemMessage(`Context: ${documents[0].pageContent}`), new HumanMessage(question)];
  const first = await model("gpt-4o-mini").bindTools([weather]).invoke(messages, config);
  const result = await weather.invoke(first.tool_calls[0], config);
  messages.push(first, result);
  const second = await model("gpt-4o-mini").invoke(messages, config);
  facts.usage = [first.usage_metadata, second.usage_metadata];
  facts.toolCall = first.tool_calls[0];
  return second.content;
});

const tracer = trace.getTracer("program");
await tracer.startActiveSpan("request", async (root) => {
  facts.traceId = root.spanContext().traceId;
  facts.answer = await chain.invoke("What is the weather in Paris?", {
    runName: "answer",
    metadata: { build: 12 },
    tags: ["contract"],
  });
  try {
    await model("fault-400").invoke([new HumanMessage("fail")]);
  } catch (error) {
    facts.failure = String(error.message);
  }
  root.end();
});
await provider.forceFlush();
await provider.shutdown();
process.stdout.write(`${JSON.stringify(facts)}\n`);
