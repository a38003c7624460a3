export { ChatAnthropic } from "@langchain/anthropic";
