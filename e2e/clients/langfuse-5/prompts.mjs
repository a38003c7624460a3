/** `@langfuse/client` against a server without prompts: what it does with and without a fallback, and that it works on after it. */
import { startActiveObservation } from "@langfuse/tracing";
import { langfuse, provider, report } from "./tracing-setup.mjs";

const facts = {};
const errorOf = (promise) =>
  promise.then(
    (value) => ({ value }),
    (error) => ({
      status: error.statusCode ?? null,
      name: error.constructor.name,
      message: String(error.message),
      body: error.body,
    }),
  );
const text = await langfuse.prompt.get("greeting", { type: "text", fallback: "Hello {{name}}" });
facts.text = { text: text.compile({ name: "Ann" }), isFallback: text.isFallback };
const chat = await langfuse.prompt.get("chat", {
  type: "chat",
  label: "production",
  fallback: [{ role: "user", content: "Hi {{name}}" }],
});
facts.chat = { messages: chat.compile({ name: "Ann" }), isFallback: chat.isFallback };
facts.bare = await errorOf(langfuse.prompt.get("greeting"));
facts.create = await errorOf(langfuse.prompt.create({ name: "greeting", type: "text", prompt: "Hello" }));
facts.update = await errorOf(langfuse.prompt.update({ name: "greeting", version: 1, newLabels: ["production"] }));
facts.list = await errorOf(langfuse.api.prompts.list({}));
facts.delete = await errorOf(langfuse.api.prompts.delete("greeting"));
await startActiveObservation(
  "after",
  async (generation) => {
    generation.update({ prompt: text, output: "Hello Ann" });
    facts.traceId = generation.traceId;
  },
  { asType: "generation" },
);
await provider.forceFlush();
await report(facts);
