import { slot } from "../slot.ts";
import type { ContextStore } from "./storage.ts";

export type { ContextStore } from "./storage.ts";

export function activeContext(): ContextStore | undefined {
  return slot.context.getStore();
}

/** A parent that is not sampled, for every tracer. */
const UNRECORDED: ContextStore = {
  remote: { traceId: "ffffffffffffffffffffffffffffffff", observationId: "ffffffffffffffff", sampled: false },
};

/**
 * Runs what we call for ourselves, a mask or a `fetch`: what it records by observed functions or adapters would be masked and
 * sent in its turn, and so on for ever.
 */
export function runUnrecorded<T>(fn: () => T): T {
  return runWithContext(UNRECORDED, fn);
}

/**
 * Runs a request of ours outside of the application's context. Where nobody has used the context yet there is none to leave, nor
 * an observed function that would look at it: up to Node 22 every promise of the process is dearer (0.5 µs) from the first `run` on.
 */
export function runOutside<T>(fn: () => T): T {
  return slot.isContextUsed || activeContext() ? runUnrecorded(fn) : fn();
}

export function runWithContext<T>(store: ContextStore | undefined, fn: () => T): T {
  slot.isContextUsed = true;
  return slot.context.run(store, fn);
}
