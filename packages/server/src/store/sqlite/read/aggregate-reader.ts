import { SCORE_TYPES, type Facts } from "../../../query/aggregate/facts.ts";
import { isScoreView, type AggregateQuery, type AggregateRow } from "../../../query/aggregate/query.ts";
import { AggregateTable } from "../../../query/aggregate/table.ts";
import type { AggregateReads } from "../../aggregates.ts";
import type { Sync } from "../../store.ts";
import type { SqlValue } from "../columns.ts";
import type { ReadContext } from "../observation-reader.ts";
import { COUNTS_USAGE } from "./metric-reader.ts";
import { sql, type Sql } from "./sql.ts";

const OF_TRACE = {
  tags: "t.tags",
  traceName: "t.name",
  release: "t.release",
  traceVersion: "t.version",
  userId: "t.user_id",
  sessionId: "t.session_id",
};

/** Facts of traces. -1: there is none. */
const TRACE_COLUMNS: Readonly<Record<string, string>> = {
  ...OF_TRACE,
  time: "t.start_time",
  environment: "t.environment",
  duration: "nullif(t.duration, -1)",
  observations: "t.observations",
  tokens: "nullif(t.tokens, -1)",
  cost: "nullif(t.cost, -1)",
  scores: "(SELECT count(*) FROM scores s WHERE s.project_id = t.project_id AND s.trace_id = t.trace_id)",
};

/** Facts of observations. */
const OBSERVATION_COLUMNS: Readonly<Record<string, string>> = {
  ...OF_TRACE,
  time: "o.start_time",
  endTime: "o.end_time",
  completionStartTime: "o.completion_start_time",
  environment: "t.environment",
  type: "o.type",
  name: "o.name",
  level: "o.level",
  version: "o.version",
  model: "o.model",
  promptName: "o.prompt_name",
  promptVersion: "o.prompt_version",
  isRoot: "o.is_root",
  usage: "o.usage",
  cost: "o.cost",
  countsUsage: COUNTS_USAGE,
  scores:
    "(SELECT count(*) FROM scores s WHERE s.project_id = o.project_id AND s.trace_id = t.trace_id AND s.observation_id = o.id)",
};

/** Facts of scores. */
const SCORE_COLUMNS: Readonly<Record<string, string>> = {
  ...OF_TRACE,
  sessionId: "coalesce(s.session_id, t.session_id)",
  time: "s.timestamp",
  environment: "s.environment",
  name: "s.name",
  source: "s.source",
  dataType: "s.data_type",
  configId: "s.config_id",
  value: "s.value",
  stringValue: "s.string_value",
  observationName: "o.name",
  observationModel: "o.model",
  observationPrompt: "o.prompt_name",
  observationPromptVersion: "o.prompt_version",
};

export function createAggregateReads({ runner, lists }: ReadContext): Sync<AggregateReads> {
  return {
    aggregate(projectId, query): AggregateRow[] {
      const { view } = query;
      const columns = isScoreView(view) ? SCORE_COLUMNS : view === "traces" ? TRACE_COLUMNS : OBSERVATION_COLUMNS;
      const source = isScoreView(view) ? scoresOf(projectId, query) : lists.selection(projectId, view, query);
      const table = new AggregateTable(query);
      const facts = [...table.facts];
      const selected = facts.map((fact) => columns[fact] ?? "NULL").join(", ");
      const rows = runner.iterateRaw<SqlValue[]>(sql(`SELECT ${selected} ${source.text}`, ...source.params));
      for (const row of rows) {
        table.add(Object.fromEntries(facts.map((fact, index) => [fact, row[index] ?? null])) satisfies Facts);
      }
      return table.toRows();
    },
  };
}

function scoresOf(projectId: string, { view, from, to }: AggregateQuery): Sql {
  const types = isScoreView(view) ? SCORE_TYPES[view] : [];
  return sql(
    `FROM scores s LEFT JOIN trace_summaries t ON t.project_id = s.project_id AND t.trace_id = s.trace_id
     LEFT JOIN observation_rows o ON o.trace = t.rid AND o.id = s.observation_id
     WHERE s.project_id = ? AND s.timestamp >= ? AND s.timestamp < ? AND s.data_type IN (SELECT value FROM json_each(?))`,
    projectId,
    from,
    to,
    JSON.stringify(types),
  );
}
