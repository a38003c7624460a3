import { safely } from "@spanwise/core/adapter";
import { runInContext } from "./ambient.ts";
import { fieldsOf } from "./fields.ts";
import { contextOf, registry } from "./registry.ts";

/** Where all copies of LangChain keep their context, and under which key it holds the config of the code that is running. */
const STORAGE = Symbol.for("ls:tracing_async_local_storage");
const CHILD_CONFIG = Symbol.for("lc:child_config");

interface LangChainStorage {
  run(store: unknown, callback: (...args: unknown[]) => unknown, ...args: unknown[]): unknown;
}

const followed = new WeakSet<object>();

/**
 * Makes a run's observation active while the run's own code runs: the body of a tool, a node or a lambda. LangChain runs each
 * of them through its own context, with the run's id in it; we join in there. `run` ends by itself, so that nothing leaks into
 * the caller, as it does where a context is entered from a callback.
 *
 * Does nothing until LangChain has a context (on Node it has as soon as this package is loaded).
 */
export function followLangChainContext(): void {
  const storage = (globalThis as { [STORAGE]?: LangChainStorage })[STORAGE];
  if (typeof storage !== "object" || storage === null || followed.has(storage)) return;
  followed.add(storage);
  safely("following LangChain's context", () => {
    const run = storage.run.bind(storage);
    const followedRun: LangChainStorage["run"] = (store, callback, ...args) => {
      // Handlers are called with no context at all.
      if (store === undefined) return run(store, callback, ...args);
      const enclosed = safely("entering a run", () => encloseIn(runIdOf(store), callback)) ?? callback;
      return run(store, enclosed, ...args);
    };
    Object.defineProperty(storage, "run", {
      value: followedRun,
      configurable: true,
      writable: true,
      enumerable: false,
    });
  });
}

/** Reads what the store holds by its fields; LangChain's own managers have the method. */
function runIdOf(store: unknown): string | undefined {
  const extra = fieldsOf(store)["extra"] as { [CHILD_CONFIG]?: { callbacks?: unknown } } | undefined;
  const manager = extra?.[CHILD_CONFIG]?.callbacks as { getParentRunId?: () => unknown } | undefined;
  const id = typeof manager?.getParentRunId === "function" ? manager.getParentRunId() : undefined;
  return typeof id === "string" ? id : undefined;
}

function encloseIn<Args extends unknown[], Result>(
  runId: string | undefined,
  callback: (...args: Args) => Result,
): (...args: Args) => Result {
  if (runId === undefined) return callback;
  let enclosed = callback;
  for (const run of registry.everywhere(runId)) {
    const { tracer, observation } = run;
    // The application's own observation is active inside already.
    if (!observation || registry.activeBelow(tracer, observation)) continue;
    const inner = enclosed;
    const context = contextOf(run);
    enclosed = (...args) => runInContext(context, () => inner(...args));
  }
  return enclosed;
}
