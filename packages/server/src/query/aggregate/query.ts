import type { QueryNode } from "../language/ast.ts";

export const SCORE_VIEWS = ["scores-numeric", "scores-boolean", "scores-categorical"] as const;
export const VIEWS = ["traces", "observations", ...SCORE_VIEWS] as const;
export type View = (typeof VIEWS)[number];
export type ScoreView = (typeof SCORE_VIEWS)[number];

export const AGGREGATIONS = [
  "sum",
  "avg",
  "count",
  "max",
  "min",
  "p50",
  "p75",
  "p90",
  "p95",
  "p99",
  "histogram",
] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

export const GRANULARITIES = ["minute", "hour", "day", "week", "month"] as const;
export type Granularity = (typeof GRANULARITIES)[number];

/** A condition on a dimension of a score. */
export interface ScoreCondition {
  dimension: string;
  operator: string;
  /** A list for `any of`, `none of` and `all of`; nothing for `is null` and `is not null`. */
  value: string | number | boolean | readonly string[] | null;
}

/** Rows grouped and summed up: plain data, checked before it comes to a store. */
export interface AggregateQuery {
  view: View;
  /** Epoch milliseconds, half-open. */
  from: number;
  to: number;
  /** Names of `dimensionsOf(view)`. */
  dimensions: readonly string[];
  /** Measures are names of `measuresOf(view)`. */
  metrics: readonly { measure: string; aggregation: Aggregation }[];
  granularity: Granularity | null;
  /** Of traces or observations. */
  filter: QueryNode | null;
  /** Of scores; they hold together. */
  conditions: readonly ScoreCondition[];
  /** Dimensions, names of metrics (`sum_totalCost`) and `time_dimension`; without any, by time, else by the first metric downwards. */
  orderBy: readonly { field: string; descending: boolean }[];
  /** Of histograms. */
  bins: number;
  /** Rows given at most. */
  limit: number;
}

/** One row: dimensions by name, metrics as `aggregation_measure`, and `time_dimension`. */
export type AggregateRow = Record<string, unknown>;

export function isScoreView(view: View): view is ScoreView {
  return view !== "traces" && view !== "observations";
}

export const TIME_FIELD = "time_dimension";

export function metricName({ measure, aggregation }: AggregateQuery["metrics"][number]): string {
  return `${aggregation}_${measure}`;
}
