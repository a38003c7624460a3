/**
 * A view of somebody else's object in which some properties read differently. Everything else, getters and their receiver
 * included, is the object's own, and nothing of it is copied or changed. The object may be frozen: the proxy's target is an
 * object of its own, so that no invariant ties what the view shows.
 */
export function overlay<T extends object>(original: T, replace: (key: PropertyKey, value: unknown) => unknown): T {
  const read = (key: PropertyKey): unknown => replace(key, Reflect.get(original, key, original));
  return new Proxy({} as T, {
    get: (_shadow, key) => read(key),
    has: (_shadow, key) => Reflect.has(original, key),
    set: (_shadow, key, value) => Reflect.set(original, key, value, original),
    deleteProperty: (_shadow, key) => Reflect.deleteProperty(original, key),
    defineProperty: (_shadow, key, descriptor) => Reflect.defineProperty(original, key, descriptor),
    getPrototypeOf: () => Reflect.getPrototypeOf(original),
    ownKeys: () => Reflect.ownKeys(original),
    getOwnPropertyDescriptor(_shadow, key) {
      const descriptor = Reflect.getOwnPropertyDescriptor(original, key);
      if (!descriptor) return undefined;
      // A proxy may not claim that its target has a fixed property when it has not.
      const shown = { ...descriptor, configurable: true };
      return "value" in shown ? { ...shown, value: read(key) } : shown;
    },
  });
}
