import type { ObservationRow } from "../../model/observation.ts";

type Reporting = Pick<ObservationRow, "type" | "usage" | "cost" | "usageAggregate">;

/** What calls report; an agent's or chain's own numbers repeat it. */
export function isLeafReport(row: Reporting): boolean {
  return (
    row.type !== "agent" && row.type !== "chain" && !row.usageAggregate && (row.usage !== null || row.cost !== null)
  );
}

/**
 * Whether metrics add the row's usage: not an aggregate's, nor an agent's or chain's in a trace in which calls report their own. (A trace's
 * own totals look at descendants, which a sum over hours cannot.)
 */
export function countsUsage(row: Reporting, trace: readonly Reporting[]): boolean {
  if (row.usageAggregate) return false;
  if (row.type !== "agent" && row.type !== "chain") return true;
  return !trace.some(isLeafReport);
}
