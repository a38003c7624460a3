import type { MetricDimension, MetricsResponse } from "../../../api/metrics.ts";
import { HOUR_MS, MetricReport, type MetricOptions } from "../../../query/metrics/report.ts";
import { OBSERVATIONS_AT, parseSums } from "../../../query/metrics/sums.ts";
import type { Selection } from "../../observations.ts";
import { MAX_ROW_TEXTS, boundMeans, type ScoreMean, type ScoreMeans } from "../../row-bounds.ts";
import { MAX_VALUES_AN_HOUR, ROLLED_DIMENSIONS } from "../write/rollup-writer.ts";
import { TRACE_DIMENSIONS } from "../write/trace-values.ts";
import type { ListReader } from "./list-reader.ts";
import { sql, type Runner } from "./sql.ts";

const COLUMNS: Record<MetricDimension, string> = {
  model: "o.model",
  provider: "o.provider",
  name: "o.name",
  type: "o.type",
  user: "t.user_id",
  environment: "t.environment",
  session: "t.session_id",
  release: "t.release",
  traceName: "t.name",
};

/** `countsUsage` of `query/totals.ts`, as the writer keeps it with the row. */
export const COUNTS_USAGE = "o.usage_aggregate = 0 AND o.repeats_usage = 0";

type ExactRow = [
  group: string | null,
  type: string,
  level: string,
  start: number,
  end: number | null,
  firstToken: number | null,
  usage: string | null,
  cost: string | null,
  counts: number,
];

export class MetricReader {
  readonly #runner: Runner;
  readonly #lists: ListReader;

  constructor(runner: Runner, lists: ListReader) {
    this.#runner = runner;
    this.#lists = lists;
  }

  read(projectId: string, options: MetricOptions, { filter }: Pick<Selection, "filter">): MetricsResponse {
    const report = new MetricReport(options);
    const { from, to, bucketMs } = report.range;
    const isPlain = filter === null || filter === undefined;
    if (isPlain && bucketMs % HOUR_MS === 0 && this.#isRolled(projectId, options.by, { from, to }))
      this.#readRollups(projectId, options, report);
    else this.#readRows(projectId, options, { filter, from, to }, report);
    return report.toResponse(this.#scores(projectId, from, to));
  }

  /** Whether the sums that were kept are by what is asked for. */
  #isRolled(projectId: string, by: MetricDimension | null, { from, to }: { from: number; to: number }): boolean {
    if (by === null) return true;
    if (!ROLLED_DIMENSIONS.some((dimension) => dimension === by)) return false;
    if (!TRACE_DIMENSIONS.some((dimension) => dimension === by)) return true;
    const hours = [projectId, by, from / HOUR_MS, to / HOUR_MS] as const;
    // What was one too many is in the sums of those that have no value.
    const crowded = sql(
      `SELECT hour FROM rollups WHERE project_id = ? AND dimension = ? AND hour >= ? AND hour < ?
       GROUP BY hour HAVING count(*) >= ${MAX_VALUES_AN_HOUR} LIMIT 1`,
      ...hours,
    );
    if (this.#runner.raw(crowded).length > 0) return false;
    const byRow = sql(
      `SELECT r.hour FROM rollups_by_row b JOIN rollups r USING (project_id, dimension, hour, value)
       WHERE b.project_id = ? AND b.dimension = ? AND b.hour >= ? AND b.hour < ?
         AND r.data ->> '$[0][${OBSERVATIONS_AT}]' > 0 LIMIT 1`,
      ...hours,
    );
    return this.#runner.raw(byRow).length === 0;
  }

  #readRollups(projectId: string, { by }: MetricOptions, report: MetricReport): void {
    const { from, to } = report.range;
    for (const dimension of by === null ? [""] : ["", by]) {
      const rows = this.#runner.raw<[hour: number, value: string, data: string]>(
        sql(
          "SELECT hour, value, data FROM rollups WHERE project_id = ? AND dimension = ? AND hour >= ? AND hour < ?",
          projectId,
          dimension,
          from / HOUR_MS,
          to / HOUR_MS,
        ),
      );
      for (const [hour, value, data] of rows) {
        const sums = parseSums(data);
        const places = dimension === "" ? [report.at(hour * HOUR_MS)] : report.group(value, hour * HOUR_MS);
        for (const place of places) place?.mergeEncoded(sums);
      }
    }
  }

  #readRows(projectId: string, { by }: MetricOptions, selection: Selection, report: MetricReport): void {
    const { text, params } = this.#lists.selection(projectId, "observations", selection);
    const group = by === null ? "NULL" : COLUMNS[by];
    const rows = this.#runner.iterateRaw<ExactRow>(
      sql(
        `SELECT ${group}, o.type, o.level, o.start_time, o.end_time, o.completion_start_time, o.usage, o.cost, ${COUNTS_USAGE} ${text}`,
        ...params,
      ),
    );
    for (const [value, type, level, startTime, endTime, completionStartTime, usage, cost, counts] of rows) {
      const row = {
        type: type as never,
        level: level as never,
        startTime,
        endTime,
        completionStartTime,
        usage: parse(usage),
        cost: parse(cost),
        countsUsage: counts === 1,
      };
      report.at(startTime)?.addRow(row);
      if (by !== null) for (const place of report.group(value ?? "", startTime)) place.addRow(row);
    }
    this.#readTraces(projectId, selection, report);
  }

  /** Traces that began, of which an observation is selected. */
  #readTraces(projectId: string, { filter, from, to }: Selection, report: MetricReport): void {
    const chosen = this.#lists.selection(projectId, "observations", { filter, from, to });
    const isAll = filter === null || filter === undefined;
    const all = this.#lists.selection(projectId, "traces", { from, to });
    const where = isAll
      ? all
      : sql(`${all.text} AND t.rid IN (SELECT o.trace ${chosen.text})`, ...all.params, ...chosen.params);
    const rows = this.#runner.iterateRaw<[start: number, duration: number]>(
      sql(`SELECT t.start_time, t.duration ${where.text}`, ...where.params),
    );
    for (const [start, duration] of rows) report.at(start)?.addTrace(duration);
  }

  #scores(projectId: string, from: number, to: number): ScoreMeans {
    const rows = this.#runner.all<ScoreMean & { names: number }>(
      sql(
        `SELECT name, count(*) AS count, avg(value) AS mean, count(*) OVER () AS names FROM scores
         WHERE project_id = ? AND timestamp >= ? AND timestamp < ? AND value IS NOT NULL GROUP BY name
         ORDER BY count(*) DESC, name LIMIT ${MAX_ROW_TEXTS}`,
        projectId,
        from,
        to,
      ),
    );
    return boundMeans(rows, rows[0]?.names ?? 0);
  }
}

function parse(json: string | null): Record<string, number> | null {
  return json === null ? null : (JSON.parse(json) as Record<string, number>);
}
