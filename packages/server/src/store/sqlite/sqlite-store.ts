import { once } from "node:events";
import type { Worker } from "node:worker_threads";
import { DEFAULT_MAX_QUEUE_BYTES, type BatchWrites } from "../batch.ts";
import { StoreClosedError } from "../errors.ts";
import type { Store } from "../store.ts";
import { Checkpointer } from "./checkpointer.ts";
import type { EncodedBatch } from "./prepare/encode-batch.ts";
import { prepareBatch } from "./prepare/prepare-batch.ts";
import { CLOSE, type Call } from "./protocol.ts";
import { ReaderPool } from "./reader-pool.ts";
import { startWorker } from "./start-worker.ts";
import { WriteQueue } from "./write-queue.ts";

export interface SqliteStoreOptions {
  /** The database file; it and its folder are made when missing. */
  path: string;
  /** Bytes of batches waiting for their commit, above which a write is refused. Default 256 MiB. */
  maxQueueBytes?: number | undefined;
  /** Pages of 4 KiB that the file may have; a write beyond them fails as on a full disk. Default: none but SQLite's own. */
  maxPages?: number | undefined;
}

export interface EncodedWrites {
  /** @throws {StoreBusyError} when the write queue has no room for a batch of this size. */
  admit(bytes: number): void;
  /** `writeBatch` of what another thread has prepared. */
  writeEncoded(projectId: string, batch: EncodedBatch): Promise<void>;
}

export type SqliteStore = Store & EncodedWrites;

/**
 * The embedded store: one worker writes, up to three read, one folds the log into the file, and no SQL runs on the caller's thread.
 *
 * @throws {StoreOpenError}
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqliteStore> {
  const { path } = options;
  // Both threads start at once; the reader opens the file when the writer has made the schema, or has failed to.
  const gate = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
  const starting = startWorker("reader-worker", { path, gate });
  const open = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  const writer = await startWorker("writer-worker", { path, maxPages: options.maxPages }).catch(
    async (error: unknown) => {
      open();
      await starting.then(({ worker }) => worker.terminate()).catch(() => undefined);
      throw error;
    },
  );
  open();
  const reader = await starting;
  const checkpointer = new Checkpointer(() => startWorker("checkpoint-worker", { path }));
  const queue = new WriteQueue(writer.worker, {
    maxBytes: options.maxQueueBytes ?? DEFAULT_MAX_QUEUE_BYTES,
    onCommit: (bytes) => checkpointer.note(bytes),
  });
  const readers = new ReaderPool(reader, () => startWorker("reader-worker", { path }));

  let closing: Promise<void> | undefined;
  const unlessClosed =
    (run: (call: Call) => Promise<unknown>, method: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (closing !== undefined) throw new StoreClosedError("The store is closed.");
      return run({ method, args });
    };
  // The workers say which methods they have: `createReads` and `createWrites` are checked against the interface, this side is not
  // written a second time.
  const methods = [
    ...reader.methods.map((method) => [method, unlessClosed((call) => readers.call(call), method)]),
    ...writer.methods.map((method) => {
      const prepare = method === "writeBatch" ? prepareCall : undefined;
      return [method, unlessClosed((call) => queue.push(call, prepare), method)];
    }),
  ];
  const close = (): Promise<void> => {
    closing ??= closeAll(queue, readers, checkpointer, writer.worker);
    return closing;
  };
  const writeEncoded = unlessClosed((call) => queue.push(call), "writeBatch");
  const admit = (bytes: number): void => queue.admit(bytes);
  return { ...Object.fromEntries(methods), admit, writeEncoded, close } as SqliteStore;
}

/** What a batch needs no database for is done on this thread: there is one writer only. */
function prepareCall({ method, args }: Call): Call {
  const [projectId, batch] = args as Parameters<BatchWrites["writeBatch"]>;
  return { method, args: [projectId, prepareBatch(projectId, batch)] };
}

async function closeAll(
  queue: WriteQueue,
  readers: ReaderPool,
  checkpointer: Checkpointer,
  writer: Worker,
): Promise<void> {
  await queue.drain();
  // The others first: the writer can then fold the log into the file.
  for (const worker of [...(await readers.close()), await checkpointer.close(), writer]) {
    if (worker === undefined || worker.threadId === -1) continue;
    const exited = once(worker, "exit");
    worker.postMessage(CLOSE);
    await exited;
  }
}
