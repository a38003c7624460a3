import type { ObservationSummary, Score, TraceDetail, TraceListResponse } from "../api/types.ts";
import type { MediaInfo, MediaLink, MediaWrite } from "../model/media.ts";
import type { ObservationPayload, StoredObservation } from "../model/observation.ts";

/** What one request brings; it is stored as a whole or not at all. */
export interface WriteBatch {
  observations: readonly StoredObservation[];
  scores: readonly Score[];
  /** Attachments; a media that is there already gets the new content type. */
  media?: readonly MediaWrite[] | undefined;
  /** Estimate of the memory the batch holds, in bytes; the write queue is bounded by the sum. */
  bytes: number;
}

export interface ListTracesOptions {
  /** 1 to {@link MAX_PAGE_SIZE}. */
  limit: number;
  /** From the previous page's `nextCursor`. */
  cursor?: string | undefined;
}

/** One observation with its payload still as JSON texts, so that the answer can be put together without parsing them. */
export interface ObservationRecord {
  summary: ObservationSummary;
  version: string | null;
  prompt: { name: string; version: number | null } | null;
  scope: { name: string; version: string | null } | null;
  payload: Omit<ObservationPayload, "traceMetadata">;
  scores: Score[];
}

/**
 * Where observations live. All calls are asynchronous and name the project, so that an implementation may sit in a worker or
 * behind a network. Each implementation passes `test/store-contract.ts`.
 */
export interface Store {
  /**
   * Resolves after the batch is committed: it then survives a kill of this process.
   *
   * @throws {StoreBusyError} when the write queue is full; nothing of the batch was taken.
   * @throws {StoreClosedError} after `close`.
   */
  writeBatch(projectId: string, batch: WriteBatch): Promise<void>;
  /**
   * Newest first, by the start of a trace's earliest observation and then by id. Paging is by key: traces that arrive meanwhile
   * neither repeat nor hide one.
   *
   * @throws {InvalidCursorError}
   */
  listTraces(projectId: string, options: ListTracesOptions): Promise<TraceListResponse>;
  /** `null` when nothing of the trace is known. Reads no input or output. */
  getTrace(projectId: string, traceId: string): Promise<TraceDetail | null>;
  getObservation(projectId: string, traceId: string, id: string): Promise<ObservationRecord | null>;
  /** Scores of a trace and of its observations, oldest first. */
  listScores(projectId: string, traceId: string): Promise<Score[]>;
  /** `null` when its bytes are not here. */
  getMedia(projectId: string, id: string): Promise<MediaInfo | null>;
  /**
   * Bytes from `offset` on: at least one, at most `maxBytes` and at most {@link MEDIA_PART_BYTES}, so read on from where they end.
   * `null` when there are none.
   */
  readMedia(projectId: string, id: string, offset: number, maxBytes: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The media that a trace and its observations name, by observation, field and id. */
  listMediaLinks(projectId: string, traceId: string): Promise<MediaLink[]>;
  /** Commits what was accepted, then lets go of files and threads. Idempotent. */
  close(): Promise<void>;
}

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;

/** 256 MiB: some seconds of the fastest sender that was measured. */
export const DEFAULT_MAX_QUEUE_BYTES = 256 * 1024 * 1024;

export class StoreBusyError extends Error {
  override readonly name = "StoreBusyError";
}

export class StoreClosedError extends Error {
  override readonly name = "StoreClosedError";
}

/** The database cannot be opened: no such folder and none can be made, no permission, not a SQLite file, a newer schema. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}

export class InvalidCursorError extends Error {
  override readonly name = "InvalidCursorError";
}
