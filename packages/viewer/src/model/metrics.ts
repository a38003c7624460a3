import type { ChartData, ChartSeries } from "../charts/chart-data.ts";
import type { MetricDimension, MetricsResponse, MetricValues, Percentiles } from "../api/types.ts";
import { bucketLabel, bucketRank } from "./usage.ts";
import { clauseText, toggleValue } from "../query/clauses.ts";

/** What the dashboard can be broken down by, in the order of the choice. */
export const DIMENSIONS: readonly { id: MetricDimension; label: string; plural: string }[] = [
  { id: "model", label: "Model", plural: "models" },
  { id: "name", label: "Name", plural: "names" },
  { id: "user", label: "User", plural: "users" },
  { id: "environment", label: "Environment", plural: "environments" },
  { id: "traceName", label: "Trace", plural: "traces" },
  { id: "type", label: "Type", plural: "types" },
  { id: "provider", label: "Provider", plural: "providers" },
  { id: "release", label: "Release", plural: "releases" },
  { id: "session", label: "Session", plural: "sessions" },
];

export function parseDimension(text: string | null): MetricDimension {
  return DIMENSIONS.find(({ id }) => id === text)?.id ?? "model";
}

/** Apart from each other in both themes; after the last one they begin anew, with a dash. */
const PALETTE = ["agent", "generation", "tool", "retriever", "evaluator", "embedding", "guardrail", "chain"] as const;

export function seriesColor(index: number): string {
  return `var(--kind-${PALETTE[index % PALETTE.length] ?? "span"})`;
}

const REST_COLOR = "var(--kind-event)";

/** The query for what one group is about; `null` for what has no value, which the language cannot ask for by name. */
export function groupQuery(q: string, by: MetricDimension, value: string): string | null {
  if (value === "") return null;
  const clause = clauseText(by, [value]);
  return q.includes(clause) ? q : toggleValue(q, by, value);
}

/** What a group is called where its value is empty. */
export function groupLabel(by: MetricDimension, value: string): string {
  return value === "" ? `no ${DIMENSIONS.find(({ id }) => id === by)?.label.toLowerCase() ?? by}` : value;
}

type Series = MetricsResponse["series"];

export function over(series: Series, list: readonly Omit<ChartSeries, "values">[], pick: ValuePick): ChartData {
  return {
    times: series.map(({ time }) => time),
    series: list.map((entry, index) => ({ ...entry, values: series.map(({ values }) => pick(values, index)) })),
  };
}

type ValuePick = (values: MetricValues, index: number) => number | null;

/** Cost by group, the rest on top. Where nothing is grouped, the total alone. */
export function costChart({ series, groups }: MetricsResponse, by: MetricDimension): ChartData {
  const times = series.map(({ time }) => time);
  if (groups.length === 0) return over(series, [{ label: "cost", color: seriesColor(0) }], (values) => values.cost);
  const parts = groups
    .filter(({ values }) => values.cost !== null && values.cost > 0)
    .map((group, index) => {
      const byTime = new Map(group.series.map((point) => [point.time, point.cost]));
      return {
        label: groupLabel(by, group.value),
        color: seriesColor(index),
        values: times.map((time) => byTime.get(time) ?? null),
      };
    });
  const rest = series.map(({ values }, index) => {
    const named = parts.reduce((sum, part) => sum + (part.values[index] ?? 0), 0);
    // What is left after rounding is nothing.
    const left = (values.cost ?? 0) - named;
    return left > 1e-9 ? left : null;
  });
  const hasRest = rest.some((value) => value !== null);
  return { times, series: hasRest ? [...parts, { label: "other", color: REST_COLOR, values: rest }] : parts };
}

/** Tokens by bucket, inputs first. */
export function tokenChart({ series, total }: MetricsResponse): ChartData {
  const buckets = Object.keys(total.usage)
    .filter((bucket) => bucket !== "total" && (total.usage[bucket] ?? 0) > 0)
    .toSorted((a, b) => bucketRank(a) - bucketRank(b) || a.localeCompare(b));
  // A sender that counts only a total.
  const shown = buckets.length === 0 && (total.usage["total"] ?? 0) > 0 ? ["total"] : buckets;
  return over(
    series,
    shown.map((bucket, index) => ({ label: bucketLabel(bucket), color: seriesColor(index) })),
    (values, index) => values.usage[shown[index] ?? ""] ?? null,
  );
}

export function volumeChart({ series }: MetricsResponse): ChartData {
  const list = [
    { label: "model calls", color: seriesColor(1) },
    { label: "other observations", color: "var(--kind-chain)" },
  ];
  return over(series, list, (values, index) =>
    index === 0 ? values.generations : Math.max(0, values.observations - values.generations),
  );
}

export function errorChart({ series }: MetricsResponse): ChartData {
  return over(series, [{ label: "errors", color: "var(--error)" }], (values) => values.errors);
}

export function percentileChart(
  { series }: MetricsResponse,
  pick: (values: MetricValues) => Percentiles | null,
): ChartData {
  const list = [
    { label: "p50", color: "var(--kind-retriever)", dash: [2, 3] },
    { label: "p95", color: "var(--kind-agent)" },
    { label: "p99", color: "var(--kind-tool)", dash: [6, 3] },
  ];
  const keys = ["p50", "p95", "p99"] as const;
  return over(series, list, (values, index) => pick(values)?.[keys[index] ?? "p50"] ?? null);
}

/** All tokens. Senders that count buckets do not always add a total, and some give a total alone. */
export function allTokens(usage: Readonly<Record<string, number>>): number {
  const buckets = Object.entries(usage).reduce((sum, [name, tokens]) => (name === "total" ? sum : sum + tokens), 0);
  return Math.max(buckets, usage["total"] ?? 0);
}

/** Errors among all observations; `null` where there are none. */
export function errorRate({ errors, observations }: MetricValues): number | null {
  return observations === 0 ? null : errors / observations;
}

/** 0 % · 0.4 % · 12 % */
export function formatShare(share: number | null): string {
  if (share === null) return "–";
  const percent = share * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.1) return "<0.1 %";
  return `${percent < 9.95 ? percent.toFixed(1).replace(/\.0$/, "") : Math.round(percent)} %`;
}

/** Each group's part of the largest one, 0 to 1: by cost where there is any, else by count. */
export function groupShares(groups: MetricsResponse["groups"]): number[] {
  const costs = groups.map(({ values }) => values.cost ?? 0);
  const sizes = costs.some((cost) => cost > 0) ? costs : groups.map(({ values }) => values.observations);
  const most = Math.max(...sizes, 0);
  return sizes.map((size) => (most === 0 ? 0 : size / most));
}
