import type { TraceDetail, TraceListResponse, TraceSummary } from "../../api/types.ts";
import type { ObservationRow } from "../../model/observation.ts";
import { compareRows, describeTrace, findRoot, summarizeTrace } from "../../query/summary.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import type { ListTracesOptions, ObservationReads, ObservationRecord } from "../observations.ts";
import { toRecord } from "../record.ts";
import type { ScoreReads } from "../scores.ts";
import type { Sync } from "../store.ts";
import { decodeObservation, decodePayload, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

type Row = Record<string, SqlValue>;

/** Summaries kept; each is a few hundred bytes to some kilobytes. Covers what live lists ask for again and again. */
const MAX_CACHED_SUMMARIES = 2000;

export function createObservationReads(database: Database.Database, scores: Sync<ScoreReads>): Sync<ObservationReads> {
  const reader = new ObservationReader(database, scores);
  return {
    listTraces: (projectId, options) => reader.listTraces(projectId, options),
    getTrace: (projectId, traceId) => reader.getTrace(projectId, traceId),
    getObservation: (projectId, traceId, id) => reader.getObservation(projectId, traceId, id),
  };
}

class ObservationReader {
  readonly #scores: Sync<ScoreReads>;
  readonly #summaries = new Map<string, { rev: number; summary: TraceSummary }>();
  readonly #tracePage;
  readonly #rowsOfTrace;
  readonly #row;
  readonly #payload;
  readonly #traceMetadata;

  constructor(database: Database.Database, scores: Sync<ScoreReads>) {
    this.#scores = scores;
    this.#tracePage = database.prepare(
      `SELECT trace_id, start_time, rev FROM traces
       WHERE project_id = ? AND (start_time, trace_id) < (?, ?)
       ORDER BY start_time DESC, trace_id DESC LIMIT ?`,
    );
    this.#rowsOfTrace = database.prepare("SELECT * FROM observations WHERE project_id = ? AND trace_id = ?");
    this.#row = database.prepare("SELECT * FROM observations WHERE project_id = ? AND trace_id = ? AND id = ?");
    this.#payload = database.prepare("SELECT * FROM payloads WHERE project_id = ? AND trace_id = ? AND id = ?");
    this.#traceMetadata = database.prepare(
      "SELECT trace_metadata FROM payloads WHERE project_id = ? AND trace_id = ? AND id = ?",
    );
  }

  listTraces(projectId: string, { limit, cursor }: ListTracesOptions): TraceListResponse {
    // Nothing sorts after this key, so the first page needs no other statement.
    const after = cursor === undefined ? { startTime: Number.MAX_VALUE, traceId: "" } : decodeCursor(cursor);
    const keys = this.#tracePage.all([projectId, after.startTime, after.traceId, limit + 1]) as Row[];
    const page = keys.slice(0, limit);
    const last = page.at(-1);
    return {
      data: page.map((key) => this.#summary(projectId, String(key["trace_id"]), Number(key["rev"]))),
      nextCursor:
        last !== undefined && keys.length > limit
          ? encodeCursor({ startTime: Number(last["start_time"]), traceId: String(last["trace_id"]) })
          : null,
    };
  }

  getTrace(projectId: string, traceId: string): TraceDetail | null {
    const rows = this.#rows(projectId, traceId);
    const root = findRoot(rows);
    if (root === undefined) return null;
    const payload = this.#traceMetadata.get([projectId, traceId, root.id]) as Row | undefined;
    const metadata = payload?.["trace_metadata"] ?? null;
    const scores = this.#scores.listScores(projectId, traceId);
    return describeTrace(projectId, rows, scores, metadata === null ? null : String(metadata));
  }

  getObservation(projectId: string, traceId: string, id: string): ObservationRecord | null {
    const row = this.#row.get([projectId, traceId, id]) as Row | undefined;
    const payload = this.#payload.get([projectId, traceId, id]) as Row | undefined;
    if (row === undefined || payload === undefined) return null;
    const scores = this.#scores.listScores(projectId, traceId).filter((score) => score.observationId === id);
    return toRecord(decodeObservation(row), decodePayload(payload), scores);
  }

  /** Scores are few and read anew; rows may be many, so they are read only when the trace's `rev` has moved. */
  #summary(projectId: string, traceId: string, rev: number): TraceSummary {
    const scores = this.#scores.listScores(projectId, traceId);
    const key = `${projectId}/${traceId}`;
    const cached = this.#summaries.get(key);
    this.#summaries.delete(key);
    const summary =
      cached?.rev === rev ? cached.summary : summarizeTrace(projectId, this.#rows(projectId, traceId), []);
    this.#summaries.set(key, { rev, summary });
    if (this.#summaries.size > MAX_CACHED_SUMMARIES) {
      const oldest = this.#summaries.keys().next();
      if (!oldest.done) this.#summaries.delete(oldest.value);
    }
    return { ...summary, scores };
  }

  #rows(projectId: string, traceId: string): ObservationRow[] {
    const rows = this.#rowsOfTrace.all([projectId, traceId]) as Row[];
    return rows.map(decodeObservation).toSorted(compareRows);
  }
}
