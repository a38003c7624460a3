import type { StoredObservation } from "../model/observation.ts";

/** A row that came in a Langfuse batch and has no end yet. */
export interface OpenBatchRow {
  projectId: string;
  traceId: string;
  id: string;
}

/** Those beyond are told when others have ended. */
export const MAX_OPEN_BATCH_ROWS = 10_000;

/** What a reader takes of one trace. */
export interface TraceLimits {
  maxRows: number;
  /** Of payloads, in characters. */
  maxChars: number;
}

export const UNLIMITED: TraceLimits = { maxRows: Infinity, maxChars: Infinity };

export interface RowReads {
  /** Of all projects, at most {@link MAX_OPEN_BATCH_ROWS}, any order. */
  listOpenBatchRows(): Promise<OpenBatchRow[]>;
  /**
   * Whole rows of one trace, payload included, by start and id: those asked for that are there, or all.
   *
   * @throws {TraceTooLargeError} beyond the limits.
   */
  readRows(
    projectId: string,
    traceId: string,
    ids?: readonly string[],
    limits?: TraceLimits,
  ): Promise<StoredObservation[]>;
}
