import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { createConsumer, linkFrom, root, type Consumer } from "./consumer.ts";

/** A project with `@spanwise/langchain` as it is packed, LangChain's own packages, and the program of `e2e/runtimes`. */
export function createLangChainConsumer(): Consumer {
  const consumer = createConsumer(["core", "langchain"]);
  linkFrom(consumer, join(root, "packages/langchain/node_modules"), ["@langchain/core", "@langchain/langgraph"]);
  copyFileSync(join(root, "e2e/runtimes/langchain.mjs"), join(consumer.folder, "langchain.mjs"));
  return consumer;
}
