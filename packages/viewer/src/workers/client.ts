import { connection } from "../api/connection.ts";
import { ApiError } from "../api/http.ts";
import type { CallMessage, MethodName, ReplyMessage, WorkerMethods } from "./protocol.ts";

interface Waiting {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

let worker: Worker | undefined;
let lastId = 0;
const waiting = new Map<number, Waiting>();

/** One worker for the page's life: it keeps the large texts that are open. */
function theWorker(): Worker {
  if (worker !== undefined) return worker;
  const started = new Worker(new URL("./data-worker.ts", import.meta.url), { type: "module" });
  started.addEventListener("message", ({ data }: MessageEvent<ReplyMessage>) => {
    const call = waiting.get(data.id);
    waiting.delete(data.id);
    if (call === undefined) return;
    if (data.error === undefined) call.resolve(data.value);
    else call.reject(toError(data.error));
    // What it did without a request says nothing of the server.
    if (data.error?.status != null) connection.note(data.error.status);
  });
  started.addEventListener("error", () => {
    // It could not be loaded, or died: whoever asks next gets a new one.
    started.terminate();
    worker = undefined;
    for (const call of waiting.values()) call.reject(new ApiError(0, "The viewer's worker stopped."));
    waiting.clear();
  });
  worker = started;
  return started;
}

/** Starts it ahead, so that it is there when the first data come. */
export function warmUpWorker(): void {
  theWorker();
}

export function callWorker<M extends MethodName>(
  method: M,
  args: Parameters<WorkerMethods[M]>,
  signal?: AbortSignal,
): ReturnType<WorkerMethods[M]> {
  const id = ++lastId;
  const message: CallMessage = { id, method, args };
  const result = new Promise<unknown>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(signal.reason instanceof Error ? signal.reason : new DOMException("Aborted", "AbortError"));
      return;
    }
    waiting.set(id, { resolve, reject });
    theWorker().postMessage(message);
    signal?.addEventListener(
      "abort",
      () => {
        if (!waiting.delete(id)) return;
        theWorker().postMessage({ abort: id });
        reject(new DOMException("Aborted", "AbortError"));
      },
      { once: true },
    );
  });
  // The worker answers what the protocol says: both sides are of one build.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return result as ReturnType<WorkerMethods[M]>;
}

function toError(error: NonNullable<ReplyMessage["error"]>): Error {
  if (error.status !== null) return new ApiError(error.status, error.message, { code: error.code });
  return Object.assign(new Error(error.message), { name: error.name });
}
