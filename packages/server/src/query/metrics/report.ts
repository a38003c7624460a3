import type { MetricDimension, MetricsResponse } from "../../api/metrics.ts";
import type { ScoreMeans } from "../../store/row-bounds.ts";
import { MetricSums } from "./sums.ts";

export interface MetricOptions {
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
  by: MetricDimension | null;
  buckets: number;
  top: number;
}

export const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** The range in whole steps: hours, or minutes where it is shorter than a day. */
export function alignRange({ from, to, buckets }: Pick<MetricOptions, "from" | "to" | "buckets">): {
  from: number;
  to: number;
  bucketMs: number;
} {
  const step = to - from < DAY_MS ? MINUTE_MS : HOUR_MS;
  const start = Math.floor(from / step) * step;
  const bucketMs = Math.max(1, Math.ceil((to - start) / buckets / step)) * step;
  const count = Math.max(1, Math.ceil((to - start) / bucketMs));
  return { from: start, to: start + count * bucketMs, bucketMs };
}

/** Gathers sums by time and by group, and makes the answer. */
export class MetricReport {
  readonly #options: MetricOptions;
  readonly #range: { from: number; to: number; bucketMs: number };
  readonly #series: MetricSums[];
  readonly #groups = new Map<string, { sums: MetricSums; series: MetricSums[] }>();

  constructor(options: MetricOptions) {
    this.#options = options;
    this.#range = alignRange(options);
    this.#series = this.#emptySeries();
  }

  get range(): { from: number; to: number; bucketMs: number } {
    return this.#range;
  }

  /** Where a time's totals go; `null` outside of the range. */
  at(time: number): MetricSums | null {
    return this.#series[this.#index(time)] ?? null;
  }

  group(value: string, time: number): MetricSums[] {
    let group = this.#groups.get(value);
    if (group === undefined) {
      // A group's points show counts only.
      group = { sums: new MetricSums(), series: this.#emptySeries({ histograms: false }) };
      this.#groups.set(value, group);
    }
    const point = group.series[this.#index(time)];
    return point === undefined ? [] : [group.sums, point];
  }

  toResponse(scores: ScoreMeans): MetricsResponse {
    const total = new MetricSums();
    for (const point of this.#series) total.merge(point);
    // What was deleted leaves a group of nothing.
    const filled = [...this.#groups].filter(([, { sums }]) => sums.observations > 0);
    const sorted = filled.toSorted(
      ([a, x], [b, y]) => y.sums.cost - x.sums.cost || y.sums.observations - x.sums.observations || (a < b ? -1 : 1),
    );
    const rest = sorted.slice(this.#options.top);
    const other = new MetricSums();
    for (const [, { sums }] of rest) other.merge(sums);
    return {
      ...this.#range,
      total: total.toValues(scores),
      series: this.#series.map((sums, index) => ({ time: this.#timeOf(index), values: sums.toValues() })),
      groups: sorted.slice(0, this.#options.top).map(([value, { sums, series }]) => ({
        value,
        values: sums.toValues(),
        series: series.map((point, index) => ({
          time: this.#timeOf(index),
          cost: point.priced > 0 ? point.cost : null,
          count: point.observations,
          tokens: point.usage.get("total") ?? 0,
        })),
      })),
      other: rest.length === 0 ? null : other.toValues(),
    };
  }

  #emptySeries(options?: { histograms: boolean }): MetricSums[] {
    const { from, to, bucketMs } = this.#range;
    return Array.from({ length: Math.round((to - from) / bucketMs) }, () => new MetricSums(options));
  }

  #index(time: number): number {
    return Math.floor((time - this.#range.from) / this.#range.bucketMs);
  }

  #timeOf(index: number): number {
    return this.#range.from + index * this.#range.bucketMs;
  }
}
