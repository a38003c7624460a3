import type { Counted } from "../datasets.ts";
import type { ScoreFilter, ScorePage, ScoreReads } from "../scores.ts";
import type { Sync } from "../store.ts";
import { decodeScore, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";
import { ROW_SCORE_COLUMNS, decodeRowScore } from "./read/row-scores.ts";

type Row = Record<string, SqlValue>;

/** Columns of the filter's lists. */
const LISTS = [
  ["id", "id"],
  ["name", "name"],
  ["source", "source"],
  ["dataType", "data_type"],
  ["environment", "environment"],
  ["configId", "config_id"],
  ["queueId", "queue_id"],
  ["authorUserId", "author_user_id"],
  ["datasetRunId", "dataset_run_id"],
  ["traceId", "trace_id"],
  ["observationId", "observation_id"],
  ["sessionId", "session_id"],
  ["value", "value"],
  ["stringValue", "string_value"],
] as const satisfies readonly (readonly [keyof ScoreFilter, string])[];

export function createScoreReads(database: Database.Database): Sync<ScoreReads> {
  const ofTrace = database.prepare("SELECT * FROM scores WHERE project_id = ? AND trace_id = ? ORDER BY timestamp, id");
  return {
    listScores(projectId, traceId) {
      const rows = ofTrace.all([projectId, traceId]) as Row[];
      return rows.map((row) => decodeScore(projectId, row));
    },
    findScores: (projectId, filter, page) => select("*", decodeScore, projectId, filter, page),
    findRowScores: (projectId, filter, page) => select(ROW_SCORE_COLUMNS, decodeRowScore, projectId, filter, page),
  };

  function select<T>(
    columns: string,
    decode: (projectId: string, row: Row) => T,
    projectId: string,
    filter: ScoreFilter,
    page: ScorePage,
  ): Counted<T> {
    const { conditions, values } = conditionsOf(projectId, filter);
    const where = conditions.join(" AND ");
    const counted = database.prepare(`SELECT count(*) AS total FROM scores WHERE ${where}`).get(values);
    const selected = pageOf(page);
    const rows = database
      .prepare(
        `SELECT ${columns} FROM scores WHERE ${where}${selected.condition} ORDER BY timestamp DESC, id DESC LIMIT ? OFFSET ?`,
      )
      .all([...values, ...selected.values, page.limit, page.offset ?? 0]) as Row[];
    return { data: rows.map((row) => decode(projectId, row)), total: (counted as { total: number }).total };
  }
}

function conditionsOf(projectId: string, filter: ScoreFilter): { conditions: string[]; values: SqlValue[] } {
  const conditions = ["project_id = ?"];
  const values: SqlValue[] = [projectId];
  for (const [field, column] of LISTS) {
    const wanted = filter[field];
    if (wanted === undefined) continue;
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(JSON.stringify(wanted));
  }
  if (filter.trace !== undefined) {
    const { userId, tags = [] } = filter.trace;
    const ofTrace = [
      ...(userId === undefined ? [] : ["t.user_id = ?"]),
      ...tags.map(() => "EXISTS (SELECT 1 FROM json_each(t.tags) WHERE value = ?)"),
    ];
    conditions.push(
      `EXISTS (SELECT 1 FROM trace_summaries t WHERE ${["t.project_id = scores.project_id", "t.trace_id = scores.trace_id", ...ofTrace].join(" AND ")})`,
    );
    values.push(...(userId === undefined ? [] : [userId]), ...tags);
  }
  for (const { operator, value } of filter.compare ?? []) {
    conditions.push(`value ${operator} ?`);
    values.push(value);
  }
  if (filter.comment !== undefined) {
    conditions.push("instr(lower(comment), lower(?)) > 0");
    values.push(filter.comment);
  }
  if (filter.from !== undefined) {
    conditions.push("timestamp >= ?");
    values.push(filter.from);
  }
  if (filter.to !== undefined) {
    conditions.push("timestamp < ?");
    values.push(filter.to);
  }
  return { conditions, values };
}

function pageOf({ after }: ScorePage): { condition: string; values: SqlValue[] } {
  if (after === undefined) return { condition: "", values: [] };
  return { condition: " AND (timestamp, id) < (?, ?)", values: [after.timestamp, after.id] };
}
