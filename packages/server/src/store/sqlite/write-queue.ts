import type { Worker } from "node:worker_threads";
import { StoreBusyError, StoreClosedError, type WriteBatch } from "../store.ts";
import type { WriteResponse } from "./protocol.ts";

interface QueuedBatch {
  projectId: string;
  batch: WriteBatch;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** A transaction takes at most this much of the queue, so that the first of many waiting requests is not held up by the last. */
const MAX_GROUP_BYTES = 16 * 1024 * 1024;

/**
 * Group commit: while the writer commits one group, whatever arrives forms the next, so the number of transactions follows the
 * writer's speed and not the number of requests. Bounded in bytes.
 */
export class WriteQueue {
  readonly #writer: Worker;
  readonly #maxBytes: number;
  readonly #waiting: QueuedBatch[] = [];
  #inFlight: QueuedBatch[] = [];
  #bytes = 0;
  #failure: Error | undefined;
  #onIdle: (() => void) | undefined;

  constructor(writer: Worker, maxBytes: number) {
    this.#writer = writer;
    this.#maxBytes = maxBytes;
    writer.on("message", (message: WriteResponse) => this.#onCommitted(message));
    writer.on("error", (error) => this.#fail(error));
    writer.on("exit", () => this.#fail(new StoreClosedError("The store's writer has ended.")));
  }

  /** Resolves after the commit. One batch larger than the bound is taken while nothing else waits. */
  push(projectId: string, batch: WriteBatch): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#bytes > 0 && this.#bytes + batch.bytes > this.#maxBytes) {
      return Promise.reject(new StoreBusyError(`The write queue is full (${this.#maxBytes} bytes).`));
    }
    this.#bytes += batch.bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ projectId, batch, resolve, reject });
      this.#commitNext();
    });
  }

  /** Resolves when nothing waits any more. */
  async drain(): Promise<void> {
    if (this.#inFlight.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #commitNext(): void {
    if (this.#inFlight.length > 0) return;
    let bytes = 0;
    let count = 0;
    while (count < this.#waiting.length && (count === 0 || bytes < MAX_GROUP_BYTES)) {
      bytes += this.#waiting[count]?.batch.bytes ?? 0;
      count += 1;
    }
    this.#inFlight = this.#waiting.splice(0, count);
    if (count === 0) {
      this.#onIdle?.();
      return;
    }
    const batches = this.#inFlight.map(({ projectId, batch }) => ({
      projectId,
      observations: batch.observations,
      scores: batch.scores,
      media: batch.media,
    }));
    this.#writer.postMessage({ batches });
  }

  #onCommitted(message: WriteResponse): void {
    const group = this.#inFlight;
    this.#inFlight = [];
    for (const [index, queued] of group.entries()) {
      this.#bytes -= queued.batch.bytes;
      const failure = message.failures[index];
      if (failure === null) queued.resolve();
      else queued.reject(new Error(`The batch could not be stored: ${failure ?? "no answer for it"}`));
    }
    this.#commitNext();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    const lost = [...this.#inFlight, ...this.#waiting.splice(0)];
    this.#inFlight = [];
    this.#bytes = 0;
    for (const queued of lost) queued.reject(this.#failure);
    this.#onIdle?.();
  }
}
