import type { TraceSummary } from "../api/types.ts";
import type { StoredObservation } from "../model/observation.ts";
import type { QueryTarget } from "../query/language/ast.ts";
import type { Counted } from "./datasets.ts";
import { TraceTooLargeError } from "./errors.ts";
import type { TraceOfRow } from "./list-rows.ts";
import type { ListOptions, Selection } from "./observations.ts";

/** A page of a list that may also be found by its number. */
export interface WholeOptions extends ListOptions {
  /** How many are left out in front of the page. */
  offset?: number | undefined;
  /** A page ends early when its payloads are larger than this, in characters; it has one entry at least. */
  maxPayloadChars?: number | undefined;
}

/** With its payload, and what its trace says of it. */
export interface WholeObservation {
  row: StoredObservation;
  trace: TraceOfRow;
}

export interface WholeTrace {
  summary: TraceSummary;
  version: string | null;
  public: boolean;
  /** See `findRoot`. */
  root: StoredObservation;
  /** By start, then id; at most {@link MAX_IDS_OF_TRACE}. */
  observationIds: string[];
  /** Oldest first; the newest {@link MAX_IDS_OF_TRACE}. */
  scoreIds: string[];
}

export const MAX_IDS_OF_TRACE = 10_000;

/** @throws {TraceTooLargeError} */
export function checkTraceRows(rows: number, maxRows: number): void {
  if (rows > maxRows) throw new TraceTooLargeError(`The trace has more than ${maxRows} observations`);
}

/** @throws {TraceTooLargeError} */
export function checkTraceChars(chars: number, maxChars: number): void {
  if (chars > maxChars) throw new TraceTooLargeError(`The trace has payloads of more than ${maxChars} characters`);
}

/** Characters of a row's payload. */
export function payloadChars({ payload }: StoredObservation): number {
  return Object.values(payload).reduce((sum, text) => sum + (text?.length ?? 0), 0);
}

export interface WholePage<T> {
  data: T[];
  nextCursor: string | null;
}

export interface SessionSelection {
  environments?: readonly string[] | undefined;
  /** Epoch milliseconds, half-open, of the session's first trace. */
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
  offset: number;
}

/** A session by its first trace. */
export interface StoredSession {
  id: string;
  createdAt: number;
  environment: string;
}

/** Lists with payloads and with counts, for programs that export; the viewer reads neither. */
export interface WholeReads {
  selectObservations(projectId: string, options: WholeOptions): Promise<WholePage<WholeObservation>>;
  selectTraces(projectId: string, options: WholeOptions): Promise<WholePage<WholeTrace>>;
  countSelected(projectId: string, target: QueryTarget, selection: Selection): Promise<number>;
  /** Newest first. */
  selectSessions(projectId: string, selection: SessionSelection): Promise<Counted<StoredSession>>;
}
