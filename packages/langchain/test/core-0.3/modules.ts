export { CallbackManager } from "@langchain/core/callbacks/manager";
export { dispatchCustomEvent } from "@langchain/core/callbacks/dispatch";
export { InMemoryCache } from "@langchain/core/caches";
export { Document } from "@langchain/core/documents";
export { AIMessage, AIMessageChunk, HumanMessage, SystemMessage, ToolMessage } from "@langchain/core/messages";
export { BaseChatModel } from "@langchain/core/language_models/chat_models";
export { JsonOutputParser, StringOutputParser } from "@langchain/core/output_parsers";
export { ChatGenerationChunk } from "@langchain/core/outputs";
export { ChatPromptTemplate } from "@langchain/core/prompts";
export { BaseRetriever } from "@langchain/core/retrievers";
export {
  RunnableBranch,
  RunnableLambda,
  RunnableMap,
  RunnablePassthrough,
  RunnableSequence,
} from "@langchain/core/runnables";
export { DynamicStructuredTool, tool } from "@langchain/core/tools";
export { FakeListChatModel } from "@langchain/core/utils/testing";
export { ChatOpenAI, OpenAI, OpenAIEmbeddings } from "@langchain/openai";
export { VectorStore } from "@langchain/core/vectorstores";
export {
  Annotation,
  Command,
  entrypoint,
  interrupt,
  MemorySaver,
  Send,
  START,
  StateGraph,
  task,
} from "@langchain/langgraph";
export { createReactAgent } from "@langchain/langgraph/prebuilt";
