import { safely, swallow } from "../util/safely.ts";
import { isThenable } from "../util/is-thenable.ts";
import { overrideMethod, replaceOwnField } from "./own-field.ts";

/** `done`: the source ended. `break`: the consumer stopped it (`return` or `throw`). `error`: the source threw. `dropped`: it was let go of. */
export type IterationEnd = "done" | "break" | "error" | "dropped";

export interface IterationObserver<Item> {
  /** Called before the consumer gets the item. `"hide"` withholds it: the consumer's pull is answered with the next one. */
  onItem(item: Item): "hide" | void;
  /** Called once. */
  onEnd(reason: IterationEnd, error?: unknown): void;
}

interface Tap {
  ended: boolean;
  end(reason: IterationEnd, error?: unknown): void;
}

const dropped =
  typeof FinalizationRegistry === "function" ? new FinalizationRegistry<Tap>((tap) => tap.end("dropped")) : undefined;

function createTap<Item>(observer: IterationObserver<Item>): Tap {
  return {
    ended: false,
    end(reason, error) {
      if (this.ended) return;
      this.ended = true;
      // What is registered outlives the engine's quick collections, and all that hangs on it.
      dropped?.unregister(this);
      safely("observer", () => observer.onEnd(reason, error));
    },
  };
}

/**
 * Observes the first iteration of an async iterable in place: the object, its class and its methods stay; nothing is read
 * that the consumer does not pull. `field` names an own field that holds the iterator factory (`iterator` in the `Stream` of
 * the Stainless-generated clients, under everything that such a stream can do); without it `[Symbol.asyncIterator]` is used.
 *
 * An iterable that is collected without having been iterated ends as `dropped`. The observer must not refer to the iterable.
 * Returns false, with nothing changed, where there is nothing to observe.
 */
export function tapAsyncIterable<Item>(iterable: object, observer: IterationObserver<Item>, field?: string): boolean {
  const tap = createTap(observer);
  let taken = false;

  const wrap = (factory: (...args: unknown[]) => unknown) =>
    function (this: unknown, ...args: unknown[]): unknown {
      const iterator = factory.apply(this, args);
      if (taken || typeof iterator !== "object" || iterator === null) return iterator;
      taken = true;
      safely("observer", () => {
        // From here on the consumer may hold the iterator alone.
        dropped?.unregister(tap);
        tapIterator(iterator as AsyncIterator<Item>, observer, tap);
        dropped?.register(iterator, tap, tap);
      });
      return iterator;
    };

  if (!wrapFactory(iterable, field, wrap)) return false;
  dropped?.register(iterable, tap, tap);
  return true;
}

type Factory = (...args: unknown[]) => unknown;

function wrapFactory(iterable: object, field: string | undefined, wrap: (factory: Factory) => Factory): boolean {
  if (field !== undefined && typeof (iterable as Record<string, unknown>)[field] === "function") {
    if (replaceOwnField<Factory>(iterable, field, wrap)) return true;
  }
  const factory = (iterable as { [Symbol.asyncIterator]?: unknown })[Symbol.asyncIterator];
  return typeof factory === "function" && overrideMethod(iterable, Symbol.asyncIterator, wrap(factory as Factory));
}

/** Observes one async iterator in place. */
function tapIterator<Item>(iterator: AsyncIterator<Item>, observer: IterationObserver<Item>, tap: Tap): void {
  // oxlint-disable-next-line typescript/unbound-method -- called on the iterator
  const { next } = iterator;

  // Made once, not for each pull: a chunk costs a microsecond.
  const onResult = (result: IteratorResult<Item>): IteratorResult<Item> | Promise<IteratorResult<Item>> => {
    if (tap.ended) return result;
    if (result.done) tap.end("done");
    else if (isHidden(result.value)) return pull();
    return result;
  };
  const isHidden = (item: Item): boolean => {
    try {
      return observer.onItem(item) === "hide";
    } catch (error) {
      swallow("observer", error);
      return false;
    }
  };
  const onError = (error: unknown): never => {
    tap.end("error", error);
    throw error;
  };
  const pull = (...args: [] | [unknown]): Promise<IteratorResult<Item>> => {
    const pulled: unknown = args.length === 0 ? next.call(iterator) : next.apply(iterator, args);
    // An iterator that breaks the protocol is passed on as it is.
    if (!isThenable(pulled)) return pulled as Promise<IteratorResult<Item>>;
    return (pulled as Promise<IteratorResult<Item>>).then(onResult, onError);
  };
  overrideMethod(iterator, "next", pull);

  for (const method of ["return", "throw"] as const) {
    const stop = iterator[method];
    if (typeof stop !== "function") continue;
    overrideMethod(iterator, method, (...args: unknown[]) => {
      tap.end("break", method === "throw" ? args[0] : undefined);
      return stop.apply(iterator, args as [unknown]);
    });
  }
}
