import type { MetricValues, Percentiles } from "../../api/metrics.ts";
import type { ObservationLevel, ObservationType } from "../../api/types.ts";
import { boundMeans, boundUsage, type ScoreMeans } from "../../store/row-bounds.ts";
import { countTokens } from "../totals.ts";
import { Histogram, bucketOf } from "./histogram.ts";

/** What of an observation is counted. */
export interface MetricRow {
  type: ObservationType;
  level: ObservationLevel;
  startTime: number;
  endTime: number | null;
  completionStartTime: number | null;
  usage: Record<string, number> | null;
  /** The sum of `usage`, where it is known already. */
  totalTokens?: number | undefined;
  cost: Record<string, number> | null;
  /** False for usage that repeats what others of the trace report. */
  countsUsage: boolean;
}

const NO_SCORES = boundMeans([], 0);

/** Sums and histograms that can be merged; a row can be taken back. */
export class MetricSums {
  traces = 0;
  observations = 0;
  generations = 0;
  errors = 0;
  cost = 0;
  priced = 0;
  unpriced = 0;
  readonly usage = new Map<string, number>();
  readonly traceLatency = new Histogram();
  readonly latency = new Histogram();
  readonly firstToken = new Histogram();
  readonly #hasHistograms: boolean;

  /** @param options.histograms false for sums that nobody asks for percentiles. */
  constructor({ histograms = true }: { histograms?: boolean } = {}) {
    this.#hasHistograms = histograms;
  }

  /** @param sign -1 takes the row back. */
  addRow(row: MetricRow, sign: 1 | -1 = 1): void {
    this.add(shareOf(row), sign);
  }

  add(share: Share, sign: 1 | -1): void {
    this.observations += sign;
    if (share.isCall) this.generations += sign;
    if (share.isError) this.errors += sign;
    if (this.#hasHistograms) {
      if (share.latency !== null) this.latency.addTo(share.latency, sign);
      if (share.firstToken !== null) this.firstToken.addTo(share.firstToken, sign);
    }
    if (share.cost !== null) {
      this.cost += sign * share.cost;
      this.priced += sign;
    } else if (share.isUnpriced) this.unpriced += sign;
    for (const [bucket, count] of share.usage) this.usage.set(bucket, (this.usage.get(bucket) ?? 0) + sign * count);
  }

  /** @param durationMs -1 while it runs. */
  addTrace(durationMs: number, sign: 1 | -1 = 1): void {
    this.traces += sign;
    if (durationMs >= 0) this.traceLatency.add(durationMs, sign);
  }

  /** @param sign -1 takes them back. */
  merge(other: MetricSums, sign: 1 | -1 = 1): void {
    this.#addCounts(other, other.usage, sign);
    if (!this.#hasHistograms) return;
    this.traceLatency.merge(other.traceLatency, sign);
    this.latency.merge(other.latency, sign);
    this.firstToken.merge(other.firstToken, sign);
  }

  /** As `merge(decode(text))`, without making sums of their own for each text of many. @param encoded from {@link parseSums}. */
  mergeEncoded([counts, usage, traceLatency, latency, firstToken]: EncodedSums): void {
    const [traces = 0, observations = 0, generations = 0, errors = 0, cost = 0, priced = 0, unpriced = 0] = counts;
    this.#addCounts({ traces, observations, generations, errors, cost, priced, unpriced }, usage, 1);
    if (!this.#hasHistograms) return;
    this.traceLatency.mergeEntries(traceLatency);
    this.latency.mergeEntries(latency);
    this.firstToken.mergeEntries(firstToken);
  }

  #addCounts(other: Counts, usage: Iterable<readonly [bucket: string, count: number]>, sign: 1 | -1): void {
    this.traces += sign * other.traces;
    this.observations += sign * other.observations;
    this.generations += sign * other.generations;
    this.errors += sign * other.errors;
    this.cost += sign * other.cost;
    this.priced += sign * other.priced;
    this.unpriced += sign * other.unpriced;
    for (const [bucket, count] of usage) this.usage.set(bucket, (this.usage.get(bucket) ?? 0) + sign * count);
  }

  toValues(scores: ScoreMeans = NO_SCORES): MetricValues {
    return {
      traces: this.traces,
      observations: this.observations,
      generations: this.generations,
      errors: this.errors,
      cost: this.priced > 0 ? this.cost : null,
      costIncomplete: this.unpriced > 0,
      ...boundUsage(this.usage),
      traceLatency: percentiles(this.traceLatency),
      latency: percentiles(this.latency),
      firstToken: percentiles(this.firstToken),
      ...scores,
    };
  }

  encode(): string {
    return JSON.stringify([
      [this.traces, this.observations, this.generations, this.errors, this.cost, this.priced, this.unpriced],
      [...this.usage],
      this.traceLatency,
      this.latency,
      this.firstToken,
    ]);
  }

  static decode(text: string): MetricSums {
    const sums = new MetricSums();
    sums.mergeEncoded(parseSums(text));
    return sums;
  }
}

type Counts = Pick<MetricSums, "traces" | "observations" | "generations" | "errors" | "cost" | "priced" | "unpriced">;
type Entries = [bucket: number, count: number][];

/** What {@link MetricSums.encode} wrote. */
export type EncodedSums = [
  counts: number[],
  usage: [bucket: string, count: number][],
  traceLatency: Entries,
  latency: Entries,
  firstToken: Entries,
];

/** The place of `observations` among the counts. */
export const OBSERVATIONS_AT = 1;

export function parseSums(text: string): EncodedSums {
  return JSON.parse(text) as EncodedSums;
}

/** What a row adds to any sums that it is in: computed once, however many these are. */
export interface Share {
  isCall: boolean;
  isError: boolean;
  /** Buckets of histograms; `null` where the row has no such time. */
  latency: number | null;
  firstToken: number | null;
  cost: number | null;
  isUnpriced: boolean;
  usage: readonly [bucket: string, count: number][];
}

export function shareOf(row: MetricRow): Share {
  const { type, startTime, endTime, completionStartTime } = row;
  const isGeneration = type === "generation";
  const total = row.countsUsage && row.usage !== null ? (row.totalTokens ?? countTokens(row.usage).total) : null;
  const cost = row.countsUsage ? (row.cost?.["total"] ?? null) : null;
  return {
    isCall: isGeneration || type === "embedding",
    isError: row.level === "ERROR",
    latency: isGeneration && endTime !== null ? bucketOf(endTime - startTime) : null,
    firstToken:
      isGeneration && completionStartTime !== null ? bucketOf(Math.max(0, completionStartTime - startTime)) : null,
    cost,
    isUnpriced: cost === null && total !== null && total > 0,
    usage: total === null ? [] : Object.entries({ ...row.usage, total }),
  };
}

function percentiles(histogram: Histogram): Percentiles | null {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => histogram.percentile(part));
  if (p50 === null || p50 === undefined) return null;
  return { p50, p95: p95 ?? p50, p99: p99 ?? p50 };
}
