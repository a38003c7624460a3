/** A query of a vector index, as `Setup.tree` draws it. */
export const QUERY = [
  "chain RetrieverQueryEngine.query",
  "  retriever VectorIndexRetriever.retrieve",
  "    embedding OpenAIEmbedding",
  "  span CompactAndRefine.synthesize",
  "    generation OpenAI.chat",
];

/** A run of an agent that calls one tool. */
export const TOOL_RUN = [
  "agent helper",
  "  span step helper",
  "    generation OpenAI.chat",
  "  tool add",
  "  span step helper",
  "    generation OpenAI.chat",
];
