import {
  now,
  overrideMethod,
  replaceOwnField,
  safely,
  setQuietTimeout,
  tapAsyncIterable,
} from "@spanwise/core/adapter";
import type { IterationEnd, IterationObserver } from "@spanwise/core/adapter";
import { describeError } from "./errors.ts";
import { fieldsOf } from "./fields.ts";
import type { Generation } from "./generation.ts";
import { isUsageChunk, stripEmptyUsage } from "./include-usage.ts";
import type { DescribedResponse } from "./response.ts";
import type { StreamAccumulator } from "./surface.ts";

/** How long after an abort a pending read may still deliver its end. */
const ABORT_GRACE_MS = 50;

/** The own field of openai's `Stream` that makes its iterator, under iteration, `tee()` and `toReadableStream()` alike. */
const ITERATOR_FIELD = "iterator";

export interface StreamOptions {
  /** The usage in the stream is there because of us: the caller does not see it. */
  usageAdded?: boolean;
  /** The stream is over and the provider has not said that the answer is. True keeps the generation open. */
  onUnfinished?: (response: DescribedResponse, partial: StreamAccumulator) => boolean;
  onEnded?: () => void;
}

/**
 * Records a stream while the caller reads it: in place, one chunk for each that the caller pulls. Nothing here refers to the
 * stream. Returns false where it cannot be observed.
 */
export function observeStream(
  stream: object,
  generation: Generation,
  accumulator: StreamAccumulator,
  { usageAdded = false, onUnfinished, onEnded }: StreamOptions = {},
): boolean {
  const signal = (stream as { controller?: { signal?: AbortSignal } }).controller?.signal;
  const holder: Holder = { held: accumulator };

  const end = (reason: IterationEnd, error?: unknown): void => {
    const done = holder.held;
    holder.held = undefined;
    if (!done || generation.ended) return;
    const response = { ...done.describe(), failure: done.failure };
    const isComplete = done.finished || done.failure !== undefined;
    if (!isComplete && onUnfinished?.(response, done)) {
      generation.progress(response);
      if (reason === "error") generation.note(describeError(error).metadata);
      return;
    }
    if (reason === "error") generation.fail(error, response);
    else if (isComplete) generation.end("ok", response);
    else if (reason === "dropped") generation.end("incomplete", response);
    // A stream that is aborted ends without an error.
    else if (reason === "break" || signal?.aborted) generation.end("cancelled", response);
    else generation.end("ok", response, { warning: "the stream ended without a finish reason" });
    onEnded?.();
  };
  const accept = (chunk: unknown): void => {
    const { held } = holder;
    if (!held) return;
    const data = dataOf(chunk);
    held.accept(data);
    if (!generation.hasFirstToken && held.isVisible(data)) generation.firstToken(now());
    if (held.isLast) end("done");
  };
  const observer: IterationObserver<unknown> = {
    // What is thrown here goes no further than the tap.
    onItem(chunk) {
      if (!usageAdded) return accept(chunk);
      const hidden = isUsageChunk(chunk);
      stripEmptyUsage(chunk);
      // A failure of ours must not show the caller what is not meant for it.
      safely("stream accumulator", () => accept(chunk));
      return hidden ? "hide" : undefined;
    },
    onEnd: end,
  };
  if (!tapAsyncIterable(stream, observer, ITERATOR_FIELD)) return false;
  describeWhenLetGo(generation, holder);
  noticeClosedBranches(stream, () => end("break"));
  // Somebody who aborts need not read on.
  safely("abort listener", () =>
    signal?.addEventListener("abort", () => setQuietTimeout(() => end("break"), ABORT_GRACE_MS), { once: true }),
  );
  return true;
}

/** The accumulator is let go of at the end: the caller may hold the stream for longer. */
interface Holder {
  held: StreamAccumulator | undefined;
}

/** A function of its own: what it makes must not share a scope with the stream. */
function describeWhenLetGo(generation: Generation, holder: Holder): void {
  generation.whenLetGo(() => holder.held?.describe());
}

/** openai 4 hands events that it does not know by name over as `{ event, data }`. */
function dataOf(chunk: unknown): unknown {
  const { event, data } = fieldsOf(chunk);
  return typeof event === "string" && typeof data === "object" && data !== null ? data : chunk;
}

/** The branches of `tee()` do not tell their source that they were left; when both are, the stream is. */
function noticeClosedBranches(stream: object, onAllClosed: () => void): void {
  const { tee } = stream as { tee?: unknown };
  if (typeof tee !== "function") return;
  overrideMethod(stream, "tee", function (this: unknown, ...args: unknown[]): unknown {
    const branches: unknown = tee.apply(this, args);
    if (!Array.isArray(branches)) return branches;
    let open = branches.length;
    for (const branch of branches) {
      safely("tee observer", () =>
        noticeReturn(branch as object, () => {
          open -= 1;
          if (open === 0) onAllClosed();
        }),
      );
    }
    return branches;
  });
}

function noticeReturn(branch: object, onReturn: () => void): void {
  let closed = false;
  replaceOwnField<() => AsyncIterator<unknown>>(branch, ITERATOR_FIELD, (make) => () => {
    const iterator = make();
    const given = iterator.return?.bind(iterator);
    overrideMethod(iterator, "return", (value?: unknown) => {
      if (!closed) safely("tee observer", onReturn);
      closed = true;
      return given ? given(value) : Promise.resolve({ done: true, value });
    });
    return iterator;
  });
}
