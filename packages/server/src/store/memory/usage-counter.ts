import type { StoredObservation } from "../../model/observation.ts";
import type { TraceView } from "../../query/language/evaluate.ts";
import { countsUsage, findReportedBelow } from "../../query/totals.ts";

/** Whether metrics add a row's usage; what is found out of a trace is kept for its other rows. */
export function usageCounter(): (row: StoredObservation, trace: TraceView) => boolean {
  const known = new Map<TraceView, ReadonlySet<string>>();
  return (row, trace) => {
    let reportedBelow = known.get(trace);
    if (reportedBelow === undefined) known.set(trace, (reportedBelow = findReportedBelow(trace.rows)));
    return countsUsage(row, reportedBelow);
  };
}
