import type { Score, TraceDetail, TraceListResponse, TraceSummary } from "../../api/types.ts";
import type { ObservationRow } from "../../model/observation.ts";
import { compareRows, describeTrace, findRoot, summarizeTrace } from "../../query/summary.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { toRecord } from "../record.ts";
import type { ObservationRecord } from "../store.ts";
import { decodeObservation, decodePayload, decodeScore, type SqlValue } from "./columns.ts";
import { openForReading } from "./database.ts";
import { MediaReader } from "./media-reader.ts";

type Row = Record<string, SqlValue>;

/** Summaries kept; each is a few hundred bytes to some kilobytes. Covers what live lists ask for again and again. */
const MAX_CACHED_SUMMARIES = 2000;

/** The connection that reads. Runs in its worker. */
export class Reader {
  readonly media: MediaReader;
  readonly #database: ReturnType<typeof openForReading>;
  readonly #summaries = new Map<string, { rev: number; summary: TraceSummary }>();
  readonly #tracePage;
  readonly #rowsOfTrace;
  readonly #row;
  readonly #payload;
  readonly #traceMetadata;
  readonly #scoresOfTrace;

  constructor(path: string) {
    this.#database = openForReading(path);
    this.media = new MediaReader(this.#database);
    this.#tracePage = this.#database.prepare(
      `SELECT trace_id, start_time, rev FROM traces
       WHERE project_id = ? AND (start_time, trace_id) < (?, ?)
       ORDER BY start_time DESC, trace_id DESC LIMIT ?`,
    );
    this.#rowsOfTrace = this.#database.prepare("SELECT * FROM observations WHERE project_id = ? AND trace_id = ?");
    this.#row = this.#database.prepare("SELECT * FROM observations WHERE project_id = ? AND trace_id = ? AND id = ?");
    this.#payload = this.#database.prepare("SELECT * FROM payloads WHERE project_id = ? AND trace_id = ? AND id = ?");
    this.#traceMetadata = this.#database.prepare(
      "SELECT trace_metadata FROM payloads WHERE project_id = ? AND trace_id = ? AND id = ?",
    );
    this.#scoresOfTrace = this.#database.prepare(
      "SELECT * FROM scores WHERE project_id = ? AND trace_id = ? ORDER BY timestamp, id",
    );
  }

  listTraces(projectId: string, limit: number, cursor: string | undefined): TraceListResponse {
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
    const scores = this.listScores(projectId, traceId);
    return describeTrace(projectId, rows, scores, metadata === null ? null : String(metadata));
  }

  getObservation(projectId: string, traceId: string, id: string): ObservationRecord | null {
    const row = this.#row.get([projectId, traceId, id]) as Row | undefined;
    const payload = this.#payload.get([projectId, traceId, id]) as Row | undefined;
    if (row === undefined || payload === undefined) return null;
    const scores = this.listScores(projectId, traceId).filter((score) => score.observationId === id);
    return toRecord(decodeObservation(row), decodePayload(payload), scores);
  }

  listScores(projectId: string, traceId: string): Score[] {
    const rows = this.#scoresOfTrace.all([projectId, traceId]) as Row[];
    return rows.map((row) => decodeScore(projectId, row));
  }

  close(): void {
    this.#database.close();
  }

  /** Scores are few and read anew; rows may be many, so they are read only when the trace's `rev` has moved. */
  #summary(projectId: string, traceId: string, rev: number): TraceSummary {
    const scores = this.listScores(projectId, traceId);
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
