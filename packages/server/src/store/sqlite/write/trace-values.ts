import type { SummedRow } from "../prepare/summed-row.ts";

/** Of the dimensions that sums are kept by, those that a row has from its trace. */
export const TRACE_DIMENSIONS = ["environment", "release", "traceName"] as const;

/** Under what a trace's rows are in the sums: what `trace_summaries` says of it, which is written in the same transaction. */
export type TraceValues = Record<(typeof TRACE_DIMENSIONS)[number], string>;

/** Under what those are that have no value. A trace has a name in any case: its root's. */
export const NO_VALUE: TraceValues = { environment: "default", release: "", traceName: "" };

/** Of a row in `trace_summaries`. */
export interface SummaryValues {
  name: string;
  environment: string;
  release: string | null;
  /** 0 in files of earlier versions, for a trace that nothing came for since: each of its rows is in the sums under {@link ownValues}. */
  summed_as_trace: number;
}

export const SUMMARY_VALUES = "name, environment, release, summed_as_trace";

export function valuesOfSummary(trace: {
  name: string;
  environment: string | null;
  release: string | null;
}): TraceValues {
  return {
    environment: trace.environment ?? NO_VALUE.environment,
    release: trace.release ?? NO_VALUE.release,
    traceName: trace.name,
  };
}

/** What the row says itself. */
export function ownValues(row: Pick<SummedRow, keyof TraceValues>): TraceValues {
  return {
    environment: row.environment ?? NO_VALUE.environment,
    release: row.release ?? NO_VALUE.release,
    traceName: row.traceName ?? NO_VALUE.traceName,
  };
}
