import * as openai from "@llamaindex/openai";
import * as workflow from "@llamaindex/workflow";
import { getActiveObservation, observe } from "@spanwise/core";
import { instrumentLlamaIndex } from "@spanwise/llamaindex";
import * as llamaindex from "llamaindex";
import { askDocs } from "./llamaindex-docs.ts";
import { runProgram } from "./program.ts";

const defaultQuestion = "How are batches retried, and what is counted when the queue is full?";

void runProgram("docs questions with LlamaIndex", defaultQuestion, ({ apiKey, baseURL, model, pages, write }) => {
  // Once, before anything is built: the application hands over the modules that it uses itself.
  instrumentLlamaIndex({ llamaindex, openai, workflow });
  const llm = new openai.OpenAI({ apiKey, baseURL, model });
  const embedModel = new openai.OpenAIEmbedding({ apiKey, baseURL, model: "text-embedding-3-small", dimensions: 256 });
  // The default install has two copies of @llamaindex/core, whose classes are strangers to the type checker.
  Object.assign(llamaindex.Settings, { llm, embedModel });

  const ask = async (question: string) => ({
    text: await askDocs(pages, question, llm, write),
    traceId: getActiveObservation()?.traceId,
  });
  const observed = observe(ask, { name: "docs-llamaindex", type: "agent" });
  return async (question) => (await observed(question)).traceId;
});
