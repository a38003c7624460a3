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

export function runWithContext<T>(store: ContextStore | undefined, fn: () => T): T {
  return slot.context.run(store, fn);
}
