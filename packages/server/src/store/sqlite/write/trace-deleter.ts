import type Database from "libsql";
import { decodeObservation, type SqlValue } from "../columns.ts";
import type { BegunDeletions } from "./begun-deletions.ts";
import { rolledRow, type RollupWriter } from "./rollup-writer.ts";
import { StepSize, takeWhileTime } from "./step-size.ts";
import { ownValues, SUMMARY_VALUES, valuesOfSummary, type SummaryValues } from "./trace-values.ts";

type Row = Record<string, SqlValue>;

/** Rows of a trace that one step deletes, with their payloads and the references to their texts. Smaller traces go as a whole. */
const ROWS_A_STEP = { least: 20, first: 500, most: 4000 };
/** Scores, and what a trace is found by: small rows. */
const SMALL_ROWS_A_STEP = 2000;

/**
 * The project of a trace that is deleted but for rows that are still there: no other project's name can begin like this. Whoever asks for traces of a
 * project does not find it, and rows that are left know it by its number as before.
 */
const HIDDEN = "*deleted/";
/** Numbers of hidden traces, by the index of traces in a project: "0" is the character after "/". */
const IS_HIDDEN = `project_id >= '${HIDDEN}' AND project_id < '*deleted0'`;
export const HIDDEN_TRACES = `SELECT rid FROM trace_summaries WHERE ${IS_HIDDEN}`;

/** `part`: there is more of it, and it is still there. */
export type Deletion = "unknown" | "part" | "gone";

interface HiddenTrace extends SummaryValues {
  rid: number;
}

interface Trace extends HiddenTrace {
  start_time: number;
  duration: number;
  observations: number;
}

/**
 * Takes traces out of all tables. Their texts are swept later, by {@link BlobSweeper}, as others may hold them too. A large trace loses its scores and
 * media first, then it is hidden, and its rows go in steps: what a crash leaves of it is noted as begun, or hidden, and the next start goes on.
 */
export class TraceDeleter {
  readonly #rollups: RollupWriter;
  readonly #begun: BegunDeletions;
  readonly #size = new StepSize(ROWS_A_STEP);
  readonly #find;
  readonly #hide;
  readonly #findHidden;
  readonly #rows;
  readonly #noteBlobs;
  readonly #ofRows;
  readonly #dropTerms;
  readonly #dropSummary;
  readonly #dropScores;
  readonly #media;
  readonly #dropLinks;
  readonly #lonelyMedia;
  readonly #removeMedia;

