import type { Score } from "../api/types.ts";
import type { MediaWrite } from "../model/media.ts";
import type { StoredObservation } from "../model/observation.ts";

/** What one request brings; it is stored as a whole or not at all. */
export interface WriteBatch {
  /**
   * Read once, by the call of `writeBatch` itself. Rows may be made while they are read: those of a large request are then never in memory all
   * at once, where each collection of garbage would move them about. What that throws, `writeBatch` rejects with.
   */
  observations: Iterable<StoredObservation>;
  /** Read after the observations, of which they may come. */
  scores: readonly Score[];
  /** Attachments; a media that is there already gets the new content type. */
  media?: readonly MediaWrite[] | undefined;
  /** Estimate of the memory the batch holds, in bytes; the write queue is bounded by the sum. */
  bytes: number;
}

export interface BatchWrites {
  /**
   * Resolves after the batch is committed: it then survives a kill of this process.
   *
   * @throws {StoreBusyError} when the write queue is full; nothing of the batch was taken.
   * @throws {StoreClosedError} after `close`.
   */
  writeBatch(projectId: string, batch: WriteBatch): Promise<void>;
}

/** 256 MiB: some seconds of the fastest sender that was measured. */
export const DEFAULT_MAX_QUEUE_BYTES = 256 * 1024 * 1024;
