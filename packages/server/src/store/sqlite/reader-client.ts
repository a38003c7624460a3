import type { Worker } from "node:worker_threads";
import { StoreClosedError, reviveError } from "../errors.ts";
import type { Call, ReadRequest, ReadResponse } from "./protocol.ts";

interface PendingRead {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

/** Sends calls to a reader worker and matches its answers to them. */
export class ReaderClient {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingRead>();
  #nextId = 1;
  #failure: Error | undefined;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (message: ReadResponse) => this.#onAnswer(message));
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", () => this.#fail(new StoreClosedError("The store's reader has ended.")));
  }

  /** True when the worker answers no more. */
  get hasEnded(): boolean {
    return this.#failure !== undefined;
  }

  call(call: Call): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { resolve, reject });
      this.#worker.postMessage({ id, ...call } satisfies ReadRequest);
    });
  }

  #onAnswer(message: ReadResponse): void {
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.ok) pending?.resolve(message.value);
    else pending?.reject(reviveError(message.error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}
