/**
 * The same work with each major of the Vercel AI SDK (`node program.mjs 5`): an agent with a tool, a stream, an object, embeddings and
 * a call that fails. Prints what the SDK itself told about it, as JSON.
 */
import { setTimeout } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { provider } from "./tracing.mjs";

const major = Number(process.argv[2]);
const ai = await import(`ai-${major}`);
const { createOpenAI } = await import(`openai-for-${major}`);
const openai = createOpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none" });
const chat = (name) => openai.chat(name);
const embedder = openai.textEmbeddingModel?.("text-embedding-3-small") ?? openai.embedding("text-embedding-3-small");

const metadata = { userId: "user-7", sessionId: "session-7", tags: ["contract", "ai-sdk"], build: 12 };
let telemetry = (functionId) => ({ experimental_telemetry: { isEnabled: true, functionId, metadata } });
if (major >= 7) {
  const { OpenTelemetry } = await import("@ai-sdk/otel");
  ai.registerTelemetry(new OpenTelemetry());
  telemetry = (functionId) => ({ telemetry: { isEnabled: true, functionId, metadata } });
}
const schema = z.object({ city: z.string().describe("The city") });
const weather = ai.tool({
  description: "Gets the current weather of a city",
  ...(major === 4 ? { parameters: schema } : { inputSchema: schema }),
  // Starts are whole milliseconds: what takes some is told apart from what follows.
  execute: async ({ city }) => setTimeout(5, { city, celsius: 21, sky: "clear" }),
});
const steps = major === 4 ? { maxSteps: 3 } : { stopWhen: (ai.stepCountIs ?? ai.isStepCount)(3) };

const facts = {};
const tracer = trace.getTracer("program");
await tracer.startActiveSpan("request", async (root) => {
  facts.traceId = root.spanContext().traceId;
  const agent = await ai.generateText({
    model: chat("gpt-4o-mini"),
    system: "You answer in one sentence.",
    prompt: "What is the weather in Paris?",
    tools: { weather },
    ...steps,
    temperature: 0.5,
    ...telemetry("agent"),
  });
  facts.agent = {
    text: agent.text,
    usage: agent.totalUsage ?? agent.usage,
    steps: agent.steps.map((step) => step.usage),
  };

  const stream = ai.streamText({ model: chat("gpt-4o-mini"), prompt: "Name a colour.", ...telemetry("stream") });
  let text = "";
  for await (const part of stream.textStream) text += part;
  facts.stream = { text, usage: await stream.usage };

  const object = await ai.generateObject({
    model: chat("gpt-4o-mini"),
    schema: z.object({ name: z.string(), age: z.number() }),
    prompt: "Ada is 36 years old.",
    ...telemetry("object"),
  });
  facts.object = { object: object.object, usage: object.usage };

  const embeddings = await ai.embedMany({ model: embedder, values: ["red", "green"], ...telemetry("embed") });
  facts.embed = { count: embeddings.embeddings.length, usage: embeddings.usage };

  try {
    await ai.generateText({ model: chat("fault-400"), prompt: "fail", maxRetries: 0, ...telemetry("failing") });
  } catch (error) {
    facts.failure = String(error.message);
  }
  root.end();
});
await provider.forceFlush();
await provider.shutdown();
process.stdout.write(`${JSON.stringify(facts)}\n`);
