import type { ObservationSummary, Score, TraceDetail, TraceListResponse } from "../api/types.ts";
import type { ObservationPayload } from "../model/observation.ts";

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

export interface ObservationReads {
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
}

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;
