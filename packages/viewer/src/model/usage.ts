import type { ObservationSummary } from "../api/types.ts";

/** Tokens and money of one observation, or of a subtree. `null` is "unknown". */
export interface Usage {
  inputTokens: number | null;
  outputTokens: number | null;
  totalTokens: number | null;
  cost: number | null;
  /** Something used tokens and has no price, so `cost` is a lower bound. */
  costIncomplete: boolean;
}

const NO_USAGE: Usage = {
  inputTokens: null,
  outputTokens: null,
  totalTokens: null,
  cost: null,
  costIncomplete: false,
};

/** Buckets are disjoint, so a side is the sum of all buckets whose name starts with it. */
export function ownUsage(observation: Pick<ObservationSummary, "usage" | "cost">): Usage {
  const { usage, cost } = observation;
  const money = cost === null ? null : (cost["total"] ?? sum(Object.values(cost)));
  if (usage === null) return { ...NO_USAGE, cost: money };
  let input: number | null = null;
  let output: number | null = null;
  let rest = 0;
  for (const [bucket, tokens] of Object.entries(usage)) {
    if (bucket === "total" || !Number.isFinite(tokens)) continue;
    if (bucket === "input" || bucket.startsWith("input_")) input = (input ?? 0) + tokens;
    else if (bucket === "output" || bucket.startsWith("output_")) output = (output ?? 0) + tokens;
    else rest += tokens;
  }
  const total = usage["total"] ?? (input ?? 0) + (output ?? 0) + rest;
  return {
    inputTokens: input,
    outputTokens: output,
    totalTokens: total,
    cost: money,
    costIncomplete: money === null && total > 0,
  };
}

export interface UsageRow {
  bucket: string;
  label: string;
  tokens: number | null;
  cost: number | null;
}

/** One row a bucket, the total last; buckets only priced or only counted keep their row. */
export function usageRows(observation: Pick<ObservationSummary, "usage" | "cost">): UsageRow[] {
  const usage = observation.usage ?? {};
  const cost = observation.cost ?? {};
  const buckets = [...new Set([...Object.keys(usage), ...Object.keys(cost)])].filter((bucket) => bucket !== "total");
  buckets.sort((a, b) => bucketRank(a) - bucketRank(b) || a.localeCompare(b));
  const rows = buckets.map((bucket) => row(bucket, usage[bucket], cost[bucket]));
  if (rows.length > 0 || usage["total"] !== undefined || cost["total"] !== undefined) {
    rows.push(row("total", usage["total"] ?? ownUsage(observation).totalTokens, cost["total"]));
  }
  return rows;
}

function row(bucket: string, tokens: number | null | undefined, cost: number | undefined): UsageRow {
  return { bucket, label: bucketLabel(bucket), tokens: tokens ?? null, cost: cost ?? null };
}

/** `input_cached_tokens` → "input · cached" */
export function bucketLabel(bucket: string): string {
  const [side = bucket, ...rest] = bucket.replace(/_tokens$/, "").split("_");
  return rest.length === 0 ? side : `${side} · ${rest.join(" ")}`;
}

export function bucketRank(bucket: string): number {
  if (bucket === "input") return 0;
  if (bucket.startsWith("input")) return 1;
  if (bucket === "output") return 2;
  return bucket.startsWith("output") ? 3 : 4;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
