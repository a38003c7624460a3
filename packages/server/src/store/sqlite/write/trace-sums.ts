import { HOUR_MS } from "../../../query/metrics/report.ts";
import { MetricSums, shareOf, type MetricRow } from "../../../query/metrics/sums.ts";
import type { RowFacts } from "../../../query/trace-facts.ts";

/** What rows of one trace add to the sums of their hours: moved as a whole when a value of the trace changes. */
export class TraceSums {
  readonly #byHour = new Map<number, MetricSums>();

  /** @param rows that are in the sums of their hours. */
  constructor(rows: Iterable<RowFacts> = []) {
    for (const row of rows) this.add(countedRow(row), 1);
  }

  /** @param sign -1 for a row that goes or is replaced. */
  add(row: MetricRow, sign: 1 | -1): void {
    const hour = Math.floor(row.startTime / HOUR_MS);
    let sums = this.#byHour.get(hour);
    if (sums === undefined) this.#byHour.set(hour, (sums = new MetricSums()));
    sums.add(shareOf(row), sign);
  }

  /** @yields the start of an hour, epoch milliseconds, with its sums. */
  *entries(): Iterable<[startTime: number, sums: MetricSums]> {
    for (const [hour, sums] of this.#byHour) yield [hour * HOUR_MS, sums];
  }
}

/** What of a row is counted, from what is kept of it in memory. */
function countedRow(row: RowFacts): MetricRow {
  const { report } = row;
  return {
    type: row.type,
    level: row.level,
    startTime: row.startTime,
    endTime: row.endTime,
    completionStartTime: row.firstTokenTime,
    usage: report?.usage ?? null,
    totalTokens: report?.tokens?.total,
    cost: report === null || report.cost === null ? null : { total: report.cost },
    countsUsage: report !== null && row.repeatsUsage !== true,
  };
}
