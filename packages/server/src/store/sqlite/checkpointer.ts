import type { Worker } from "node:worker_threads";
import type { StartedWorker } from "./start-worker.ts";

/** Of batches: with what indexes take, some 40 MiB of log. The writer folds it in itself at 128 MiB (`database.ts`). */
const BYTES_BETWEEN = 16 * 1024 * 1024;
/** What a commit adds to the log, however small it is. */
const COMMIT_BYTES = 64 * 1024;

/**
 * Folds the write-ahead log into the file while the writer goes on, in a thread of its own: the disk is waited for here, and not by
 * whoever waits for a commit. The writer is left with what came meanwhile, when it starts the log anew. The thread is started when there
 * is something to fold.
 */
export class Checkpointer {
  readonly #start: () => Promise<StartedWorker>;
  #starting: Promise<Worker | undefined> | undefined;
  #isRunning = false;
  #isClosed = false;
  #bytes = 0;

  constructor(start: () => Promise<StartedWorker>) {
    this.#start = start;
  }

  /** @param bytes of a group that was committed. */
  note(bytes: number): void {
    this.#bytes += bytes + COMMIT_BYTES;
    if (this.#bytes < BYTES_BETWEEN || this.#isRunning || this.#isClosed) return;
    this.#bytes = 0;
    this.#isRunning = true;
    this.#starting ??= this.#startWorker();
    void this.#starting.then((worker) => worker?.postMessage("fold"));
  }

  /** @returns the worker, if one was started. */
  async close(): Promise<Worker | undefined> {
    this.#isClosed = true;
    return this.#starting;
  }

  async #startWorker(): Promise<Worker | undefined> {
    try {
      const { worker } = await this.#start();
      worker.on("message", () => (this.#isRunning = false));
      // It is not started again: the writer does without it.
      worker.on("error", () => undefined);
      return worker;
    } catch {
      return undefined;
    }
  }
}
