import { safely } from "../util/safely.ts";
import { tagOf } from "../util/tag-of.ts";
import { messageOf } from "../util/text.ts";
import type { Observation } from "./api.ts";

/** How a thrown value shows on an observation. An abort is the caller's wish, not a failure. */
export function endWithError(observation: Observation, error: unknown): void {
  observation.end({ status: isAbort(error) ? "cancelled" : "error", statusMessage: messageOf(error) });
}

/** `AbortError` of the platform, and the class that generated API clients throw, which names itself `Error`. */
function isAbort(error: unknown): boolean | undefined {
  // An object whose getters throw has not said that it is an abort.
  return safely("error", () => {
    const { name, constructor } = Object(error) as { name?: unknown; constructor?: { name?: unknown } };
    return name === "AbortError" || constructor?.name === "APIUserAbortError";
  });
}

interface Settlement {
  onValue(value: unknown): void;
  onError(error: unknown): void;
  /** The result cannot be followed. */
  onUnknown(): void;
}

/** Calls that may wait for one and the same promise. The next ones are told at once that it cannot be followed. */
const MAX_WAITING = 10_000;

/** Who waits for a promise or thenable that was followed before: it is followed once, however often it is returned. */
const waiting = new WeakMap<object, Settlement[]>();

/**
 * Calls back when `result` is known and hands it on.
 *
 * The promise of an async function (`isFresh`) is nobody else's yet: a promise derived from it is handed on in its place, so
 * that exactly the unhandled rejections happen that would without us. Any other promise may be held by others and have
 * properties of its own, so it is handed on itself; a handler beside the host's then keeps the runtime from reporting a
 * rejection that nobody handles. Other thenables are followed through the caller's own `then`, since some start with it.
 */
export function followResult<T>(result: T, settlement: Settlement, isFresh: boolean): T {
  const kind = safely("observe", () => kindOf(result)) ?? "opaque";
  if (kind === "value") safely("observe", () => settlement.onValue(result));
  else if (kind === "promise" && isFresh) return derive(result as Promise<unknown>, settlement) as T;
  else if (kind === "opaque" || !safely("observe", () => wait(result as Thenable, kind, settlement)))
    safely("observe", () => settlement.onUnknown());
  return result;
}

/**
 * Whether each call of `fn` makes a promise of its own: an async function, bound or observed too. A wrapper that borrows
 * the prototype of one, as memoizing wrappers do, is told by its own `prototype`.
 */
export function isAsyncFunction(fn: object): boolean {
  return safely("observe", () => tagOf(fn) === "AsyncFunction" && !Object.hasOwn(fn, "prototype")) ?? false;
}

interface Thenable {
  then(
    onValue?: ((value: unknown, ...more: unknown[]) => unknown) | null,
    onError?: ((error: unknown, ...more: unknown[]) => unknown) | null,
  ): unknown;
}

function kindOf(value: unknown): "value" | "promise" | "thenable" {
  if ((typeof value !== "object" || value === null) && typeof value !== "function") return "value";
  // The language's own `await` takes such a promise without its `then`.
  if (value instanceof Promise && value.constructor === Promise) return "promise";
  return typeof (value as Partial<Thenable>).then === "function" ? "thenable" : "value";
}

function derive(promise: Promise<unknown>, settlement: Settlement): Promise<unknown> {
  return promise.then(
    (value) => {
      safely("observe", () => settlement.onValue(value));
      return value;
    },
    (error: unknown) => {
      safely("observe", () => settlement.onError(error));
      throw error;
    },
  );
}

/** False where the result cannot be followed. */
function wait(result: Thenable, kind: "promise" | "thenable", settlement: Settlement): boolean {
  let settlements = waiting.get(result);
  if (!settlements) {
    settlements = [];
    if (!(kind === "promise" ? listen(result, settlements) : patchThen(result, settlements))) return false;
    waiting.set(result, settlements);
  }
  if (settlements.length >= MAX_WAITING) return false;
  settlements.push(settlement);
  return true;
}

/** Throws for a proxy of a promise, which no handler can be given to. */
function listen(promise: object, settlements: Settlement[]): boolean {
  void Promise.prototype.then.call(
    promise,
    (value) => {
      waiting.delete(promise);
      settleAll(settlements, "onValue", value);
    },
    (error) => {
      waiting.delete(promise);
      settleAll(settlements, "onError", error);
    },
  );
  return true;
}

/** The patch refers to nothing but the list, which is empty once the thenable has settled. */
function patchThen(thenable: Thenable, settlements: Settlement[]): boolean {
  // oxlint-disable-next-line typescript/unbound-method -- called on the thenable that the caller uses
  const original = thenable.then;
  const own = Object.getOwnPropertyDescriptor(thenable, "then");
  if (own && !("value" in own)) return false;
  const then: Thenable["then"] = function (this: Thenable, onValue, onError) {
    return original.call(
      this,
      (value, ...more) => {
        settleAll(settlements, "onValue", value);
        return typeof onValue === "function" ? onValue(value, ...more) : value;
      },
      (error, ...more) => {
        settleAll(settlements, "onError", error);
        if (typeof onError === "function") return onError(error, ...more);
        throw error;
      },
    );
  };
  const descriptor = { value: then, configurable: true, writable: true, enumerable: own?.enumerable ?? false };
  // A proxy may take the definition and still show another `then`.
  // oxlint-disable-next-line unicorn/no-thenable -- it has a `then` already
  return Reflect.defineProperty(thenable, "then", descriptor) && thenable.then === then;
}

function settleAll(settlements: Settlement[], how: "onValue" | "onError", outcome: unknown): void {
  for (const settlement of settlements.splice(0)) safely("observe", () => settlement[how](outcome));
}
