/**
 * The OpenTelemetry SDK with attributes by hand, by the GenAI conventions (`node program.mjs proto|json`): an agent, a real model call,
 * a tool that throws, events, links, and a value of every type.
 */
import { setTimeout } from "node:timers/promises";
import { context, propagation, ROOT_CONTEXT, SpanStatusCode, trace } from "@opentelemetry/api";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";

const format = process.argv[2];
const { OTLPTraceExporter } = await import(
  format === "json" ? "@opentelemetry/exporter-trace-otlp-http" : "@opentelemetry/exporter-trace-otlp-proto"
);
const exporter = new OTLPTraceExporter({
  url: `${process.env.SPANWISE_URL}/v1/traces`,
  compression: format === "json" ? "none" : "gzip",
});
const provider = new NodeTracerProvider({
  resource: resourceFromAttributes({ "service.name": "program", "deployment.environment.name": "test" }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
provider.register();
const tracer = trace.getTracer("program", "1.2.3");

const facts = {};
const attributes = { "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper", "user.id": "user-7" };
await tracer.startActiveSpan("invoke_agent helper", { attributes }, async (agent) => {
  facts.traceId = agent.spanContext().traceId;
  facts.traceparent = {};
  propagation.inject(trace.setSpan(ROOT_CONTEXT, agent), facts.traceparent);
  const messages = [{ role: "user", content: "Name a colour." }];
  await tracer.startActiveSpan("chat gpt-4o-mini", async (span) => {
    span.setAttributes({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": "gpt-4o-mini",
      "gen_ai.request.temperature": 0.25,
      "gen_ai.input.messages": JSON.stringify([{ role: "user", parts: [{ type: "text", content: "Name a colour." }] }]),
    });
    const answer = await fetch(`${process.env.MODEL_URL}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ model: "gpt-4o-mini", messages }),
    });
    const completion = await answer.json();
    facts.text = completion.choices[0].message.content;
    facts.usage = completion.usage;
    span.setAttributes({
      "gen_ai.response.model": completion.model,
      "gen_ai.usage.input_tokens": completion.usage.prompt_tokens,
      "gen_ai.usage.output_tokens": completion.usage.completion_tokens,
      "gen_ai.output.messages": JSON.stringify([
        { role: "assistant", parts: [{ type: "text", content: facts.text }], finish_reason: "stop" },
      ]),
    });
    span.addEvent("gen_ai.evaluation.result", {
      "gen_ai.evaluation.name": "colourful",
      "gen_ai.evaluation.score.value": 0.5,
    });
    span.end();
  });
  try {
    await tracer.startActiveSpan("execute_tool paint", async (span) => {
      span.setAttributes({ "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "paint" });
      span.setAttribute("gen_ai.tool.call.arguments", '{"colour":"red"}');
      try {
        // Starts are whole milliseconds: what takes some is told apart from what follows.
        await setTimeout(5);
        throw new TypeError("no paint left");
      } catch (error) {
        span.recordException(error);
        span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
        throw error;
      } finally {
        span.end();
      }
    });
  } catch (error) {
    facts.failure = error.message;
  }
  const types = { text: "ä", yes: true, whole: 42, part: 0.5, negative: -7, words: ["a", "b"], numbers: [1, 2.5] };
  tracer.startSpan("types", { attributes: types, links: [{ context: agent.spanContext() }] }).end();
  facts.types = types;
  // The sum that some frameworks put on an agent's span.
  agent.setAttributes({
    "gen_ai.usage.input_tokens": facts.usage.prompt_tokens,
    "gen_ai.usage.output_tokens": facts.usage.completion_tokens,
  });
  agent.end();
});
await context.with(ROOT_CONTEXT, async () => provider.shutdown());
process.stdout.write(`${JSON.stringify(facts)}\n`);
