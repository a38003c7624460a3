/** The OpenAI client under OpenInference's instrumentation: a tool loop, a stream, embeddings and a call that fails. */
import { OpenAIInstrumentation } from "@arizeai/openinference-instrumentation-openai";
import { setMetadata, setSession, setTags, setUser } from "@arizeai/openinference-core";
import { context, trace } from "@opentelemetry/api";
import OpenAI from "openai";
import { provider } from "./tracing.mjs";

const instrumentation = new OpenAIInstrumentation({ tracerProvider: provider });
instrumentation.manuallyInstrument(OpenAI);
const client = new OpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", maxRetries: 0 });

const tools = [
  {
    type: "function",
    function: {
      name: "weather",
      description: "Gets the current weather of a city",
      parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
    },
  },
];

let ambient = setUser(context.active(), { userId: "user-7" });
ambient = setSession(ambient, { sessionId: "session-7" });
ambient = setMetadata(ambient, { build: 12 });
ambient = setTags(ambient, ["contract", "openinference"]);

const facts = {};
const tracer = trace.getTracer("program");
await context.with(ambient, () =>
  tracer.startActiveSpan("request", async (root) => {
    facts.traceId = root.spanContext().traceId;
    const messages = [
      { role: "system", content: "You answer in one sentence." },
      { role: "user", content: "What is the weather in Paris?" },
    ];
    const first = await client.chat.completions.create({ model: "gpt-4o-mini", messages, tools, temperature: 0.5 });
    const call = first.choices[0].message.tool_calls[0];
    messages.push(first.choices[0].message, { role: "tool", tool_call_id: call.id, content: '{"celsius":21}' });
    const second = await client.chat.completions.create({ model: "gpt-4o-mini", messages, tools });
    facts.chat = [first, second].map(({ usage, choices }) => ({ usage, message: choices[0].message }));
    facts.messages = messages;

    const stream = await client.chat.completions.create({
      model: "gpt-4o-mini",
      messages: [{ role: "user", content: "Name a colour." }],
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let usage;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta?.content ?? "";
      usage = chunk.usage ?? usage;
    }
    facts.stream = { text, usage };

    const response = await client.responses.create({ model: "gpt-4o-mini", input: "Name a fruit." });
    facts.response = { text: response.output_text, usage: response.usage };

    const embedding = await client.embeddings.create({ model: "text-embedding-3-small", input: ["red", "green"] });
    facts.embedding = { usage: embedding.usage, first: embedding.data[0].embedding.slice(0, 3) };

    try {
      await client.chat.completions.create({ model: "fault-400", messages });
    } catch (error) {
      facts.failure = String(error.message);
    }
    root.end();
  }),
);
// The instrumentation listens to a copy of the stream, which ends after ours.
await new Promise((resolve) => setTimeout(resolve, 50));
await provider.forceFlush();
await provider.shutdown();
process.stdout.write(`${JSON.stringify(facts)}\n`);
