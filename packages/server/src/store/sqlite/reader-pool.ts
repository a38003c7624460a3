import type { Worker } from "node:worker_threads";
import type { Call } from "./protocol.ts";
import { ReaderClient } from "./reader-client.ts";
import type { StartedWorker } from "./start-worker.ts";

/** Readers of one store; each is a thread with a heap of its own. */
const MAX_READERS = 2;

/**
 * Gives each call to the reader that has the least to do. The second one is started when the first is found busy: a long answer then holds up
 * no short one, and a store that is asked one thing after the other pays for one thread.
 */
export class ReaderPool {
  readonly #clients: ReaderClient[] = [];
  readonly #workers: Worker[] = [];
  readonly #start: () => Promise<StartedWorker>;
  #starting: Promise<void> | undefined;
  #isClosed = false;

  constructor(first: StartedWorker, start: () => Promise<StartedWorker>) {
    this.#start = start;
    this.#add(first);
  }

  call(call: Call): Promise<unknown> {
    const [first, ...others] = this.#clients;
    if (first === undefined) return Promise.reject(new Error("The store has no reader."));
    const client = others.reduce((least, each) => (each.pending < least.pending ? each : least), first);
    if (client.pending > 0 && this.#clients.length < MAX_READERS) this.#startAnother();
    return client.call(call);
  }

  /** The workers, none of which is started any more. */
  async close(): Promise<readonly Worker[]> {
    this.#isClosed = true;
    await this.#starting;
    return this.#workers;
  }

  #startAnother(): void {
    if (this.#isClosed) return;
    this.#starting ??= this.#start()
      .then((started) => this.#add(started))
      // The first goes on alone; the next busy moment does not try again.
      .catch(() => undefined);
  }

  #add({ worker }: StartedWorker): void {
    this.#workers.push(worker);
    this.#clients.push(new ReaderClient(worker));
  }
}
