/** What metrics are grouped by. `null` values are grouped under "". */
export type MetricDimension =
  | "model"
  | "provider"
  | "name"
  | "type"
  | "user"
  | "environment"
  | "session"
  | "release"
  | "traceName";

/**
 * `GET /api/metrics?from=&to=&by=&q=&buckets=`. Over observations, except `traces` and trace latency, which are over traces.
 * Percentiles come from logarithmic histograms: within 5 % of the true value.
 */
export interface MetricsQuery {
  project?: string;
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
  /** At most one; default none: totals only. */
  by?: MetricDimension;
  /** The query language of the observation list. Leaving it out answers from roll-ups, which is fastest. */
  q?: string;
  /** Points of the series, 1 to 400; rounded up to whole hours (or minutes, on ranges under a day). Default 60. */
  buckets?: number;
  /** Groups given, largest cost first, then count; the rest is summed into `other`. Default 10. */
  top?: number;
}

export interface Percentiles {
  p50: number;
  p95: number;
  p99: number;
}

export interface MetricValues {
  /** Traces that began. */
  traces: number;
  /** All observations, and those of type generation or embedding. */
  observations: number;
  generations: number;
  errors: number;
  /** US dollars; `null` when nothing had a price. */
  cost: number | null;
  /** True when some usage had no price. */
  costIncomplete: boolean;
  /** Tokens by disjoint bucket, `total` included; the 100 largest. */
  usage: Record<string, number>;
  /** How many buckets there are, whatever `usage` has of them. */
  usageBucketCount: number;
  /** Milliseconds; `null` when there is nothing to measure. */
  traceLatency: Percentiles | null;
  /** Of generations. */
  latency: Percentiles | null;
  firstToken: Percentiles | null;
  /**
   * Mean of numeric and boolean scores by name, in `total` alone: those that were given most, at most 100 names and 32 768 characters of
   * them. `GET /api/public/v2/metrics` has all.
   */
  scores: Record<string, { count: number; mean: number }>;
  /** How many names there are, whatever `scores` has of them. */
  scoreNameCount: number;
}

export interface MetricsResponse {
  from: number;
  to: number;
  bucketMs: number;
  total: MetricValues;
  /** Oldest first; every point of the range, empty ones too. */
  series: { time: number; values: MetricValues }[];
  /** Only with `by`. */
  groups: {
    value: string;
    values: MetricValues;
    series: { time: number; cost: number | null; count: number; tokens: number }[];
  }[];
  /** What did not make it into `groups`. */
  other: MetricValues | null;
}
