/** `LangfuseSpanProcessor` with a mask, with sampling as OpenTelemetry has it, and what becomes of streams of the OpenAI integration. */
import { LangfuseSpanProcessor } from "@langfuse/otel";
import { observeOpenAI } from "@langfuse/openai";
import { setLangfuseTracerProvider, startActiveObservation, startObservation } from "@langfuse/tracing";
import { TraceIdRatioBasedSampler } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import OpenAI from "openai";
import { provider as global, report } from "./tracing-setup.mjs";

const facts = {};
const credentials = {
  baseUrl: process.env.SPANWISE_URL,
  publicKey: "pk-lf-contract",
  secretKey: "sk-lf-contract",
};
const openai = observeOpenAI(new OpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", maxRetries: 0 }), {
  generationName: "streamed",
});
await startActiveObservation("wrapped", async (root) => {
  facts.traceId = root.traceId;
  const stream = await openai.chat.completions.create({
    model: "gpt-4o-mini",
    messages: [{ role: "user", content: "Name a colour." }],
    stream: true,
    stream_options: { include_usage: true },
  });
  facts.stream = { text: "" };
  for await (const chunk of stream) {
    facts.stream.text += chunk.choices[0]?.delta?.content ?? "";
    facts.stream.usage = chunk.usage ?? facts.stream.usage;
  }
  try {
    await openai.chat.completions.create({ model: "fault-400", messages: [{ role: "user", content: "fail" }] });
  } catch (error) {
    facts.failure = String(error.message);
  }
});
await global.forceFlush();

async function using(options, processorOptions, work) {
  const processor = new LangfuseSpanProcessor({ ...credentials, ...processorOptions });
  const provider = new NodeTracerProvider({ ...options, spanProcessors: [processor] });
  setLangfuseTracerProvider(provider);
  await work();
  await provider.forceFlush();
  await provider.shutdown();
}
await using({}, { mask: ({ data }) => String(data).replaceAll("4111", "****") }, async () => {
  const root = startObservation("masked", { input: { card: "4111" }, metadata: { note: "4111" } });
  root.startObservation("inner", { input: "card 4111", output: ["4111"] }).end();
  root.end();
  facts.maskedId = root.traceId;
});
facts.sampled = [];
await using({ sampler: new TraceIdRatioBasedSampler(0.5) }, {}, async () => {
  for (let index = 0; index < 40; index += 1) {
    const root = startObservation("sampled");
    root.startObservation("inner").end();
    root.end();
    facts.sampled.push({
      id: root.traceId,
      isSampled: root.otelSpan.isRecording() || root.otelSpan.spanContext().traceFlags === 1,
    });
  }
});
await report(facts);
