import {
  now,
  overrideMethod,
  replaceOwnField,
  safely,
  setQuietTimeout,
  tapAsyncIterable,
} from "@spanwise/core/adapter";
import type { IterationEnd, IterationObserver } from "@spanwise/core/adapter";
import { accumulateChat, emptyChat, isVisibleChunk } from "./accumulate-chat.ts";
import type { Generation } from "./generation.ts";
import { isUsageChunk, stripEmptyUsage } from "./include-usage.ts";
import { describeChatStream, isChatFinished } from "./response.ts";

/** How long after an abort a pending read may still deliver its end. */
const ABORT_GRACE_MS = 50;

/** The own field of openai's `Stream` that makes its iterator, under iteration, `tee()` and `toReadableStream()` alike. */
const ITERATOR_FIELD = "iterator";

/**
 * Records a stream while the caller reads it: in place, one chunk for each that the caller pulls. `usageAdded` says that the
 * usage in it was our wish, so that the caller does not see it. Nothing here refers to the stream.
 */
export function observeChatStream(stream: object, generation: Generation, usageAdded: boolean): boolean {
  const state = emptyChat();
  const signal = (stream as { controller?: { signal?: AbortSignal } }).controller?.signal;
  let seenFirst = false;

  const end = (reason: IterationEnd, error?: unknown): void => {
    if (generation.ended) return;
    const response = describeChatStream(state);
    if (reason === "error") generation.fail(error, response);
    else if (isChatFinished(state)) generation.end("ok", response);
    else if (reason === "dropped") generation.end("incomplete", response);
    // A stream that is aborted ends without an error.
    else if (reason === "break" || signal?.aborted) generation.end("cancelled", response);
    else generation.end("ok", response, { warning: "the stream ended without a finish reason" });
  };
  const observer: IterationObserver<unknown> = {
    onItem(chunk) {
      // First of all, so that a failure of ours does not show the caller what is not meant for it.
      const hidden = usageAdded && isUsageChunk(chunk);
      if (usageAdded) stripEmptyUsage(chunk);
      safely("stream accumulator", () => {
        accumulateChat(state, chunk);
        if (seenFirst || !isVisibleChunk(chunk)) return;
        seenFirst = true;
        generation.firstToken(now());
      });
      return hidden ? "hide" : undefined;
    },
    onEnd: end,
  };
  if (!tapAsyncIterable(stream, observer, ITERATOR_FIELD)) return false;
  noticeClosedBranches(stream, () => end("break"));
  // Somebody who aborts need not read on.
  safely("abort listener", () =>
    signal?.addEventListener("abort", () => setQuietTimeout(() => end("break"), ABORT_GRACE_MS), { once: true }),
  );
  return true;
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
