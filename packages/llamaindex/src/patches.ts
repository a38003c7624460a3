import { safely } from "@spanwise/core/adapter";
import type { Fields } from "./fields.ts";

type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Says of a function that it is ours. Shared between copies of this package, so that one call is recorded once. */
const MARK: unique symbol = Symbol.for("spanwise.llamaindex.patch");

interface Mark {
  original: Method;
  isActive(): boolean;
  /** What other installations do when this one is taken off: the first that is left takes its place. */
  waiting: Map<object, () => void>;
}

type Marked = Method & { [MARK]?: Mark };

interface Patch {
  key: PropertyKey;
  wrapper: Marked;
  /** What was there; undefined where the method was inherited. */
  descriptor: PropertyDescriptor | undefined;
}

const isWeak = typeof WeakRef === "function" && typeof FinalizationRegistry === "function";

/** Called in place of `original`, which it must call exactly once. */
export type Around = (self: unknown, args: unknown[], call: (args?: unknown[]) => unknown) => unknown;

/**
 * Methods that were replaced in place, on prototypes and on single objects, and can be put back. Objects are held weakly: an
 * application makes engines and tools by the request. What was replaced is often bound to its object, so it is kept by the object.
 */
export class Patches {
  readonly #targets = new Set<WeakRef<object>>();
  readonly #patchesOf = new WeakMap<object, Patch[]>();
  readonly #collected = isWeak
    ? new FinalizationRegistry<WeakRef<object>>((target) => this.#targets.delete(target))
    : undefined;
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
    if (this.#isTaken(mark, target, key, () => this.around(target, key, around))) return false;
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
    this.#mark(wrapper, original);
    return this.#replace(target, key, wrapper, { value: wrapper, writable: true });
  }

  /** Hears of what is assigned to a property with a setter; `get` and the value stay the host's. */
  onSet(target: object, key: PropertyKey, tell: (value: unknown) => void): boolean {
    const accessor = findDescriptor(target, key);
    if (!accessor?.set || !accessor.get) return false;
    // oxlint-disable-next-line typescript/unbound-method -- called on the host's object
    const { get } = accessor;
    const mark = (accessor.set as Marked)[MARK];
    if (!this.#active || this.#isTaken(mark, target, key, () => this.onSet(target, key, tell))) return false;
    // oxlint-disable-next-line typescript/unbound-method -- called on the host's object
    const set = mark?.original ?? accessor.set;
    const setter = function (this: unknown, value: unknown): void {
      tell(value);
      set.call(this, value);
    };
    this.#mark(setter, set);
    return this.#replace(target, key, setter, { get, set: setter });
  }

  /** Puts everything back. What somebody else has wrapped since stays, and passes calls through. */
  restore(): void {
    this.#active = false;
    const targets = [...this.#targets];
    this.#targets.clear();
    for (const reference of targets) {
      const target = reference.deref();
      if (!target) continue;
      const patches = this.#patchesOf.get(target) ?? [];
      for (const patch of patches) restore(target, patch);
      for (const { wrapper } of patches) wrapper[MARK]?.waiting.forEach((takeOver) => takeOver());
    }
  }

  /**
   * True where somebody of ours is there, whose place is taken when it leaves. Not where it is on a prototype above: that lives
   * longer than what `takeOver` holds.
   */
  #isTaken(mark: Mark | undefined, target: object, key: PropertyKey, takeOver: () => void): boolean {
    if (!mark?.isActive()) return false;
    if (Object.hasOwn(target, key) && !mark.waiting.has(this)) mark.waiting.set(this, takeOver);
    return true;
  }

  #mark(wrapper: Method, original: Method): void {
    const mark: Mark = { original, isActive: () => this.#active, waiting: new Map() };
    Object.defineProperty(wrapper, MARK, { value: mark });
  }

  #replace(target: object, key: PropertyKey, wrapper: Marked, made: PropertyDescriptor): boolean {
    const descriptor = Object.getOwnPropertyDescriptor(target, key);
    const enumerable = descriptor?.enumerable ?? false;
    if (!Reflect.defineProperty(target, key, { ...made, enumerable, configurable: true })) return false;
    // Without weak references (older workers) what is wrapped stays, and passes calls through once this is restored.
    if (!isWeak) return true;
    const patches = this.#patchesOf.get(target);
    if (patches) patches.push({ key, wrapper, descriptor });
    else {
      const reference = new WeakRef(target);
      this.#patchesOf.set(target, [{ key, wrapper, descriptor }]);
      this.#targets.add(reference);
      this.#collected?.register(target, reference);
    }
    return true;
  }
}

function restore(target: object, { key, wrapper, descriptor }: Patch): void {
  const current = Object.getOwnPropertyDescriptor(target, key);
  if (current?.value !== wrapper && current?.set !== wrapper) return;
  if (descriptor) Reflect.defineProperty(target, key, descriptor);
  else Reflect.deleteProperty(target, key);
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
