import { followPromise } from "@spanwise/core/adapter";

/** The function that somebody put on a resource in front of its class's method: a mock, or a wrapper of it. None where the class's own was put back. */
export function replacementOf(owner: object, key: PropertyKey): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
  if (typeof value !== "function") return undefined;
  return value === inheritedBy(owner, key) ? undefined : value;
}

/**
 * The class's own method, where a proxy around the client hands out a copy of it that is bound to the object behind the proxy, as
 * Sentry's does: on another `this` such a copy has no say, and what it calls would not be seen.
 */
export function unboundOf<T extends (...args: never[]) => unknown>(owner: object, key: PropertyKey, method: T): T {
  const inherited = inheritedBy(owner, key);
  return typeof inherited === "function" && method.name === `bound ${inherited.name}` ? (inherited as T) : method;
}

function inheritedBy(owner: object, key: PropertyKey): unknown {
  const prototype = Object.getPrototypeOf(owner) as object | null;
  return prototype ? Reflect.get(prototype, key, owner) : undefined;
}

/** How many calls of each replacement are under way: until it returns, or the plain promise that it returned settles. */
export class Replacements {
  readonly #running = new WeakMap<object, number>();

  isRunning(replacement: object): boolean {
    return (this.#running.get(replacement) ?? 0) > 0;
  }

  run(replacement: object, call: () => unknown): unknown {
    this.#add(replacement, 1);
    const leave = (): void => this.#add(replacement, -1);
    let result: unknown;
    try {
      result = call();
    } catch (error) {
      leave();
      throw error;
    }
    // One of the client's own promises has sent its request by now, and must not be parsed.
    if (result instanceof Promise && Object.getPrototypeOf(result) === Promise.prototype) {
      return followPromise(result, { onResult: leave, onError: leave });
    }
    leave();
    return result;
  }

  #add(replacement: object, change: number): void {
    this.#running.set(replacement, (this.#running.get(replacement) ?? 0) + change);
  }
}
