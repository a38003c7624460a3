/**
 * Node, Bun and Deno. The first import starts LangChain's own async context, which nothing else does where LangGraph is not
 * loaded: without it a run that is started inside another one, and is not given its config, is not told to handlers at all.
 */
import "@langchain/core/context";
import { CallbackManager } from "@langchain/core/callbacks/manager";
// By its default export: webpack resolves a `createRequire` that is imported by name, and warns of it in every build.
import nodeModule from "node:module";
import { join } from "node:path";

const SPECIFIER = "@langchain/core/callbacks/manager";

/**
 * Shows the classes in which LangChain makes its callback managers: `import` and `require` give two of them. The build that
 * this one is not, is shown as soon as it is loaded; from CommonJS that takes a turn of the event loop.
 */
export function eachCallbackManager(visit: (managerClass: object) => void): void {
  visit(CallbackManager);
  // The application may have a copy of its own.
  const bases = [import.meta.url, join(process.cwd(), "package.json")];
  for (const base of bases) {
    try {
      visit((nodeModule.createRequire(base)(SPECIFIER) as { CallbackManager: object }).CallbackManager);
    } catch {
      // There is no other copy there.
    }
  }
  void import("@langchain/core/callbacks/manager").then(
    (module) => visit(module.CallbackManager),
    // There is no such build: the one we have is all there is.
    () => {},
  );
}
