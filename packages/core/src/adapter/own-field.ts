/**
 * Replaces an own, writable data field of somebody else's object, keeping how it is listed. Returns false, with the object
 * untouched, where there is no such field: the caller then observes less and breaks nothing.
 */
export function replaceOwnField<T>(target: object, key: PropertyKey, make: (current: T) => T): boolean {
  const descriptor = Object.getOwnPropertyDescriptor(target, key);
  return descriptor?.writable === true && Reflect.set(target, key, make(descriptor.value as T));
}

export function isWritable(target: object, key: PropertyKey): boolean {
  return Object.getOwnPropertyDescriptor(target, key)?.writable === true;
}

/** Puts a method in front of the inherited one, on this object only and not listed. */
export function overrideMethod(target: object, key: PropertyKey, method: (...args: never[]) => unknown): boolean {
  return Reflect.defineProperty(target, key, { value: method, enumerable: false, configurable: true, writable: true });
}
