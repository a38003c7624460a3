export interface Weak<T extends object> {
  deref(): T | undefined;
}

/** For what does not live longer than a call, so that a runtime without weak references (older workers) may hold it. */
export function createWeakRef<T extends object>(target: T): Weak<T> {
  return typeof WeakRef === "function" ? new WeakRef(target) : { deref: () => target };
}
