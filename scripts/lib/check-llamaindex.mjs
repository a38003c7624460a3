import { isBelow } from "./trace-shape.mjs";

/** A query as LlamaIndex makes it, below whatever asked. */
const QUERY = [
  ["retriever", "VectorIndexRetriever.retrieve"],
  ["embedding", "OpenAIEmbedding"],
  ["span", "CompactAndRefine.synthesize"],
  ["generation", "OpenAI.chat"],
];

/** `examples/docs-agent/src/llamaindex-main.ts`: index, streamed query, chat, agent. What is missing, or `undefined`. */
export function findLlamaIndexProblem({ observations }) {
  const root = observations.find(({ parentId }) => parentId === null);
  const named = (type, name) => observations.filter((one) => one.type === type && one.name === name);
  const lacks = (parts, ancestor) => {
    const missing = parts.find(
      ([type, name]) => !named(type, name).some((one) => isBelow(one, ancestor.id, observations)),
    );
    return missing && `${ancestor.name} has no ${missing.join(" ")} below it`;
  };

  const [indexing] = named("chain", "VectorStoreIndex.fromDocuments");
  const [query] = named("chain", "RetrieverQueryEngine.query").filter(({ parentId }) => parentId === root.id);
  const chats = named("chain", "ContextChatEngine.chat");
  const [agent] = named("agent", "docs-helper");
  const [tool] = named("tool", "search_docs");
  if (!indexing || !query || chats.length !== 2) return "no indexing, no query, or not two turns of chat";
  if (!agent || !tool || !isBelow(tool, agent.id, observations)) return "no agent, or no tool below it";
  const streamed = named("generation", "OpenAI.chat").filter(({ completionStartTime }) => completionStartTime !== null);
  if (!streamed.some((one) => isBelow(one, query.id, observations))) return "the query was not streamed";
  return (
    lacks([["span", "SentenceSplitter.getNodesFromDocuments"], QUERY[1]], indexing) ??
    lacks(QUERY, query) ??
    lacks([QUERY[0], QUERY[1], QUERY[3]], chats[0]) ??
    lacks([["span", "step docs-helper"]], agent) ??
    lacks([["chain", "RetrieverQueryEngine.query"], ...QUERY], tool)
  );
}
