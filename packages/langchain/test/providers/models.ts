export { BedrockRuntimeClient } from "@aws-sdk/client-bedrock-runtime";
export { ChatBedrockConverse } from "@langchain/aws";
export { HumanMessage } from "@langchain/core/messages";
export { ChatGoogle } from "@langchain/google";
export { ChatGoogleGenerativeAI } from "@langchain/google-genai";
export { ChatMistralAI } from "@langchain/mistralai";
export { ChatOllama } from "@langchain/ollama";
