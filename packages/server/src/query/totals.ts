import type { ObservationType, Totals } from "../api/types.ts";
import type { ObservationRow } from "../model/observation.ts";

type UsageRow = Pick<ObservationRow, "id" | "parentId" | "type" | "usage" | "cost" | "usageAggregate">;

/** The usage of what is no model call itself is a sum over the model calls below it, or the only report of them. */
export function mayRepeatDescendants(type: ObservationType): boolean {
  return type !== "generation" && type !== "embedding";
}

/**
 * Sums usage and cost over the rows of one trace. Left out: rows marked as aggregate, and the numbers of what is no model call itself
 * where a descendant reports its own. Frameworks repeat the sum of the model calls on the span of an agent, a step or an outer call.
 */
export function computeTotals(rows: readonly UsageRow[]): Totals {
  const reportedBelow = findReportedBelow(rows);
  const totals: Totals = {
    totalTokens: null,
    inputTokens: null,
    outputTokens: null,
    cost: null,
    costIncomplete: false,
  };
  for (const row of rows) {
    if (!countsUsage(row, reportedBelow)) continue;
    const tokens = row.usage === null ? null : countTokens(row.usage);
    if (tokens !== null) {
      totals.totalTokens = (totals.totalTokens ?? 0) + tokens.total;
      totals.inputTokens = (totals.inputTokens ?? 0) + tokens.input;
      totals.outputTokens = (totals.outputTokens ?? 0) + tokens.output;
    }
    const cost = row.cost?.["total"];
    if (cost !== undefined) totals.cost = (totals.cost ?? 0) + cost;
    else if (tokens !== null && tokens.total > 0) totals.costIncomplete = true;
  }
  return totals;
}

/** Ids of the rows, of one trace, below which usage is reported. */
export function findReportedBelow(rows: readonly UsageRow[]): ReadonlySet<string> {
  const parentOf = new Map<string, string | null>();
  for (const row of rows) parentOf.set(row.id, row.parentId);
  const reportedBelow = new Set<string>();
  for (const row of rows) {
    if (!reports(row)) continue;
    // Stopping at a marked ancestor keeps this linear, and ends on a cycle of parents too.
    for (let id = row.parentId; id !== null && !reportedBelow.has(id); id = parentOf.get(id) ?? null) {
      reportedBelow.add(id);
    }
  }
  return reportedBelow;
}

/** Whether sums, of a trace and of metrics alike, add what the row reports. */
export function countsUsage(row: UsageRow, reportedBelow: ReadonlySet<string>): boolean {
  return reports(row) && !(mayRepeatDescendants(row.type) && reportedBelow.has(row.id));
}

function reports(row: UsageRow): boolean {
  return !row.usageAggregate && (row.usage !== null || row.cost !== null);
}

/** Buckets are disjoint, so a sum over a side's buckets is that side's count. `total` is the provider's where it gave one. */
export function countTokens(usage: Record<string, number>): { input: number; output: number; total: number } {
  let input = 0;
  let output = 0;
  let other = 0;
  for (const [bucket, count] of Object.entries(usage)) {
    if (bucket === "total") continue;
    const side = sideOfBucket(bucket);
    if (side === "input") input += count;
    else if (side === "output") output += count;
    else if (!NO_TOKENS.test(bucket)) other += count;
  }
  return { input, output, total: usage["total"] ?? input + output + other };
}

/** Buckets that count something else than tokens; they have a price and are in no sum of tokens. */
const NO_TOKENS = /seconds|web_search|_requests$|characters/;

/** Bucket names differ by SDK; Anthropic's `cache_read_input_tokens` has no `input` at its head. */
export function sideOfBucket(bucket: string): "input" | "output" | null {
  if (NO_TOKENS.test(bucket)) return null;
  if (/^(input|cache_|cached_|prompt|ephemeral_)/.test(bucket)) return "input";
  if (bucket.startsWith("output") || bucket.startsWith("completion") || bucket.startsWith("reasoning")) return "output";
  return null;
}
