import type { ObservationRow } from "../../model/observation.ts";
import { mayRepeatDescendants } from "../totals.ts";

type Reporting = Pick<ObservationRow, "type" | "usage" | "cost" | "usageAggregate">;

/** What a model call reports; the numbers of anything else may repeat it. */
function isCallReport(row: Reporting): boolean {
  return !mayRepeatDescendants(row.type) && !row.usageAggregate && (row.usage !== null || row.cost !== null);
}

/**
 * Whether metrics add the row's usage: not an aggregate's, nor that of what is no model call in a trace in which calls report their own.
 * (A trace's own totals look at descendants, which a sum over hours cannot.)
 */
export function countsUsage(row: Reporting, trace: readonly Reporting[]): boolean {
  if (row.usageAggregate) return false;
  return !mayRepeatDescendants(row.type) || !trace.some(isCallReport);
}
