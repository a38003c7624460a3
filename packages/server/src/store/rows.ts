import type { StoredObservation } from "../model/observation.ts";

export interface RowReads {
  /** Whole rows of one trace, payload included, by start and id: those asked for that are there, or all. */
  readRows(projectId: string, traceId: string, ids?: readonly string[]): Promise<StoredObservation[]>;
}
