import type { Worker } from "node:worker_threads";
import { StoreClosedError } from "../errors.ts";
import { LONG_READS } from "./long-reads.ts";
import type { Call } from "./protocol.ts";
import { ReaderClient } from "./reader-client.ts";
import type { StartedWorker } from "./start-worker.ts";

/** Readers of one store; each is a thread with a heap of its own. */
const MAX_READERS = 3;
/** Readers that long calls may have at one time: the last one is left to the short ones. */
const MAX_LONG = MAX_READERS - 1;

interface Waiting {
  call: Call;
  isLong: boolean;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
}

/**
 * Gives each call to a reader that has nothing to do, so that none waits inside of a worker behind another; those that are known to be long leave a
 * reader to the others. More readers are started when those there are have to work: a store that is asked one thing after the other pays
 * for one thread.
 */
export class ReaderPool {
  readonly #start: () => Promise<StartedWorker>;
  readonly #workers: Worker[] = [];
  readonly #idle: ReaderClient[] = [];
  readonly #waiting: Waiting[] = [];
  /** Readers that have not ended. */
  #alive = 0;
  #running = 0;
  #longRunning = 0;
  #starting: Promise<void> | undefined;
  #startFailure: unknown;
  #onDrained: (() => void) | undefined;
  #isClosed = false;

  constructor(first: StartedWorker, start: () => Promise<StartedWorker>) {
    this.#start = start;
    this.#add(first);
  }

  call(call: Call): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ call, isLong: LONG_READS.has(call.method), resolve, reject });
      this.#dispatch();
    });
  }

  /** When all calls are answered. @returns the workers, none of which is started any more. */
  async close(): Promise<readonly Worker[]> {
    this.#isClosed = true;
    await this.#starting;
    if (this.#waiting.length + this.#running > 0) await new Promise<void>((resolve) => (this.#onDrained = resolve));
    return this.#workers;
  }

  #dispatch(): void {
    for (let call = this.#next(); call !== undefined && this.#idle.length > 0; call = this.#next()) {
      this.#waiting.splice(this.#waiting.indexOf(call), 1);
      void this.#run(this.#idle.pop() as ReaderClient, call);
    }
    if (this.#waiting.length + this.#running === 0) this.#onDrained?.();
    const isBusy = this.#idle.length === 0 && (this.#waiting.length > 0 || this.#longRunning > 0);
    if (isBusy && this.#alive < MAX_READERS) this.#startAnother();
  }

  /** The first that may have a reader. */
  #next(): Waiting | undefined {
    const places = Math.max(1, Math.min(MAX_LONG, this.#alive - 1));
    return this.#waiting.find(({ isLong }) => !isLong || this.#longRunning < places);
  }

  async #run(client: ReaderClient, { call, isLong, resolve, reject }: Waiting): Promise<void> {
    this.#running += 1;
    if (isLong) this.#longRunning += 1;
    const settle = await client.call(call).then(
      (value) => () => resolve(value),
      (error: unknown) => () => reject(error),
    );
    this.#running -= 1;
    if (isLong) this.#longRunning -= 1;
    if (client.hasEnded) this.#alive -= 1;
    else this.#idle.push(client);
    // The reader is free before the caller goes on, who may ask for the next thing at once.
    settle();
    this.#dispatch();
  }

  #startAnother(): void {
    if (this.#startFailure !== undefined || this.#isClosed) {
      if (this.#alive === 0)
        this.#refuse(this.#startFailure ?? new StoreClosedError("The store's readers have ended."));
      return;
    }
    this.#starting ??= this.#start()
      .then((started) => this.#add(started))
      // Those that there are go on alone; it is not tried again.
      .catch((error: unknown) => (this.#startFailure = error))
      .then(() => {
        this.#starting = undefined;
        this.#dispatch();
      });
  }

  #refuse(error: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
    if (this.#running === 0) this.#onDrained?.();
  }

  #add({ worker }: StartedWorker): void {
    this.#workers.push(worker);
    this.#idle.push(new ReaderClient(worker));
    this.#alive += 1;
  }
}
