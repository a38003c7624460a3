import { activeContext, type ContextStore } from "@spanwise/core/adapter";

interface EnterableStorage {
  run<T>(store: ContextStore | undefined, fn: () => T): T;
  enterWith?: ((store: ContextStore | undefined) => void) | undefined;
}

/** The slot that every copy of `@spanwise/core` in the process shares; its context is an `AsyncLocalStorage` where there is one. */
const SLOT = Symbol.for("spanwise.v1");

interface Slot {
  context?: EnterableStorage;
  isContextUsed?: boolean;
}

function slot(): Slot | undefined {
  return (globalThis as { [SLOT]?: Slot })[SLOT];
}

function storage(): EnterableStorage | undefined {
  return slot()?.context;
}

/**
 * Makes `store` the context of what the caller goes on to do, without a function to run in it: LangChain tells of a model
 * call before it makes it. Only for a call that is followed by an `await` of the caller's, whose own caller does not see it.
 */
export function enterContext(store: ContextStore | undefined): void {
  const target = storage();
  target?.enterWith?.(store);
}

export function runInContext<T>(store: ContextStore | undefined, fn: () => T): T {
  const target = storage();
  return target && store && store !== activeContext() ? target.run(store, fn) : fn();
}

let isFollowed = false;

/**
 * Has the runtime follow promises. Node 20 does so from the first use of an `AsyncLocalStorage` on: what is entered inside a
 * promise from before is entered for everybody.
 */
export function startFollowingPromises(): void {
  if (isFollowed) return;
  isFollowed = true;
  const shared = slot();
  // Core then keeps its own requests outside of it.
  if (shared) shared.isContextUsed = true;
  // A store that is active already would be no use of it.
  storage()?.run({}, () => {});
}
