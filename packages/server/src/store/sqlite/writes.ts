import type { BatchWrites } from "../batch.ts";
import type { StoreWrites, Sync } from "../store.ts";
import { createDatasetWrites } from "./dataset-writer.ts";
import { createScoreWrites } from "./score-writer.ts";
import type { Database } from "./database.ts";
import { createInstanceWrites } from "./instances.ts";
import { BlobReader } from "./payload/blob-reader.ts";
import { BlobWriter } from "./payload/blob-writer.ts";
import { createPlatformWrites } from "./platform-writer.ts";
import { Runner } from "./read/sql.ts";
import { createRowReads } from "./row-reader.ts";
import { BatchWriter } from "./write/batch-writer.ts";
import { ObservationWriter } from "./write/observation-writer.ts";

/** What the writer keeps in memory has to follow the transaction. */
export interface TransactionHooks {
  /** Inside the transaction, before its first call: another process may have written since the last one. */
  groupBegins(): void;
  /** Before a call; the answer goes to `callFailed`. */
  callBegins(): unknown;
  /** After a call, inside its savepoint. */
  callEnds(): void;
  /** After its savepoint was rolled back. */
  callFailed(mark: unknown): void;
  /** After the last call, inside the transaction. */
  groupEnds(): void;
  /** After the transaction was rolled back. */
  groupFailed(): void;
}

export interface Writes {
  methods: Sync<StoreWrites>;
  hooks: TransactionHooks;
}

/** What the writer worker does, each inside the group's transaction: one line for each area of the store. */
export function createWrites(database: Database.Database): Writes {
  const blobs = new BlobWriter(database);
  // What this transaction has put is not in the database yet.
  const reader = new BlobReader(database, (id) => blobs.pending(id));
  const observations = new ObservationWriter(database, blobs, reader, () => {});
  const writer = new BatchWriter(database, observations);
  const batches: Sync<BatchWrites> = { writeBatch: (projectId, batch) => writer.write(projectId, batch) };
  const rows = createRowReads(new Runner(database), reader);
  const forget = (): void => {
    blobs.reset();
    observations.reset();
    reader.forget();
  };
  // Changes when another connection has committed: https://sqlite.org/pragma.html#pragma_data_version
  const readVersion = database.prepare("PRAGMA data_version");
  const dataVersion = (): number => (readVersion.get() as { data_version: number }).data_version;
  let version = dataVersion();
  return {
    methods: {
      ...batches,
      ...createScoreWrites(database),
      ...createDatasetWrites(database),
      ...createPlatformWrites(database, batches, rows),
      ...createInstanceWrites(database, batches, rows),
    },
    hooks: {
      groupBegins: () => {
        const now = dataVersion();
        if (now !== version) forget();
        version = now;
      },
      callBegins: () => blobs.mark(),
      callEnds: () => observations.flush(),
      callFailed: (mark) => {
        blobs.rollback(mark as ReturnType<BlobWriter["mark"]>);
        observations.reset();
      },
      groupEnds: () => blobs.flush(),
      groupFailed: forget,
    },
  };
}
