/** Traceloop's SDK around the OpenAI client: a workflow with an agent, a task and a tool, a stream, embeddings and a call that fails. */
import { setTimeout } from "node:timers/promises";
import * as traceloop from "@traceloop/node-server-sdk";
import OpenAI from "openai";

traceloop.initialize({
  appName: "program",
  baseUrl: process.env.SPANWISE_URL,
  apiKey: "none",
  disableBatch: false,
  silenceInitializationMessage: true,
  instrumentModules: { openAI: OpenAI },
});
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

const facts = {};
await traceloop.withAssociationProperties({ user_id: "user-7", session_id: "session-7", build: "12" }, () =>
  traceloop.withWorkflow({ name: "answer" }, async () => {
    await traceloop.withAgent({ name: "meteorologist" }, async () => {
      const messages = [
        { role: "system", content: "You answer in one sentence." },
        { role: "user", content: "What is the weather in Paris?" },
      ];
      const first = await client.chat.completions.create({ model: "gpt-4o-mini", messages, tools, temperature: 0.5 });
      const call = first.choices[0].message.tool_calls[0];
      const content = await traceloop.withTool(
        { name: "weather" },
        async (city) => setTimeout(5, { city, celsius: 21 }),
        "Paris",
      );
      messages.push(first.choices[0].message, {
        role: "tool",
        tool_call_id: call.id,
        content: JSON.stringify(content),
      });
      const second = await client.chat.completions.create({ model: "gpt-4o-mini", messages, tools });
      facts.chat = [first, second].map(({ usage, choices }) => ({ usage, message: choices[0].message }));
      return second.choices[0].message.content;
    });
    await traceloop.withTask({ name: "colour" }, async () => {
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
      return text;
    });
    try {
      await client.chat.completions.create({ model: "fault-400", messages: [{ role: "user", content: "fail" }] });
    } catch (error) {
      facts.failure = String(error.message);
    }
    return "done";
  }),
);
await traceloop.forceFlush();
process.stdout.write(`${JSON.stringify(facts)}\n`);
process.exit(0);
