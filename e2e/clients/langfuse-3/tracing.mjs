/** `langfuse@3`: a trace with spans, generations, an event, updates in several batches, scores and an image. */
import { setTimeout } from "node:timers/promises";
import { LangfuseMedia, observeOpenAI } from "langfuse";
import OpenAI from "openai";
import { langfuse, report } from "./client.mjs";

const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const facts = {};
// The client loads its hash function in the background and drops media that come before.
await setTimeout(50);
const media = new LangfuseMedia({ contentBytes: PNG, contentType: "image/png" });
const trace = langfuse.trace({
  name: "answer",
  userId: "user-7",
  sessionId: "session-7",
  input: { question: "Weather in Paris?", picture: media },
  metadata: { build: 12 },
  tags: ["contract"],
  version: "2",
});
facts.traceId = trace.id;

const span = trace.span({ name: "retrieve", input: { query: "Paris" }, metadata: { first: true } });
await setTimeout(5);
const generation = span.generation({
  name: "draft",
  model: "gpt-4o",
  modelParameters: { temperature: 0.5, stop: ["."] },
  input: [{ role: "user", content: "Weather in Paris?" }],
});
span.event({ name: "cache-miss", level: "WARNING", statusMessage: "not found", input: { key: "paris" } });
await langfuse.flushAsync();

await setTimeout(5);
generation.update({ completionStartTime: new Date(), metadata: { attempt: 1 } });
generation.end({
  output: { role: "assistant", content: "21 degrees." },
  usageDetails: { input: 10, input_cached_tokens: 6, output: 4, total: 20 },
});
await langfuse.flushAsync();

const failing = trace.generation({ name: "fails", model: "gpt-4o" });
await setTimeout(5);
failing.end({ level: "ERROR", statusMessage: "it broke" });
span.update({ metadata: { second: true } });
span.end({ output: { documents: 1 } });
trace.update({ output: "21 degrees.", tags: ["late"], metadata: { more: "yes" } });
trace.score({ name: "helpful", value: 1, comment: "good" });
generation.score({ name: "tone", value: "friendly" });

const openai = observeOpenAI(new OpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", maxRetries: 0 }), {
  parent: trace,
  generationName: "ask",
  clientInitParams: { baseUrl: process.env.SPANWISE_URL, publicKey: "pk-lf-contract", secretKey: "sk-lf-contract" },
});
const completion = await openai.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "Name a colour." }],
});
facts.completion = { text: completion.choices[0].message.content, usage: completion.usage };
await openai.flushAsync();
facts.ids = { span: span.id, generation: generation.id };
await report(facts);
