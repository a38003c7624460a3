import type { StoreReads, Sync } from "../store.ts";
import type { Database } from "./database.ts";
import { createDatasetReads } from "./dataset-reader.ts";
import { createInstanceReads } from "./instances.ts";
import { createMediaReads } from "./media-reader.ts";
import { createObservationReads } from "./observation-reader.ts";
import { createPlatformReads } from "./platform-reader.ts";
import { createRowReads } from "./row-reader.ts";
import { createScoreReads } from "./score-reader.ts";

/** What a reader worker answers: one line for each area of the store. */
export function createReads(database: Database.Database): Sync<StoreReads> {
  const scores = createScoreReads(database);
  return {
    ...scores,
    ...createObservationReads(database, scores),
    ...createRowReads(database),
    ...createMediaReads(database),
    ...createDatasetReads(database),
    ...createInstanceReads(database),
    ...createPlatformReads(database),
  };
}
