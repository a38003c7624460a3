import type { DensityResponse } from "../../../api/lists.ts";
import type { QueryTarget } from "../../../query/language/ast.ts";
import type { Selection } from "../../observations.ts";
import type { ListReader } from "./list-reader.ts";
import { ANY_ORDER } from "./selection.ts";
import { sql, type Runner } from "./sql.ts";

const OUTLIERS = 10;

interface Bucket {
  bucket: number;
  n: number;
  errors: number | null;
  cost: number | null;
  duration: number | null;
}

/** The strip above a list: how much of what is selected lies where in time. */
export class DensityReader {
  readonly #runner: Runner;
  readonly #lists: ListReader;

  constructor(runner: Runner, lists: ListReader) {
    this.#runner = runner;
    this.#lists = lists;
  }

  density(projectId: string, target: QueryTarget, selection: Selection, buckets: number): DensityResponse {
    const low = selection.from ?? Math.floor(this.#edge(projectId, target, selection, "ASC") ?? 0);
    const high = selection.to ?? Math.floor(this.#edge(projectId, target, selection, "DESC") ?? 0) + 1;
    const range = { from: low, to: Math.max(low + buckets, high) };
    const bucketMs = Math.ceil((range.to - range.from) / buckets);
    const filled: DensityResponse["buckets"] = Array.from(
      { length: Math.ceil((range.to - range.from) / bucketMs) },
      () => ({ count: 0, errors: 0, cost: null, maxDurationMs: null }),
    );
    for (const { bucket, n, errors, cost, duration } of this.#count(projectId, target, selection, {
      ...range,
      bucketMs,
      count: filled.length,
    })) {
      if (n === 0 || bucket < 0 || bucket >= filled.length) continue;
      const longest = duration === null || duration < 0 ? null : duration;
      filled[bucket] = { count: n, errors: errors ?? 0, cost, maxDurationMs: longest };
    }
    const outliers = [
      ...this.#outliers(projectId, target, selection, "duration"),
      ...this.#outliers(projectId, target, selection, "cost"),
    ];
    return { ...range, bucketMs, buckets: filled, outliers };
  }

  /** What was gathered is sorted into the buckets. An index is walked bucket by bucket, which sorts nothing. */
  #count(
    projectId: string,
    target: QueryTarget,
    selection: Selection,
    { from, to, bucketMs, count }: { from: number; to: number; bucketMs: number; count: number },
  ): Bucket[] {
    const main = target === "traces" ? "t" : "o";
    const cost = target === "traces" ? "t.cost" : "o.total_cost";
    const failed = target === "traces" ? "t.errors > 0" : "o.level = 'ERROR'";
    const sums = `count(*) AS n, sum(${failed}) AS errors, sum(CASE WHEN ${cost} >= 0 THEN ${cost} END) AS cost,
      max(${main}.duration) AS duration`;
    const selected = this.#lists.selector.select(projectId, target, selection, ANY_ORDER);
    if (selected.isGathered) {
      return this.#runner.all<Bucket>(
        sql(
          `SELECT CAST((${main}.start_time - ?) / ? AS INTEGER) AS bucket, ${sums} ${selected.text} GROUP BY bucket`,
          from,
          bucketMs,
          ...selected.params,
        ),
      );
    }
    const walked = this.#lists.selector.walkByStart(projectId, target, selection.filter);
    const statement = `SELECT ${sums} ${walked.text} AND ${main}.start_time >= ? AND ${main}.start_time < ?`;
    return Array.from({ length: count }, (_, bucket) => {
      const start = from + bucket * bucketMs;
      // The range may have been widened to one millisecond a bucket: beyond what is selected.
      const end = Math.min(start + bucketMs, to, selection.to ?? to);
      const row = this.#runner.get<Omit<Bucket, "bucket">>(sql(statement, ...walked.params, start, end));
      return { bucket, n: 0, errors: null, cost: null, duration: null, ...row };
    });
  }

  /** The start of the first that is selected, or of the last. */
  #edge(projectId: string, target: QueryTarget, selection: Selection, order: "ASC" | "DESC"): number | undefined {
    const start = `${target === "traces" ? "t" : "o"}.start_time`;
    const wanted = { sort: "start_time", limit: 1 };
    const { text, params } = this.#lists.selector.select(projectId, target, selection, wanted);
    return this.#runner.get<{ start: number }>(
      sql(`SELECT ${start} AS start ${text} ORDER BY ${start} ${order} LIMIT 1`, ...params),
    )?.start;
  }

  #outliers(
    projectId: string,
    target: QueryTarget,
    selection: Selection,
    kind: "duration" | "cost",
  ): DensityResponse["outliers"] {
    const sort = { field: kind, descending: true } as const;
    const { statement } = this.#lists.pageStatement(projectId, target, { ...selection, sort, limit: OUTLIERS - 1 });
    const table = target === "traces" ? "trace_summaries" : "observation_rows";
    const id = target === "traces" ? "NULL" : "id";
    return this.#runner
      .all<{ rid: number; k0: number; k1: number }>(statement)
      .filter((row) => row.k0 > 0)
      .map(({ rid, k0: value, k1: time }) => {
        const row = this.#runner.get<{ trace: string; own: string | null }>(
          sql(`SELECT trace_id AS trace, ${id} AS own FROM ${table} WHERE rid = ?`, rid),
        );
        return { kind, time, value, traceId: row?.trace ?? "", observationId: row?.own ?? null };
      });
  }
}
