import { Worker } from "node:worker_threads";
import { busy } from "../../http/body.ts";
import { StoreClosedError } from "../../store/errors.ts";
import { locateWorker } from "../../worker-file.ts";
import { DecodeError } from "../otlp-span.ts";
import type { EncodedWrites } from "../../store/sqlite/sqlite-store.ts";
import type { Stored } from "../store-batch.ts";
import type { IntakeReady, IntakeReply, IntakeResult } from "./protocol.ts";
import type { SpanOutcome, SpanRequest } from "./read-spans.ts";

/**
 * Heap of young objects in MiB, twice V8's own: all objects of a request are short-lived, and each collection of garbage copies those of the
 * request that is being read.
 */
const YOUNG_MIB = 96;

/** A thread that has not loaded its code, or answered the request that it is at, for so long is ended. 64 MiB take it five seconds on a slow machine. */
const MAX_READ_MS = 120_000;

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
  readonly #locate: () => Promise<URL>;
  readonly #maxReadMs: number;
  #worker: Promise<Worker> | undefined;
  /** The one that replies: of an earlier one, whatever is heard still is about nobody who waits now. */
  #running: Worker | undefined;
  /** It has loaded its code: what ends it from then on is the request that it is at. */
  #isReady = false;
  #isClosed = false;
  #overdue: NodeJS.Timeout | undefined;
  /** In the order of their replies. */
  #waiting: Waiting[] = [];

  /** @param options for tests: the code of the thread, and {@link MAX_READ_MS}. */
  constructor(store: EncodedWrites, options: { locate?: () => Promise<URL>; maxReadMs?: number } = {}) {
    this.#store = store;
    this.#locate = options.locate ?? (() => locateWorker("ingest/intake/intake-worker"));
    this.#maxReadMs = options.maxReadMs ?? MAX_READ_MS;
  }

  /**
   * Takes the body's memory over. Resolves when the store has been given the rows.
   *
   * @throws {DecodeError}
   * @throws {StoreBusyError} before anything is read.
   * @throws {StoreClosedError} after `close`.
   * @throws {HttpError} 429 when the thread has ended over another request, or could not be started.
   * @throws {Error} when it has ended over this one: sent again, it would end the next one.
   */
  async take(request: SpanRequest): Promise<Handed> {
    this.#store.admit(request.body.byteLength);
    const { encoded, ...handed } = await this.#read(request);
    return { ...handed, committed: this.#store.writeEncoded(request.projectId, encoded) };
  }

  /** What still waits is answered with an error. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const worker = await this.#worker?.catch(() => undefined);
    await worker?.terminate();
  }

  async #read(request: SpanRequest): Promise<IntakeResult> {
    if (this.#isClosed) throw new StoreClosedError(CLOSED);
    this.#worker ??= this.#start().catch((error: unknown) => {
      this.#worker = undefined;
      throw error;
    });
    const worker = await this.#worker;
    if (this.#isClosed) throw new StoreClosedError(CLOSED);
    if (worker !== this.#running) throw busy(ENDED);
    const body = ownBytes(request.body);
    worker.postMessage({ ...request, body } satisfies SpanRequest, [body.buffer]);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      if (this.#waiting.length === 1) this.#expectReply(worker);
    });
  }

  async #start(): Promise<Worker> {
    const file = await this.#locate().catch((error: unknown) => {
      throw busy(notStarted(error));
    });
    if (this.#isClosed) throw new StoreClosedError(CLOSED);
    const worker = new Worker(file, {
      name: "spanwise-intake-worker",
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MIB },
    });
    this.#running = worker;
    this.#isReady = false;
    worker.unref();
    worker.on("message", (reply: IntakeReply | IntakeReady) => {
      if (worker !== this.#running) return;
      if (reply === "ready") {
        this.#isReady = true;
        this.#expectReply(worker);
        return;
      }
      const waiting = this.#waiting.shift();
      this.#expectReply(worker);
      if (reply.ok) waiting?.resolve(reply.result);
      else waiting?.reject(reviveError(reply.error));
    });
    // After an error comes the exit, when the next one may be running.
    worker.on("error", (error) => this.#fail(worker, error));
    worker.on("exit", () => this.#fail(worker, new Error("The thread that reads what is sent has ended.")));
    return worker;
  }

  #expectReply(worker: Worker): void {
    clearTimeout(this.#overdue);
    if (this.#waiting.length === 0) return;
    const maxMs = this.#isReady ? this.#maxReadMs : MAX_READ_MS;
    const late = new Error(`The thread that reads what is sent did not answer within ${maxMs} ms.`);
    this.#overdue = setTimeout(() => {
      this.#fail(worker, late);
      void worker.terminate();
    }, maxMs).unref();
  }

  /** The next request starts another thread. */
  #fail(worker: Worker, error: Error): void {
    if (worker !== this.#running) return;
    this.#running = undefined;
    this.#worker = undefined;
    clearTimeout(this.#overdue);
    const waiting = this.#waiting;
    this.#waiting = [];
    if (this.#isClosed) for (const { reject } of waiting) reject(new StoreClosedError(CLOSED));
    else if (!this.#isReady) for (const { reject } of waiting) reject(busy(notStarted(error)));
    else for (const [place, { reject }] of waiting.entries()) reject(place === 0 ? error : busy(ENDED));
  }
}

const CLOSED = "The thread that reads what is sent is closed.";
const ENDED = "The server had to begin anew with what was sent.";

function notStarted(error: unknown): string {
  return `The thread that reads what is sent could not be started: ${error instanceof Error ? error.message : String(error)}`;
}

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
