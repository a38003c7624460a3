import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import type { Score, TraceDetail, TraceListResponse } from "../../api/types.ts";
import type { MediaInfo, MediaLink } from "../../model/media.ts";
import {
  DEFAULT_MAX_QUEUE_BYTES,
  InvalidCursorError,
  StoreClosedError,
  type ListTracesOptions,
  type ObservationRecord,
  type Store,
  type WriteBatch,
} from "../store.ts";
import { CLOSE, type ReadCall, type ReadResponse } from "./protocol.ts";
import { startWorker } from "./start-worker.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SqliteStoreOptions {
  /** The database file; it and its folder are made when missing. */
  path: string;
  /** Bytes of batches waiting for their commit, above which `writeBatch` refuses. Default 256 MiB. */
  maxQueueBytes?: number | undefined;
}

/**
 * The embedded store: one worker writes, one reads, and no SQL runs on the caller's thread.
 *
 * @throws {StoreOpenError}
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  // The writer first: it makes the schema that the reader prepares its statements against.
  const writer = await startWorker("writer-worker", { path: options.path });
  const reader = await startWorker("reader-worker", { path: options.path });
  return new SqliteStore(writer, reader, options.maxQueueBytes ?? DEFAULT_MAX_QUEUE_BYTES);
}

interface PendingRead {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

class SqliteStore implements Store {
  readonly #writer: Worker;
  readonly #reader: Worker;
  readonly #queue: WriteQueue;
  readonly #reads = new Map<number, PendingRead>();
  #nextReadId = 1;
  #closing: Promise<void> | undefined;
  #readerFailure: Error | undefined;

  constructor(writer: Worker, reader: Worker, maxQueueBytes: number) {
    this.#writer = writer;
    this.#reader = reader;
    this.#queue = new WriteQueue(writer, maxQueueBytes);
    reader.on("message", (message: ReadResponse) => this.#onRead(message));
    reader.on("error", (error) => this.#failReads(error));
    reader.on("exit", () => this.#failReads(new StoreClosedError("The store's reader has ended.")));
  }

  async writeBatch(projectId: string, batch: WriteBatch): Promise<void> {
    if (this.#closing !== undefined) throw new StoreClosedError("The store is closed.");
    const { observations, scores, media = [] } = batch;
    if (observations.length + scores.length + media.length === 0) return;
    await this.#queue.push(projectId, batch);
  }

  async listTraces(projectId: string, options: ListTracesOptions): Promise<TraceListResponse> {
    const call: ReadCall = { method: "listTraces", args: [projectId, options.limit, options.cursor] };
    return (await this.#read(call)) as TraceListResponse;
  }

  async getTrace(projectId: string, traceId: string): Promise<TraceDetail | null> {
    return (await this.#read({ method: "getTrace", args: [projectId, traceId] })) as TraceDetail | null;
  }

  async getObservation(projectId: string, traceId: string, id: string): Promise<ObservationRecord | null> {
    return (await this.#read({ method: "getObservation", args: [projectId, traceId, id] })) as ObservationRecord | null;
  }

  async listScores(projectId: string, traceId: string): Promise<Score[]> {
    return (await this.#read({ method: "listScores", args: [projectId, traceId] })) as Score[];
  }

  async getMedia(projectId: string, id: string): Promise<MediaInfo | null> {
    return (await this.#read({ method: "getMedia", args: [projectId, id] })) as MediaInfo | null;
  }

  async readMedia(
    projectId: string,
    id: string,
    offset: number,
    maxBytes: number,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    const call: ReadCall = { method: "readMedia", args: [projectId, id, offset, maxBytes] };
    return (await this.#read(call)) as Uint8Array<ArrayBuffer> | null;
  }

  async listMediaLinks(projectId: string, traceId: string): Promise<MediaLink[]> {
    return (await this.#read({ method: "listMediaLinks", args: [projectId, traceId] })) as MediaLink[];
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#queue.drain();
    // The reader first: the writer can then fold the log into the file.
    for (const worker of [this.#reader, this.#writer]) {
      if (worker.threadId === -1) continue;
      const exited = once(worker, "exit");
      worker.postMessage(CLOSE);
      await exited;
    }
  }

  #read(call: ReadCall): Promise<unknown> {
    if (this.#closing !== undefined) return Promise.reject(new StoreClosedError("The store is closed."));
    if (this.#readerFailure !== undefined) return Promise.reject(this.#readerFailure);
    const id = this.#nextReadId++;
    return new Promise((resolve, reject) => {
      this.#reads.set(id, { resolve, reject });
      this.#reader.postMessage({ id, call });
    });
  }

  #onRead(message: ReadResponse): void {
    const pending = this.#reads.get(message.id);
    this.#reads.delete(message.id);
    if (message.ok) pending?.resolve(message.value);
    else if (message.errorName === "InvalidCursorError") pending?.reject(new InvalidCursorError(message.message));
    else pending?.reject(new Error(message.message));
  }

  #failReads(error: Error): void {
    this.#readerFailure ??= error;
    for (const pending of this.#reads.values()) pending.reject(error);
    this.#reads.clear();
  }
}
