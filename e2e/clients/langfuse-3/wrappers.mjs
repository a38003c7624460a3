/** `observeOpenAI` of `langfuse@3`: a stream, tool calls, a failing call; and masking and sampling of the client. */
import { Langfuse, observeOpenAI } from "langfuse";
import OpenAI from "openai";
import { langfuse, report } from "./client.mjs";

const facts = {};
const clientInitParams = {
  baseUrl: process.env.SPANWISE_URL,
  publicKey: "pk-lf-contract",
  secretKey: "sk-lf-contract",
};
const trace = langfuse.trace({ name: "wrapped" });
facts.traceId = trace.id;
const raw = new OpenAI({ baseURL: process.env.MODEL_URL, apiKey: "none", maxRetries: 0 });
const wrap = (generationName) => observeOpenAI(raw, { parent: trace, generationName, clientInitParams });
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

const streaming = wrap("streamed");
const stream = await streaming.chat.completions.create({
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
const calling = wrap("called");
const call = await calling.chat.completions.create({
  model: "gpt-4o-mini",
  messages: [{ role: "user", content: "What is the weather in Paris?" }],
  tools,
});
facts.call = { message: call.choices[0].message, usage: call.usage };
const failing = wrap("failed");
try {
  await failing.chat.completions.create({ model: "fault-400", messages: [{ role: "user", content: "fail" }] });
} catch (error) {
  facts.failure = String(error.message);
}
for (const client of [streaming, calling, failing]) await client.flushAsync();

const masking = new Langfuse({
  ...clientInitParams,
  mask: ({ data }) => JSON.parse(JSON.stringify(data).replaceAll("4111", "****")),
});
const masked = masking.trace({ name: "masked", input: { card: "4111" }, metadata: { plan: "basic" } });
masked.span({ name: "inner", input: "card 4111" }).end({ output: ["4111"] });
facts.maskedId = masked.id;
await masking.shutdownAsync();

const sampling = new Langfuse({ ...clientInitParams, sampleRate: 0.5 });
facts.sampled = [];
for (let index = 0; index < 40; index += 1) {
  const one = sampling.trace({ name: "sampled" });
  one.span({ name: "inner" }).end();
  facts.sampled.push(one.id);
}
await sampling.shutdownAsync();
await report(facts);
