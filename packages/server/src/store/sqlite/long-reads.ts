import type { StoreReads } from "../store.ts";

/** Reads that look at many rows or at large values: tens of milliseconds and more. See `reader-pool.ts`. */
const METHODS = [
  "aggregate",
  "checkIntegrity",
  "countFacets",
  "countSelected",
  "density",
  "findInTrace",
  "readMetrics",
  "readRows",
  "readSkeleton",
  "selectObservations",
  "selectSessions",
  "selectTraces",
] as const satisfies readonly (keyof StoreReads)[];

export const LONG_READS: ReadonlySet<string> = new Set(METHODS);
