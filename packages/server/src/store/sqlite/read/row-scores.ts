import type { RowScore } from "../../../api/types.ts";
import type { ScoresOfRow } from "../../list-rows.ts";
import { MAX_ROW_SCORES, MAX_ROW_VALUE_CHARS, boundScore, boundScores } from "../../row-bounds.ts";
import { SCORE_COLUMNS, decodeScore, type SqlValue } from "../columns.ts";
import { sql, type Runner, type Sql } from "./sql.ts";

/** Long metadata stays in the database. */
export const ROW_SCORE_COLUMNS: string = [
  ...SCORE_COLUMNS.map((column) =>
    column === "metadata" ? `iif(length(metadata) > ${MAX_ROW_VALUE_CHARS}, NULL, metadata) AS metadata` : column,
  ),
  `length(metadata) > ${MAX_ROW_VALUE_CHARS} AS is_cut`,
].join(", ");

/** From a row of {@link ROW_SCORE_COLUMNS}. */
export function decodeRowScore(projectId: string, row: Record<string, SqlValue>): RowScore {
  return boundScore({ ...decodeScore(projectId, row), ...(row["is_cut"] === 1 && { truncated: ["metadata"] }) });
}

/** What the rows of lists have of the scores of a trace or an observation that may have thousands. */
export class RowScores {
  readonly #runner: Runner;

  constructor(runner: Runner) {
    this.#runner = runner;
  }

  ofTrace(projectId: string, traceId: string): ScoresOfRow {
    return this.#read(projectId, ofTrace(projectId, traceId));
  }

  ofObservation(projectId: string, traceId: string, id: string): ScoresOfRow {
    const own = sql(
      "FROM scores INDEXED BY scores_by_observation WHERE project_id = ? AND trace_id = ? AND observation_id = ?",
      projectId,
      traceId,
      id,
    );
    return this.#read(projectId, own);
  }

  /** Of the newest, oldest first. */
  ids(projectId: string, traceId: string, limit: number): string[] {
    const from = ofTrace(projectId, traceId);
    const rows = this.#runner.raw<[id: string]>(
      sql(`SELECT id ${from.text} ORDER BY timestamp DESC, id DESC LIMIT ?`, ...from.params, limit),
    );
    return rows.map(([id]) => id).toReversed();
  }

  #read(projectId: string, from: Sql): ScoresOfRow {
    const rows = this.#runner.all(
      sql(
        `SELECT ${ROW_SCORE_COLUMNS} ${from.text}
         ORDER BY timestamp DESC, id DESC LIMIT ${MAX_ROW_SCORES}`,
        ...from.params,
      ),
    );
    const scores = rows.map((row) => decodeRowScore(projectId, row));
    return boundScores(scores, rows.length < MAX_ROW_SCORES ? rows.length : this.#count(from));
  }

  #count(from: Sql): number {
    return this.#runner.get<{ n: number }>(sql(`SELECT count(*) AS n ${from.text}`, ...from.params))?.n ?? 0;
  }
}

function ofTrace(projectId: string, traceId: string): Sql {
  return sql("FROM scores INDEXED BY scores_by_trace WHERE project_id = ? AND trace_id = ?", projectId, traceId);
}
