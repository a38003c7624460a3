/** Browsers and edges: there is one build, the bundler's, and no async context that LangChain could be given. */
import { CallbackManager } from "@langchain/core/callbacks/manager";

export function eachCallbackManager(visit: (managerClass: object) => void): void {
  visit(CallbackManager);
}
