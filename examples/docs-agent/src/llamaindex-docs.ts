import type { OpenAI } from "@llamaindex/openai";
import { agent } from "@llamaindex/workflow";
import { ContextChatEngine, Document, VectorStoreIndex } from "llamaindex";
import type { Page } from "./pages.ts";

const retrievedNodes = 4;

/** Indexes the pages, then asks three ways: a streamed query, a chat of two turns, an agent that has the index as a tool, whose answer it gives back. */
export async function askDocs(
  pages: readonly Page[],
  question: string,
  llm: OpenAI,
  write: (text: string) => void,
): Promise<string> {
  const documents = pages.map(({ path, text }) => new Document({ text, id_: path, metadata: { page: path } }));
  const index = await VectorStoreIndex.fromDocuments(documents);

  const queryEngine = index.asQueryEngine({ similarityTopK: retrievedNodes });
  write("Query: ");
  for await (const { delta } of await queryEngine.query({ query: question, stream: true })) write(delta);

  const chatEngine = new ContextChatEngine({ retriever: index.asRetriever({ similarityTopK: retrievedNodes }) });
  for (const message of [question, "And where is that documented?"]) {
    write("\n\nChat: ");
    for await (const { delta } of await chatEngine.chat({ message, stream: true })) write(delta);
  }

  const docs = index.queryTool({
    options: { similarityTopK: retrievedNodes },
    metadata: { name: "search_docs", description: "Answers questions from the Spanwise documentation" },
  });
  const helper = agent({ name: "docs-helper", llm, tools: [docs] });
  const { data } = await helper.run(question);
  const answer = typeof data.result === "string" ? data.result : JSON.stringify(data.result);
  write(`\n\nAgent: ${answer}`);
  return answer;
}
