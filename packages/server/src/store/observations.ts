import type { Facet, ObservationListRow, Page, SortField } from "../api/lists.ts";
import type { DensityResponse } from "../api/lists.ts";
import type { ObservationSummary, Score, TraceDetail, TraceSummary } from "../api/types.ts";
import type { ObservationPayload } from "../model/observation.ts";
import type { QueryNode, QueryTarget } from "../query/language/ast.ts";

/** Which traces or observations: all when nothing is given. */
export interface Selection {
  /** From `parseQuery` for the same target. */
  filter?: QueryNode | null | undefined;
  /** Epoch milliseconds, half-open: from <= start < to. */
  from?: number | undefined;
  to?: number | undefined;
}

export interface Sort {
  field: SortField;
  descending: boolean;
}

export const DEFAULT_SORT: Sort = { field: "start", descending: true };

export interface ListOptions extends Selection {
  /**
   * Default: {@link DEFAULT_SORT}, newest first. What is equal goes by start, then by id (observations: then by arrival), in the same direction. Missing
   * values are smallest.
   */
  sort?: Sort | undefined;
  /** 1 to {@link MAX_PAGE_SIZE}. */
  limit: number;
  /** From the previous page's `nextCursor`, of the same selection and sort. */
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
   * Paging is by key: traces that arrive meanwhile neither repeat nor hide one.
   *
   * @throws {InvalidCursorError}
   */
  listTraces(projectId: string, options: ListOptions): Promise<Page<TraceSummary>>;
  /** As {@link listTraces}; the sort fields `errors` and `observations` are of traces only. */
  listObservations(projectId: string, options: ListOptions): Promise<Page<ObservationListRow>>;
  /** Values of the facet fields among what is selected, the {@link MAX_FACET_SAMPLE} newest of it, each field without its own clauses. */
  countFacets(projectId: string, target: QueryTarget, selection: Selection): Promise<Facet[]>;
  /** @param buckets 1 to 1000. Without `from` and `to`, the range is that of what is selected. */
  density(projectId: string, target: QueryTarget, selection: Selection, buckets: number): Promise<DensityResponse>;
  /**
   * `null` when nothing of the trace is known. Reads no input or output.
   *
   * @throws {TraceTooLargeError} for one with more observations than `maxRows`. Default: any number will do.
   */
  getTrace(projectId: string, traceId: string, maxRows?: number): Promise<TraceDetail | null>;
  /** What {@link ObservationReads.getTrace} says of the trace itself: of a large one, without reading its rows. */
  getTraceHead(projectId: string, traceId: string): Promise<TraceDetail["trace"] | null>;
  /** @param head no more of a long payload than this is read, in characters and a little over; its text is then no JSON. */
  getObservation(projectId: string, traceId: string, id: string, head?: number): Promise<ObservationRecord | null>;
}

export const MAX_PAGE_SIZE = 200;
export const DEFAULT_PAGE_SIZE = 50;
/** Counting the values of more would take longer than a person waits. */
export const MAX_FACET_SAMPLE = 10_000;
export const MAX_FACET_VALUES = 20;
