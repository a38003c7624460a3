import { followPromise } from "@spanwise/core/adapter";

/** The function that somebody put on a resource in front of its class's method: a mock, or a wrapper of it. None where the class's own was put back. */
export function replacementOf(owner: object, key: PropertyKey): object | undefined {
  const value: unknown = Object.getOwnPropertyDescriptor(owner, key)?.value;
  if (typeof value !== "function") return undefined;
  const inherited: unknown = Reflect.get(Object.getPrototypeOf(owner) as object, key, owner);
  return value === inherited ? undefined : value;
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
