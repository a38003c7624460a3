import type { FindResponse, Page, SessionDetail, SessionSummary, UserSummary } from "../api/lists.ts";
import type { MetricsResponse } from "../api/metrics.ts";
import type { MetricOptions } from "../query/metrics/report.ts";
import type { TextPattern } from "../search/text.ts";
import type { Selection } from "./observations.ts";

export interface GroupOptions extends Selection {
  limit: number;
  cursor?: string | undefined;
}

export interface GroupReads {
  /** Sessions with a trace that is selected, by the start of the newest such trace, newest first. What they sum up is all they have. */
  listSessions(projectId: string, options: GroupOptions): Promise<Page<SessionSummary>>;
  /** Its {@link MAX_SESSION_TRACES} oldest traces, with the input and output of their roots, in whole while there is room; `null` when there is none. */
  getSession(projectId: string, sessionId: string): Promise<SessionDetail | null>;
  /** As {@link listSessions}. */
  listUsers(projectId: string, options: GroupOptions): Promise<Page<UserSummary>>;
  /** The tree in columns, as the bytes of its JSON: a large one is not copied object by object. `null` when nothing is known of the trace. */
  readSkeleton(projectId: string, traceId: string): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * Observations of a trace whose name, input or output has the words, by start; at most {@link MAX_FOUND}, and none without words. `null` when
   * there is no such trace.
   */
  findInTrace(projectId: string, traceId: string, pattern: TextPattern | null): Promise<FindResponse | null>;
  /** Without a filter, and in steps of hours, from sums that are kept as rows are written. */
  readMetrics(
    projectId: string,
    options: MetricOptions,
    selection: Pick<Selection, "filter">,
  ): Promise<MetricsResponse>;
}

export const MAX_SESSION_TRACES = 500;
export const MAX_FOUND = 10_000;
export const NOTHING_FOUND: FindResponse = { ids: [], truncated: false };
