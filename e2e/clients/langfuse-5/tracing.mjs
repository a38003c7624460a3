/** `@langfuse/tracing` with the OpenAI and LangChain integrations: every kind of observation, attributes of the trace, media, scores. */
import { setTimeout } from "node:timers/promises";
import { CallbackHandler } from "@langfuse/langchain";
import { observeOpenAI } from "@langfuse/openai";
import { observe, propagateAttributes, startActiveObservation, startObservation } from "@langfuse/tracing";
import { HumanMessage } from "@langchain/core/messages";
import { RunnableLambda } from "@langchain/core/runnables";
import { ChatOpenAI } from "@langchain/openai";
import OpenAI from "openai";
import { langfuse, report } from "./tracing-setup.mjs";

const PNG =
  "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
const facts = {};
const openai = observeOpenAI(new OpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", maxRetries: 0 }), {
  generationName: "ask",
});
const look = observe(async (city) => ({ city, celsius: 21 }), { name: "look", asType: "tool" });

await propagateAttributes(
  { userId: "user-7", sessionId: "session-7", tags: ["contract"], traceName: "answer", metadata: { build: "12" } },
  () =>
    startActiveObservation(
      "request",
      async (root) => {
        facts.traceId = root.traceId;
        root.update({ input: { question: "Weather in Paris?", picture: PNG }, metadata: { first: 1 }, version: "2" });
        facts.tool = await look("Paris");
        await setTimeout(5);
        const generation = startObservation(
          "draft",
          { model: "gpt-4o", modelParameters: { temperature: 0.5 }, input: [{ role: "user", content: "hi" }] },
          { asType: "generation" },
        );
        await setTimeout(5);
        generation.update({ completionStartTime: new Date() });
        generation.update({
          output: { role: "assistant", content: "hello" },
          usageDetails: { input: 10, input_cached_tokens: 6, output: 4, total: 20 },
          costDetails: { input: 0.5, output: 0.25, total: 0.75 },
        });
        generation.end();
        facts.generationId = generation.id;
        for (const asType of ["retriever", "embedding", "chain", "evaluator", "guardrail"]) {
          startObservation(`a ${asType}`, { input: asType }, { asType }).end();
          await setTimeout(3);
        }
        startObservation("noted", { level: "WARNING", statusMessage: "careful" }, { asType: "event" });
        await setTimeout(3);
        const completion = await openai.chat.completions.create({
          model: "gpt-4o-mini",
          messages: [{ role: "user", content: "Name a colour." }],
        });
        facts.completion = { text: completion.choices[0].message.content, usage: completion.usage };
        const model = new ChatOpenAI({
          model: "gpt-4o-mini",
          apiKey: "none",
          configuration: { baseURL: process.env.MODEL_URL },
          maxRetries: 0,
        });
        await setTimeout(3);
        const chain = RunnableLambda.from(
          async (text, config) => (await model.invoke([new HumanMessage(text)], config)).content,
        );
        facts.chain = await chain.invoke("Name a city.", { callbacks: [new CallbackHandler()], runName: "city" });
        await startActiveObservation("fails", async () => {
          throw new Error("it broke");
        }).catch((error) => (facts.failure = error.message));
        root.update({ output: "21 degrees.", metadata: { second: 2 } });
        langfuse.score.trace(root, { name: "helpful", value: 1, comment: "good" });
        langfuse.score.observation(generation, { name: "tone", value: "friendly", dataType: "CATEGORICAL" });
      },
      { asType: "agent" },
    ),
);
await report(facts);
