import { slot } from "../slot.ts";
import type { ContextStore } from "./storage.ts";

export type { ContextStore } from "./storage.ts";

export function activeContext(): ContextStore | undefined {
  return slot.context.getStore();
}

export function runWithContext<T>(store: ContextStore | undefined, fn: () => T): T {
  return slot.context.run(store, fn);
}
