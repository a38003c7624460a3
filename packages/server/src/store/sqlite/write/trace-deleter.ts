import type Database from "libsql";
import { decodeObservation, type SqlValue } from "../columns.ts";
import { rolledRow, type RollupWriter } from "./rollup-writer.ts";

type Row = Record<string, SqlValue>;

/** Takes traces out of all tables. Their texts are swept later, by {@link BlobSweeper}, as others may hold them too. */
export class TraceDeleter {
  readonly #rollups: RollupWriter;
  readonly #find;
  readonly #rows;
  readonly #noteBlobs;
  readonly #noteMedia;
  readonly #byObservation;
  readonly #byTrace;
  readonly #byTraceId;
  readonly #lonelyMedia;
  readonly #removeMedia;

  constructor(database: Database.Database, rollups: RollupWriter) {
    this.#rollups = rollups;
    this.#find = database.prepare(
      "SELECT rid, start_time, duration FROM trace_summaries WHERE project_id = ? AND trace_id = ?",
    );
    this.#rows = database.prepare("SELECT * FROM observation_rows WHERE trace = ?");
    const owned = "owner IN (SELECT rid FROM observation_rows WHERE trace = ?)";
    this.#noteBlobs = database.prepare(
      `INSERT OR IGNORE INTO blob_candidates (blob, project_id) SELECT DISTINCT blob, ? FROM blob_refs WHERE ${owned}`,
    );
    this.#noteMedia = database.prepare(
      "SELECT DISTINCT media_id AS id FROM media_links WHERE project_id = ? AND trace_id = ?",
    );
    this.#byObservation = [
      database.prepare(`DELETE FROM blob_refs WHERE ${owned}`),
      database.prepare(
        "DELETE FROM observation_payloads WHERE obs IN (SELECT rid FROM observation_rows WHERE trace = ?)",
      ),
    ];
    this.#byTrace = [
      database.prepare("DELETE FROM observation_rows WHERE trace = ?"),
      database.prepare("DELETE FROM trace_terms WHERE trace = ?"),
      database.prepare("DELETE FROM trace_summaries WHERE rid = ?"),
    ];
    this.#byTraceId = ["scores", "media_links"].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE project_id = ? AND trace_id = ?`),
    );
    this.#lonelyMedia = database.prepare("SELECT 1 FROM media_links WHERE project_id = ? AND media_id = ? LIMIT 1");
    this.#removeMedia = [
      database.prepare("DELETE FROM media_parts WHERE project_id = ? AND media_id = ?"),
      database.prepare("DELETE FROM media WHERE project_id = ? AND id = ?"),
    ];
  }

  /** @returns false when nothing is known of the trace. */
  delete(projectId: string, traceId: string): boolean {
    const trace = this.#find.get([projectId, traceId]) as
      | { rid: number; start_time: number; duration: number }
      | undefined;
    if (trace === undefined) return false;
    this.#takeBack(projectId, trace);
    const media = this.#noteMedia.all([projectId, traceId]) as { id: string }[];
    this.#noteBlobs.run([projectId, trace.rid]);
    for (const statement of this.#byObservation) statement.run([trace.rid]);
    for (const statement of this.#byTrace) statement.run([trace.rid]);
    for (const statement of this.#byTraceId) statement.run([projectId, traceId]);
    for (const { id } of media) {
      if (this.#lonelyMedia.get([projectId, id]) !== undefined) continue;
      for (const statement of this.#removeMedia) statement.run([projectId, id]);
    }
    return true;
  }

  /** Out of the sums of its hours. */
  #takeBack(projectId: string, trace: { rid: number; start_time: number; duration: number }): void {
    for (const row of this.#rows.iterate([trace.rid]) as IterableIterator<Row>) {
      this.#rollups.addRow(projectId, rolledRow(decodeObservation(row), row["repeats_usage"] === 1), -1);
    }
    this.#rollups.addTrace(projectId, trace.start_time, trace.duration, -1);
  }
}
