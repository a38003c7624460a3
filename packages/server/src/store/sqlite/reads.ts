import type { StoreReads, Sync } from "../store.ts";
import type { Database } from "./database.ts";
import { createDatasetReads } from "./dataset-reader.ts";
import { createInstanceReads } from "./instances.ts";
import { createAggregateReads } from "./read/aggregate-reader.ts";
import { createScoredReads } from "./read/scored-reader.ts";
import { createGroupReads } from "./group-reader.ts";
import { createMaintenanceReads } from "./maintenance-reader.ts";
import { createMediaReads } from "./media-reader.ts";
import { createObservationReads, createReadContext } from "./observation-reader.ts";
import { createPlatformReads } from "./platform-reader.ts";
import type { Sql } from "./read/sql.ts";
import { createRowReads } from "./row-reader.ts";
import { createScoreReads } from "./score-reader.ts";
import { createWholeReads } from "./whole-reader.ts";

/** What a reader worker answers: one line for each area of the store. @param watch see `Runner`. */
export function createReads(
  database: Database.Database,
  path: string,
  watch?: (statement: Sql) => void,
): Sync<StoreReads> {
  const scores = createScoreReads(database);
  const context = createReadContext(database, scores, watch);
  return {
    ...scores,
    ...createObservationReads(context),
    ...createGroupReads(context),
    ...createScoredReads(context),
    ...createAggregateReads(context),
    ...createMaintenanceReads(path),
    ...createRowReads(context.runner, context.blobs),
    ...createWholeReads(context),
    ...createMediaReads(database),
    ...createDatasetReads(database),
    ...createInstanceReads(database),
    ...createPlatformReads(database),
  };
}
