import type { StoreWrites, Sync } from "../store.ts";
import { createBatchWrites } from "./batch-writer.ts";
import { createDatasetWrites } from "./dataset-writer.ts";
import { createScoreWrites } from "./score-writer.ts";
import type { Database } from "./database.ts";
import { createInstanceWrites } from "./instances.ts";
import { createPlatformWrites } from "./platform-writer.ts";
import { createRowReads } from "./row-reader.ts";

/** What the writer worker does, each inside the group's transaction: one line for each area of the store. */
export function createWrites(database: Database.Database): Sync<StoreWrites> {
  const batches = createBatchWrites(database);
  const rows = createRowReads(database);
  return {
    ...createScoreWrites(database),
    ...createDatasetWrites(database),
    ...batches,
    ...createPlatformWrites(database, batches, rows),
    ...createInstanceWrites(database, batches, rows),
  };
}
