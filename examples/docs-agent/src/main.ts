import OpenAI from "openai";
import { createDocsAgent } from "./agent.ts";
import { runProgram } from "./program.ts";

const defaultQuestion = "How does masking keep secrets out of a trace, and how often do the docs mention it?";

void runProgram("docs question", defaultQuestion, ({ apiKey, baseURL, model, pages, write }) => {
  const ask = createDocsAgent(new OpenAI({ apiKey, baseURL }), model, pages, write);
  return async (question) => {
    const { cited, next, traceId } = await ask(question);
    write(`\n\nSources: ${cited.join(", ") || "none"}\nNext: ${next.join(" ") || "none"}`);
    return traceId;
  };
});