  constructor(database: Database.Database, rollups: RollupWriter, begun: BegunDeletions) {
    this.#rollups = rollups;
    this.#begun = begun;
    this.#find = database.prepare(
      `SELECT rid, start_time, duration, observations, ${SUMMARY_VALUES} FROM trace_summaries WHERE project_id = ? AND trace_id = ?`,
    );
    this.#hide = database.prepare("UPDATE trace_summaries SET project_id = ? WHERE rid = ?");
    this.#findHidden = database.prepare(
      `SELECT rid, ${SUMMARY_VALUES} FROM trace_summaries WHERE ${IS_HIDDEN} LIMIT 1`,
    );
    this.#rows = database.prepare("SELECT * FROM observation_rows WHERE trace = ? LIMIT ?");
    const some = "IN (SELECT value FROM json_each(?))";
    this.#noteBlobs = database.prepare(
      `INSERT OR IGNORE INTO blob_candidates (blob, project_id) SELECT DISTINCT blob, ? FROM blob_refs WHERE owner ${some}`,
    );
    this.#ofRows = [
      database.prepare(`DELETE FROM blob_refs WHERE owner ${some}`),
      database.prepare(`DELETE FROM observation_payloads WHERE obs ${some}`),
      database.prepare(`DELETE FROM observation_rows WHERE rid ${some}`),
    ];
    this.#dropTerms = database.prepare(
      "DELETE FROM trace_terms WHERE trace = ?1 AND term IN (SELECT term FROM trace_terms WHERE trace = ?1 LIMIT ?2)",
    );
    this.#dropSummary = database.prepare("DELETE FROM trace_summaries WHERE rid = ?");
    this.#dropScores = database.prepare(
      `DELETE FROM scores WHERE project_id = ?1
         AND id IN (SELECT id FROM scores WHERE project_id = ?1 AND trace_id = ?2 LIMIT ?3)`,
    );
    this.#media = database.prepare(
      "SELECT DISTINCT media_id AS id FROM media_links WHERE project_id = ? AND trace_id = ?",
    );
    this.#dropLinks = database.prepare(
      "DELETE FROM media_links WHERE project_id = ? AND trace_id = ? AND media_id = ?",
    );
    this.#lonelyMedia = database.prepare("SELECT 1 FROM media_links WHERE project_id = ? AND media_id = ? LIMIT 1");
    this.#removeMedia = [
      database.prepare("DELETE FROM media_parts WHERE project_id = ? AND media_id = ?"),
      database.prepare("DELETE FROM media WHERE project_id = ? AND id = ?"),
    ];
  }

  delete(projectId: string, traceId: string): Deletion {
    const trace = this.#find.get([projectId, traceId]) as Trace | undefined;
    if (trace === undefined) return "unknown";
    if (!this.#dropScoresAndMedia(projectId, traceId)) {
      this.#begun.note({ projectId, traceId });
      return "part";
    }
    this.#begun.end({ projectId, traceId });
    this.#rollups.addTrace(projectId, trace.start_time, trace.duration, -1);
    const { size } = this.#size;
    const isSmall = trace.observations < size && this.#dropRows(trace, size) < size && this.#dropTrace(trace.rid);
    if (!isSmall) this.#hide.run([HIDDEN + trace.rid, trace.rid]);
    return "gone";
  }

  /** Some of what is left of hidden traces. @returns false when nothing is. */
  deleteHidden(): boolean {
    const hidden = this.#findHidden.get() as HiddenTrace | undefined;
    if (hidden === undefined) return false;
    const dropped = this.#size.take((size) => this.#dropRows(hidden, size));
    if (dropped === 0) this.#dropTrace(hidden.rid);
    return true;
  }

  /** Out of the sums of their hours too. @returns how many there were. */
  #dropRows(trace: HiddenTrace, limit: number): number {
    const rows = this.#rows.all([trace.rid, limit]) as Row[];
    const [first] = rows;
    if (first === undefined) return 0;
    const projectId = String(first["project_id"]);
    const values = trace.summed_as_trace === 1 ? valuesOfSummary(trace) : null;
    for (const row of rows) {
      const observation = decodeObservation(row);
      const rolled = rolledRow(observation, values ?? ownValues(observation), row["repeats_usage"] === 1);
      this.#rollups.addRow(projectId, rolled, -1);
    }
    const rids = JSON.stringify(rows.map((row) => row["rid"]));
    this.#noteBlobs.run([projectId, rids]);
    for (const statement of this.#ofRows) statement.run([rids]);
    return rows.length;
  }

  /** Some of its terms, and when there are none left itself. @returns whether it is gone. */
  #dropTrace(trace: number): boolean {
    const { changes } = this.#dropTerms.run([trace, SMALL_ROWS_A_STEP]);
    if (changes === SMALL_ROWS_A_STEP) return false;
    this.#dropSummary.run([trace]);
    return true;
  }

  /** @returns whether all are gone. */
  #dropScoresAndMedia(projectId: string, traceId: string): boolean {
    const { changes } = this.#dropScores.run([projectId, traceId, SMALL_ROWS_A_STEP]);
    if (changes === SMALL_ROWS_A_STEP) return false;
    const media = this.#media.all([projectId, traceId]) as { id: string }[];
    const looked = takeWhileTime(media, ({ id }) => {
      this.#dropLinks.run([projectId, traceId, id]);
      if (this.#lonelyMedia.get([projectId, id]) !== undefined) return;
      for (const statement of this.#removeMedia) statement.run([projectId, id]);
    });
    return looked === media.length;
  }
}
