/**
 * Streams of each major of the Vercel AI SDK (`node streaming.mjs 5`): with a tool and several steps, aborted, left early, broken by an error
 * in the stream, by a lost connection and by a refusal, and an object. Prints what the SDK itself told about them, as JSON.
 */
import { setTimeout } from "node:timers/promises";
import { trace } from "@opentelemetry/api";
import { z } from "zod";
import { provider } from "./tracing.mjs";

const major = Number(process.argv[2]);
const ai = await import(`ai-${major}`);
const { createOpenAI } = await import(`openai-for-${major}`);
// Major 4 asks for the usage of a stream only of OpenAI itself.
const openai = createOpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", compatibility: "strict" });

const metadata = { userId: "user-7", sessionId: "session-7" };
let telemetry = (functionId) => ({ experimental_telemetry: { isEnabled: true, functionId, metadata } });
if (major >= 7) {
  const { OpenTelemetry } = await import("@ai-sdk/otel");
  // What was metadata is the context of a call, and told where both sides say so.
  ai.registerTelemetry(new OpenTelemetry({ runtimeContext: true }));
  const includeRuntimeContext = { userId: true, sessionId: true };
  telemetry = (functionId) => ({
    runtimeContext: metadata,
    telemetry: { isEnabled: true, functionId, includeRuntimeContext },
  });
}
const schema = z.object({ city: z.string() });
const weather = ai.tool({
  description: "Gets the current weather of a city",
  ...(major === 4 ? { parameters: schema } : { inputSchema: schema }),
  execute: async ({ city }) => setTimeout(5, { city, celsius: 21 }),
});
const steps = major === 4 ? { maxSteps: 3 } : { stopWhen: (ai.stepCountIs ?? ai.isStepCount)(3) };
const streamOf = (name, options = {}) =>
  ai.streamText({ model: openai.chat(name), prompt: "Name a colour.", maxRetries: 0, ...options });
const textOf = (part) => part.textDelta ?? part.text ?? part.delta ?? "";

const facts = {};
const tracer = trace.getTracer("program");
const step = (name, run) =>
  tracer.startActiveSpan(name, async (span) => {
    facts[name] = await run();
    span.end();
    // Starts are whole milliseconds: what takes some is told apart from what follows.
    await setTimeout(5);
  });

/** Reads all of it; `null` for the usage of what broke. */
async function readAll(stream) {
  const seen = { text: "", errors: [], types: [] };
  try {
    for await (const part of stream.fullStream) {
      if (part.type === "text-delta") {
        seen.text += textOf(part);
        seen.firstTextAtMs ??= Date.now();
      }
      if (part.type === "error") seen.errors.push(String(part.error?.message ?? part.error));
      seen.types.push(part.type);
    }
  } catch (error) {
    seen.errors.push(String(error.message));
  }
  return seen;
}

await tracer.startActiveSpan("request", async (root) => {
  facts.traceId = root.spanContext().traceId;
  await step("tools", async () => {
    const stream = streamOf("gpt-4o-mini", {
      system: "You answer in one sentence.",
      prompt: "What is the weather in Paris?",
      tools: { weather },
      ...steps,
      ...telemetry("tools"),
    });
    const seen = await readAll(stream);
    const all = await stream.steps;
    return { ...seen, steps: all.map(({ usage }) => usage), final: await stream.text };
  });
  await step("abort", async () => {
    const abort = new AbortController();
    const seen = { text: "", error: null };
    const stream = streamOf("fault-slow-stream", {
      abortSignal: abort.signal,
      onError: () => {},
      ...telemetry("abort"),
    });
    try {
      for await (const part of stream.fullStream) {
        if (part.type === "text-delta") seen.text += textOf(part);
        if (seen.text !== "") abort.abort();
      }
    } catch (error) {
      seen.error = error.name;
    }
    return seen;
  });
  await step("left", async () => {
    const seen = { text: "" };
    for await (const text of streamOf("fault-slow-stream", telemetry("left")).textStream) {
      seen.text += text;
      break;
    }
    return seen;
  });
  const onError = () => {};
  await step("event", () => readAll(streamOf("fault-stream-error-event", { onError, ...telemetry("event") })));
  await step("lost", () => readAll(streamOf("fault-stream-reset", { onError, ...telemetry("lost") })));
  await step("refused", () => readAll(streamOf("fault-400", { onError, ...telemetry("refused") })));
  await step("object", async () => {
    const stream = ai.streamObject({
      model: openai.chat("gpt-4o-mini"),
      schema: z.object({ name: z.string(), age: z.number() }),
      prompt: "Ada is 36 years old.",
      ...telemetry("object"),
    });
    for await (const part of stream.partialObjectStream) void part;
    return { object: await stream.object, usage: await stream.usage };
  });
  root.end();
});
await provider.forceFlush();
await provider.shutdown();
process.stdout.write(`${JSON.stringify(facts)}\n`);
