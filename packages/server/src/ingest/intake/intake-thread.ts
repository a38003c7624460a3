import { Worker } from "node:worker_threads";
import { busy } from "../../http/body.ts";
import { locateWorker } from "../../worker-file.ts";
import { DecodeError } from "../otlp-span.ts";
import type { EncodedWrites } from "../../store/sqlite/sqlite-store.ts";
import type { Stored } from "../store-batch.ts";
import type { IntakeReply, IntakeResult } from "./protocol.ts";
import type { SpanOutcome, SpanRequest } from "./read-spans.ts";

/**
 * Heap of young objects in MiB, twice V8's own: all objects of a request are short-lived, and each collection of garbage copies those of the
 * request that is being read.
 */
const YOUNG_MIB = 96;

interface Waiting {
  resolve: (result: IntakeResult) => void;
  reject: (error: Error) => void;
}

/** What the store was given of a request, and whether it has it. */
export interface Handed extends SpanOutcome {
  stored: Stored;
  committed: Promise<void>;
}

/**
 * Makes rows of large exports on a thread of its own, so that nobody who reads waits for what somebody sends. Started by the first of them.
 */
export class IntakeThread {
  readonly #store: EncodedWrites;
  #worker: Promise<Worker> | undefined;
  /** The one that replies: of an earlier one, whatever is heard still is about nobody who waits now. */
  #running: Worker | undefined;
  /** In the order of their replies. */
  #waiting: Waiting[] = [];

  constructor(store: EncodedWrites) {
    this.#store = store;
  }

  /**
   * Takes the body's memory over. Resolves when the store has been given the rows.
   *
   * @throws {DecodeError}
   * @throws {StoreBusyError} before anything is read.
   * @throws {HttpError} 429 when the thread has ended over another request.
   */
  async take(request: SpanRequest): Promise<Handed> {
    this.#store.admit(request.body.byteLength);
    const { encoded, ...handed } = await this.#read(request);
    return { ...handed, committed: this.#store.writeEncoded(request.projectId, encoded) };
  }

  async close(): Promise<void> {
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  async #read(request: SpanRequest): Promise<IntakeResult> {
    this.#worker ??= this.#start().catch((error: unknown) => {
      this.#worker = undefined;
      throw error;
    });
    const worker = await this.#worker;
    if (worker !== this.#running) throw busy(ENDED);
    const body = ownBytes(request.body);
    worker.postMessage({ ...request, body } satisfies SpanRequest, [body.buffer]);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async #start(): Promise<Worker> {
    const file = await locateWorker("ingest/intake/intake-worker");
    const worker = new Worker(file, {
      name: "spanwise-intake-worker",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#running = worker;
    worker.unref();
    worker.on("message", (reply: IntakeReply) => {
      const waiting = this.#waiting.shift();
      if (reply.ok) waiting?.resolve(reply.result);
      else waiting?.reject(reviveError(reply.error));
    });
    // After an error comes the exit, when the next one may be running.
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", () => this.#fail(worker, new Error("The thread that reads what is sent has ended.")));
    return worker;
  }

  /** The next request starts another thread. */
  #fail(worker: Worker, error: Error): void {
    if (worker !== this.#running) return;
    this.#running = undefined;
    this.#worker = undefined;
    const [first, ...others] = this.#waiting;
    this.#waiting = [];
    first?.reject(error);
    for (const { reject } of others) reject(busy(ENDED));
  }
}

const ENDED = "The server had to begin anew with what was sent.";

function reviveError({ name, message }: { name: string; message: string }): Error {
  return name === "DecodeError" ? new DecodeError(message) : new Error(message);
}

/** Memory that has nothing else in it can be handed over; of Node's shared slabs a copy is made. */
function ownBytes(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  return buffer instanceof ArrayBuffer && buffer.byteLength === byteLength
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes);
}
