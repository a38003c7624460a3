import type Database from "libsql";
import type { ObservationRow } from "../../../model/observation.ts";
import { HOUR_MS } from "../../../query/metrics/report.ts";
import { MetricSums, type MetricRow } from "../../../query/metrics/sums.ts";

/** What sums are kept by; users and sessions are many, and are summed up when they are asked for. */
export const ROLLED_DIMENSIONS = ["model", "provider", "name", "type", "environment", "release", "traceName"] as const;

/** Values of a dimension that an hour keeps apart; the rest of them share the value "". A sender can write ids into names. */
const MAX_VALUES_AN_HOUR = 500;

/** Sums of an hour, changed with the rows they are made of, in the same transaction. */
export class RollupWriter {
  readonly #find;
  readonly #put;
  readonly #count;
  readonly #pending = new Map<string, { key: (string | number)[]; sums: MetricSums }>();

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
    const hour = Math.floor(row.startTime / HOUR_MS);
    this.#sums(projectId, "", hour, "").addRow(row, sign);
    for (const dimension of ROLLED_DIMENSIONS) {
      this.#sums(projectId, dimension, hour, row[dimension] ?? "").addRow(row, sign);
    }
  }

  addTrace(projectId: string, startTime: number, durationMs: number, sign: 1 | -1): void {
    this.#sums(projectId, "", Math.floor(startTime / HOUR_MS), "").addTrace(durationMs, sign);
  }

  /** At the end of the transaction. */
  flush(): void {
    for (const { key, sums } of this.#pending.values()) {
      const stored = this.#find.get(key) as { data: string } | undefined;
      let place = key;
      if (stored === undefined && key[3] !== "") {
        const { n } = this.#count.get(key.slice(0, 3)) as { n: number };
        if (n >= MAX_VALUES_AN_HOUR) place = [...key.slice(0, 3), ""];
      }
      const before = place === key ? stored : (this.#find.get(place) as { data: string } | undefined);
      if (before !== undefined) sums.merge(MetricSums.decode(before.data));
      this.#put.run([...place, sums.encode()]);
    }
    this.#pending.clear();
  }

  reset(): void {
    this.#pending.clear();
  }

  #sums(projectId: string, dimension: string, hour: number, value: string): MetricSums {
    const name = `${projectId}\n${dimension}\n${hour}\n${value}`;
    let pending = this.#pending.get(name);
    if (pending === undefined) {
      pending = { key: [projectId, dimension, hour, value], sums: new MetricSums() };
      this.#pending.set(name, pending);
    }
    return pending.sums;
  }
}

/** Beside `type`, which a row has as it is counted. */
type Dimensions = Record<Exclude<(typeof ROLLED_DIMENSIONS)[number], "type">, string | null>;

/** A row as the sums take it. @param repeatsUsage what it reports is reported below it too. */
export function rolledRow(
  row: Omit<ObservationRow, "hasInput" | "hasOutput">,
  repeatsUsage: boolean,
): MetricRow & Dimensions {
  return {
    ...row,
    environment: row.environment ?? "default",
    countsUsage: !row.usageAggregate && !repeatsUsage,
  };
}
