export { AgentExecutor } from "langchain/agents";
