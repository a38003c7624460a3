import { safely } from "@spanwise/core/adapter";
import type { Fields } from "./fields.ts";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Says of a function that it is ours. Shared between copies of this package, so that one call is recorded once. */
const MARK: unique symbol = Symbol.for("spanwise.llamaindex.patch");

interface Mark {
  original: Method;
  isActive(): boolean;
}

type Marked = Method & { [MARK]?: Mark };

interface Patch {
  target: WeakRef<object>;
  key: PropertyKey;
  wrapper: Method;
  /** What was there; undefined where the method was inherited. */
  descriptor: PropertyDescriptor | undefined;
}

const isWeak = typeof WeakRef === "function" && typeof FinalizationRegistry === "function";

/** Called in place of `original`, which it must call exactly once. */
export type Around = (self: unknown, args: unknown[], call: (args?: unknown[]) => unknown) => unknown;

/**
 * Methods that were replaced in place, on prototypes and on single objects, and can be put back. Objects are held weakly: an
 * application makes engines and tools by the request.
 */
export class Patches {
  readonly #patches = new Set<Patch>();
  readonly #collected = isWeak ? new FinalizationRegistry<Patch>((patch) => this.#patches.delete(patch)) : undefined;
  #active = true;

  get active(): boolean {
    return this.#active;
  }

  /** False where there is no such method, it cannot be replaced, or somebody of ours is there already. */
  around(target: object, key: PropertyKey, around: Around): boolean {
    const current = (target as Fields)[key] as Marked | undefined;
    // A call that was open at the restore may still find components.
    if (!this.#active || typeof current !== "function") return false;
    const mark = current[MARK];
    if (mark?.isActive()) return false;
    const original = mark?.original ?? current;
    // oxlint-disable-next-line typescript/no-this-alias -- `this` below is the host's
    const patches = this;
    const wrapper: Marked = function (this: unknown, ...args: unknown[]): unknown {
      let called = false;
      const call = (changed: unknown[] = args): unknown => {
        called = true;
        return original.apply(this, changed);
      };
      if (!patches.#active) return call();
      try {
        return around(this, args, call);
      } catch (error) {
        // What the host's method has thrown is the host's; what we have thrown before is not.
        if (called) throw error;
        safely("wrapper", () => {
          throw error;
        });
        return call();
      }
    };
    dress(wrapper, original);
    Object.defineProperty(wrapper, MARK, { value: { original, isActive: () => this.#active } satisfies Mark });
    return this.#replace(target, key, wrapper, { value: wrapper, writable: true });
  }

  /** Hears of what is assigned to a property with a setter; `get` and the value stay the host's. */
  onSet(target: object, key: PropertyKey, tell: (value: unknown) => void): boolean {
    const accessor = findDescriptor(target, key);
    if (!accessor?.set || !accessor.get) return false;
    // oxlint-disable-next-line typescript/unbound-method -- called on the host's object
    const { get, set } = accessor;
    const setter = function (this: unknown, value: unknown): void {
      tell(value);
      set.call(this, value);
    };
    return this.#replace(target, key, setter, { get, set: setter });
  }

  /** Puts everything back. What somebody else has wrapped since stays, and passes calls through. */
  restore(): void {
    this.#active = false;
    for (const patch of this.#patches) restore(patch);
    this.#patches.clear();
  }

  #replace(target: object, key: PropertyKey, wrapper: Method, made: PropertyDescriptor): boolean {
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    const enumerable = descriptor?.enumerable ?? false;
    if (!Reflect.defineProperty(target, key, { ...made, enumerable, configurable: true })) return false;
    // Without weak references (older workers) what is wrapped stays, and passes calls through once this is restored.
    if (!isWeak) return true;
    const patch: Patch = { target: new WeakRef(target), key, wrapper, descriptor };
    this.#patches.add(patch);
    this.#collected?.register(target, patch);
    return true;
  }
}

function restore({ target, key, wrapper, descriptor }: Patch): void {
  const object = target.deref();
  if (!object) return;
  const current = Object.getOwnPropertyDescriptor(object, key);
  if (current?.value !== wrapper && current?.set !== wrapper) return;
  if (descriptor) Reflect.defineProperty(object, key, descriptor);
  else Reflect.deleteProperty(object, key);
}

/** Name and number of parameters as the host's: some code looks at them. */
function dress(wrapper: Method, original: Method): void {
  Object.defineProperty(wrapper, "name", { value: original.name, configurable: true });
  Object.defineProperty(wrapper, "length", { value: original.length, configurable: true });
}

function findDescriptor(target: object, key: PropertyKey): PropertyDescriptor | undefined {
  for (let at: object | null = target; at; at = Object.getPrototypeOf(at) as object | null) {
    const descriptor = Object.getOwnPropertyDescriptor(at, key);
    if (descriptor) return descriptor;
  }
  return undefined;
}
