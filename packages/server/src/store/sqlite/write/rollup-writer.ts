import type Database from "libsql";
import { HOUR_MS } from "../../../query/metrics/report.ts";
import { MetricSums, shareOf, type MetricRow } from "../../../query/metrics/sums.ts";
import type { SummedRow } from "../prepare/summed-row.ts";
import type { TraceSums } from "./trace-sums.ts";
import { TRACE_DIMENSIONS, type TraceValues } from "./trace-values.ts";

/** What sums are kept by; users and sessions are many, and are summed up when they are asked for. */
export const ROLLED_DIMENSIONS = ["model", "provider", "name", "type", ...TRACE_DIMENSIONS] as const;

/** Values of a dimension that an hour keeps apart; the rest of them share the value "". A sender can write ids into names. */
export const MAX_VALUES_AN_HOUR = 500;

/** Sums of an hour, changed with the rows they are made of, in the same transaction. */
export class RollupWriter {
  readonly #find;
  readonly #put;
  readonly #count;
  /** Of this transaction, by project and hour. */
  readonly #pending = new Map<string, HourSums>();

  constructor(database: Database.Database) {
    this.#find = database.prepare(
      "SELECT data FROM rollups WHERE project_id = ? AND dimension = ? AND hour = ? AND value = ?",
    );
    this.#put = database.prepare(
      "INSERT OR REPLACE INTO rollups (project_id, dimension, hour, value, data) VALUES (?, ?, ?, ?, ?)",
    );
    this.#count = database.prepare(
      "SELECT count(*) AS n FROM rollups WHERE project_id = ? AND dimension = ? AND hour = ?",
    );
  }

  /** @param sign -1 for a row that goes or is replaced. */
  addRow(projectId: string, row: MetricRow & Dimensions, sign: 1 | -1): void {
    const share = shareOf(row);
    const sums = this.#hourOf(projectId, row.startTime);
    sums.of(0, "").add(share, sign);
    for (const [index, dimension] of ROLLED_DIMENSIONS.entries()) {
      sums.of(index + 1, row[dimension] ?? "").add(share, sign);
    }
  }

  /** When values of a trace have changed. @param sums of its rows, which are under `from`. */
  moveRows(projectId: string, sums: () => TraceSums, from: TraceValues, to: TraceValues): void {
    const changed = TRACE_DIMENSIONS.filter((dimension) => from[dimension] !== to[dimension]);
    if (changed.length === 0) return;
    for (const [startTime, moved] of sums().entries()) {
      const hour = this.#hourOf(projectId, startTime);
      for (const dimension of changed) {
        const index = ROLLED_DIMENSIONS.indexOf(dimension) + 1;
        hour.of(index, from[dimension]).merge(moved, -1);
        hour.of(index, to[dimension]).merge(moved, 1);
      }
    }
  }

  addTrace(projectId: string, startTime: number, durationMs: number, sign: 1 | -1): void {
    this.#hourOf(projectId, startTime).of(0, "").addTrace(durationMs, sign);
  }

  /** At the end of the transaction. */
  flush(): void {
    for (const [key, sums] of [...this.#pending.values()].flatMap((hour) => hour.entries())) {
      const stored = this.#find.get(key) as { data: string } | undefined;
      let place = key;
      // What has no row of its own and finds no room for one was never given one: it is, and is taken back, where the rest of them are.
      if (stored === undefined && key[3] !== "") {
        const { n } = this.#count.get(key.slice(0, 3)) as { n: number };
        if (n >= MAX_VALUES_AN_HOUR) place = [...key.slice(0, 3), ""];
      }
      // Added and taken back before it was ever written.
      if (stored === undefined && place === key && sums.observations === 0 && sums.traces === 0) continue;
      const before = place === key ? stored : (this.#find.get(place) as { data: string } | undefined);
      if (before !== undefined) sums.merge(MetricSums.decode(before.data));
      this.#put.run([...place, sums.encode()]);
    }
    this.#pending.clear();
  }

  reset(): void {
    this.#pending.clear();
  }

  #hourOf(projectId: string, startTime: number): HourSums {
    const hour = Math.floor(startTime / HOUR_MS);
    const name = `${projectId}\n${hour}`;
    let pending = this.#pending.get(name);
    if (pending === undefined) this.#pending.set(name, (pending = new HourSums(projectId, hour)));
    return pending;
  }
}

/** By dimension, the whole as the first of them, and value. */
class HourSums {
  readonly #projectId: string;
  readonly #hour: number;
  readonly #byDimension = ["", ...ROLLED_DIMENSIONS].map((dimension) => ({
    dimension,
    byValue: new Map<string, MetricSums>(),
  }));

  constructor(projectId: string, hour: number) {
    this.#projectId = projectId;
    this.#hour = hour;
  }

  of(dimension: number, value: string): MetricSums {
    const byValue = this.#byDimension[dimension]?.byValue ?? new Map<string, MetricSums>();
    let sums = byValue.get(value);
    if (sums === undefined) byValue.set(value, (sums = new MetricSums()));
    return sums;
  }

  /** With their keys in the table. */
  entries(): [key: (string | number)[], sums: MetricSums][] {
    return this.#byDimension.flatMap(({ dimension, byValue }) =>
      [...byValue].map(([value, sums]): [(string | number)[], MetricSums] => [
        [this.#projectId, dimension, this.#hour, value],
        sums,
      ]),
    );
  }
}

/** Beside `type`, which a row has as it is counted. */
type Dimensions = Record<Exclude<(typeof ROLLED_DIMENSIONS)[number], "type">, string | null>;

/** A row as the sums take it. @param values of its trace. @param repeatsUsage what it reports is reported below it too. */
export function rolledRow(row: SummedRow, values: TraceValues, repeatsUsage: boolean): MetricRow & Dimensions {
  return {
    type: row.type,
    level: row.level,
    startTime: row.startTime,
    endTime: row.endTime,
    completionStartTime: row.completionStartTime,
    usage: row.usage,
    cost: row.cost,
    model: row.model,
    provider: row.provider,
    name: row.name,
    environment: values.environment,
    release: values.release,
    traceName: values.traceName,
    countsUsage: !row.usageAggregate && !repeatsUsage,
  };
}
