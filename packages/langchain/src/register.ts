import { safely } from "@spanwise/core/adapter";
import { eachCallbackManager } from "#platform";
import type { CallbackHandler } from "./handler.ts";

/** `CallbackManager` of one copy of `@langchain/core`. */
interface CallbackManagerClass {
  new (): CallbackManagerInstance;
  _configureSync?: ((...args: unknown[]) => unknown) | undefined;
}

interface CallbackManagerInstance {
  handlers: { name?: unknown }[];
  copy(): CallbackManagerInstance;
  addHandler(handler: unknown, inherit?: boolean): void;
}

/** The handlers of every `registerGlobally`; the first that is still there records. */
const registered = new Set<CallbackHandler>();
const patched = new WeakSet<object>();

/**
 * Adds `handler` to every callback manager that LangChain makes, in each build of it that is loaded. The manager is a new one
 * or a copy: the caller's own list is never added to.
 */
export function registerGlobally(handler: CallbackHandler, managers: readonly object[] = []): () => void {
  registered.add(handler);
  safely("registerGlobally", () => eachCallbackManager(patch));
  for (const managerClass of managers) safely("registerGlobally", () => patch(managerClass));
  return () => void registered.delete(handler);
}

/** Patched once and for good; without a registered handler it does nothing. */
function patch(given: object): void {
  const managerClass = given as CallbackManagerClass;
  const configure = managerClass._configureSync;
  if (patched.has(managerClass) || typeof configure !== "function") return;
  patched.add(managerClass);
  managerClass._configureSync = function (this: unknown, ...args: unknown[]): unknown {
    const manager = configure.apply(this, args) as CallbackManagerInstance | undefined;
    const [handler] = registered;
    if (!handler) return manager;
    return safely("adding the global handler", () => withHandler(managerClass, manager, handler, args)) ?? manager;
  };
}

function withHandler(
  managerClass: CallbackManagerClass,
  manager: CallbackManagerInstance | undefined,
  handler: CallbackHandler,
  args: readonly unknown[],
): CallbackManagerInstance | undefined {
  if (manager?.handlers.some(({ name }) => name === handler.name)) return manager;
  if (manager) {
    // `configure` makes a copy of what it is given, so that this one is LangChain's own.
    manager.addHandler(handler, true);
    return manager;
  }
  // Without any handler LangChain makes no manager, and the tags and metadata of the call get lost.
  const made = new managerClass();
  made.addHandler(handler, true);
  const [, , inheritableTags, localTags, inheritableMetadata, localMetadata] = args;
  const full = made as CallbackManagerInstance & {
    addTags?: (tags: unknown, inherit?: boolean) => void;
    addMetadata?: (metadata: unknown, inherit?: boolean) => void;
  };
  if (inheritableTags) full.addTags?.(inheritableTags);
  if (localTags) full.addTags?.(localTags, false);
  if (inheritableMetadata) full.addMetadata?.(inheritableMetadata);
  if (localMetadata) full.addMetadata?.(localMetadata, false);
  return made;
}
