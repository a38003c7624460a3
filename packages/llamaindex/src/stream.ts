import { isThenable, overrideMethod, safely, tapAsyncIterable, type IterationEnd } from "@spanwise/core/adapter";
import { hasMethod, isObject } from "./fields.ts";

export interface StreamObserver {
  /** Pulls run in it, so that what a lazy stream starts then hangs where it belongs. */
  scope<T>(fn: () => T): T;
  /** Called before the consumer gets the item. `"hide"` withholds it. */
  onItem(item: unknown): "hide" | void;
  /** Called once. */
  onEnd(reason: IterationEnd, error?: unknown): void;
}

export function isStream(value: unknown): value is object {
  return isObject(value) && (Symbol.asyncIterator in value || hasMethod(value, "getReader"));
}

/**
 * Observes a stream in place: it stays the same object, and nothing is read that the consumer does not pull. Covers
 * generators (also read by hand with `next()`), `ReadableStream` by its reader, its iterator and its pipes, and any other async
 * iterable. A stream that is collected unread ends as `dropped`. The observer must not refer to the stream.
 */
export function followStream(stream: object, observer: StreamObserver): boolean {
  const end = once(observer);
  if (hasMethod(stream, "getReader")) return followReadable(stream as ReadableStream<unknown>, observer, end);
  if (hasMethod(stream, "next")) {
    followIterator(stream as AsyncIterator<unknown>, observer, end);
    dropped?.register(stream, end);
    return true;
  }
  return tapAsyncIterable(stream, { onItem: observer.onItem.bind(observer), onEnd: end });
}

type End = (reason: IterationEnd, error?: unknown) => void;

/** Calls `end` with `dropped` once `target`, to which it must not refer, is collected. */
export function onDropped(target: object, end: End): void {
  dropped?.register(target, end);
}

const dropped =
  typeof FinalizationRegistry === "function" ? new FinalizationRegistry<End>((end) => end("dropped")) : undefined;

function once(observer: StreamObserver): End {
  let ended = false;
  return (reason, error) => {
    if (ended) return;
    ended = true;
    safely("stream observer", () => observer.onEnd(reason, error));
  };
}

/** LlamaIndex replaces the iterator factory of its streams and pulls on the stream itself, so the methods are what is watched. */
function followIterator(iterator: AsyncIterator<unknown>, observer: StreamObserver, end: End): void {
  const next = iterator.next.bind(iterator);
  const pull = (...args: [] | [unknown]): Promise<IteratorResult<unknown>> => {
    const pulled: unknown = observer.scope(() => next(...args));
    if (!isThenable(pulled)) return pulled as Promise<IteratorResult<unknown>>;
    return pulled.then(
      (result) => {
        const { done, value } = result as IteratorResult<unknown>;
        if (done) end("done");
        else if (safely("stream observer", () => observer.onItem(value)) === "hide") return pull();
        return result as IteratorResult<unknown>;
      },
      (error: unknown) => {
        end("error", error);
        throw error;
      },
    ) as Promise<IteratorResult<unknown>>;
  };
  overrideMethod(iterator, "next", pull);
  for (const method of ["return", "throw"] as const) {
    const stop = iterator[method]?.bind(iterator) as ((...args: unknown[]) => unknown) | undefined;
    if (!stop) continue;
    overrideMethod(iterator, method, (...args: unknown[]) => {
      end("break");
      return observer.scope(() => stop(...args));
    });
  }
}

/** Readers tell of each chunk; pipes and branches go through a transform that does. */
function followReadable(stream: ReadableStream<unknown>, observer: StreamObserver, end: End): boolean {
  const getReader = stream.getReader.bind(stream);
  const pipeThrough = stream.pipeThrough.bind(stream);
  overrideMethod(stream, "getReader", (...args: []) => {
    const reader = getReader(...args);
    safely("stream observer", () => followReader(reader, observer, end));
    return reader;
  });
  const tapped = (): ReadableStream<unknown> => pipeThrough(tapTransform(observer, end));
  overrideMethod(stream, "pipeThrough", (...args: Parameters<typeof pipeThrough>) => tapped().pipeThrough(...args));
  overrideMethod(stream, "pipeTo", (...args: Parameters<typeof stream.pipeTo>) => tapped().pipeTo(...args));
  overrideMethod(stream, "tee", () => tapped().tee());
  const cancel = stream.cancel.bind(stream);
  overrideMethod(stream, "cancel", (...args: [unknown?]) => {
    // A locked stream refuses to be cancelled, and goes on.
    if (!stream.locked) end("break");
    return cancel(...args);
  });
  tapAsyncIterable(stream, { onItem: observer.onItem.bind(observer), onEnd: end });
  dropped?.register(stream, end);
  return true;
}

function followReader(reader: ReadableStreamDefaultReader<unknown>, observer: StreamObserver, end: End): void {
  const read = reader.read.bind(reader);
  overrideMethod(reader, "read", (...args: []) => {
    const pulled = observer.scope(() => read(...args));
    return pulled.then(
      (result) => {
        if (result.done) end("done");
        else safely("stream observer", () => observer.onItem(result.value));
        return result;
      },
      (error: unknown) => {
        end("error", error);
        throw error;
      },
    );
  });
  const cancel = reader.cancel.bind(reader);
  overrideMethod(reader, "cancel", (...args: [unknown?]) => {
    end("break");
    return cancel(...args);
  });
}

function tapTransform(observer: StreamObserver, end: End): TransformStream<unknown, unknown> {
  // `cancel` is younger than the type: without it a cancelled pipe is known when it is collected.
  const transformer = {
    transform(chunk: unknown, controller: TransformStreamDefaultController<unknown>) {
      safely("stream observer", () => observer.onItem(chunk));
      controller.enqueue(chunk);
    },
    flush: () => end("done"),
    cancel: () => end("break"),
  };
  return new TransformStream(transformer);
}
