import type { BatchWrites } from "../batch.ts";
import type { StoreWrites, Sync } from "../store.ts";
import { createDatasetWrites } from "./dataset-writer.ts";
import { createScoreWrites } from "./score-writer.ts";
import type { Database } from "./database.ts";
import { createInstanceWrites } from "./instances.ts";
import { BlobReader } from "./payload/blob-reader.ts";
import { BlobSweeper } from "./payload/blob-sweeper.ts";
import { HashIndex } from "./payload/hash-index.ts";
import { BlobWriter } from "./payload/blob-writer.ts";
import { createPlatformWrites } from "./platform-writer.ts";
import { Runner } from "./read/sql.ts";
import { createRowReads } from "./row-reader.ts";
import { BatchWriter } from "./write/batch-writer.ts";
import { BegunDeletions } from "./write/begun-deletions.ts";
import { ObservationWriter } from "./write/observation-writer.ts";
import { createRetentionWrites } from "./write/retention-writer.ts";
import { RollupWriter } from "./write/rollup-writer.ts";
import { TraceDeleter } from "./write/trace-deleter.ts";

/** What the writer keeps in memory has to follow the transaction. */
export interface TransactionHooks {
  /** Inside the transaction, before its first call: another process may have written since the last one. */
  groupBegins(): void;
  /** After a call: what follows from it is written, so that the next call reads it. */
  callEnds(): void;
  /** After the last call, inside the transaction. */
  groupEnds(): void;
  /** After the transaction was rolled back. */
  groupFailed(): void;
}

export interface Writes {
  methods: Sync<StoreWrites>;
  /** Reads what a start leaves out, and the first batch would have to wait for. */
  warmUp(): void;
  hooks: TransactionHooks;
}

/** What the writer worker does, each inside the group's transaction: one line for each area of the store. */
export function createWrites(database: Database.Database): Writes {
  const hashes = new HashIndex(database);
  const blobs = new BlobWriter(database, hashes);
  // What this transaction has put is not in the database yet.
  const reader = new BlobReader(database, (id) => blobs.pending(id));
  const rollups = new RollupWriter(database);
  const observations = new ObservationWriter(database, blobs, reader, rollups);
  const writer = new BatchWriter(database, observations);
  const batches: Sync<BatchWrites> = { writeBatch: (projectId, batch) => writer.write(projectId, batch) };
  const rows = createRowReads(new Runner(database), reader);
  const forget = (): void => {
    blobs.reset();
    observations.reset();
    rollups.reset();
    reader.forget();
  };
  /** Texts were removed, whose hashes may be known and whose packs may be open. */
  const forgetTexts = (): void => {
    blobs.forgetKnown();
    reader.forget();
  };
  const begun = new BegunDeletions(database);
  const sweeper = new BlobSweeper(database, hashes, forgetTexts);
  /** Rows and texts were removed: what is known of them is read again. Sums that wait stay. */
  const forgetRemoved = (): void => {
    forgetTexts();
    observations.reset();
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
      ...createRetentionWrites(database, new TraceDeleter(database, rollups, begun), begun, sweeper, forgetRemoved),
    },
    warmUp: () => hashes.load(),
    hooks: {
      groupBegins: () => {
        const now = dataVersion();
        if (now !== version) forget();
        version = now;
      },
      callEnds: () => observations.flush(),
      groupEnds: () => {
        rollups.flush();
        // Last of all: the index gathers words in memory until then.
        blobs.flush();
      },
      groupFailed: forget,
    },
  };
}
