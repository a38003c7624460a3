import type { SessionSummary, UserSummary } from "../api/lists.ts";
import type { Totals, TraceSummary } from "../api/types.ts";
import { takeTexts } from "../store/row-bounds.ts";

/** @param traces oldest first; at least one. */
export function summarizeSession(sessionId: string, traces: readonly TraceSummary[]): SessionSummary {
  const first = traces[0];
  const last = traces.at(-1);
  const userIds = [...new Set(traces.flatMap((trace) => trace.userId ?? []))];
  const running = traces.some((trace) => trace.endTime === null);
  return {
    sessionId,
    projectId: first?.projectId ?? "",
    startTime: first?.startTime ?? 0,
    endTime: running ? null : Math.max(...traces.map((trace) => trace.endTime ?? 0)),
    traceCount: traces.length,
    errorCount: sum(traces, (trace) => trace.errorCount) ?? 0,
    userIds: takeTexts(userIds),
    userCount: userIds.length,
    environment: first?.environment ?? "default",
    inputPreview: first?.inputPreview ?? null,
    outputPreview: last?.outputPreview ?? null,
    ...sumTotals(traces),
  };
}

/** @param traces oldest first; at least one. */
export function summarizeUser(userId: string, traces: readonly TraceSummary[]): UserSummary {
  return {
    userId,
    projectId: traces[0]?.projectId ?? "",
    firstSeen: traces[0]?.startTime ?? 0,
    lastSeen: traces.at(-1)?.startTime ?? 0,
    traceCount: traces.length,
    sessionCount: new Set(traces.flatMap((trace) => trace.sessionId ?? [])).size,
    errorCount: sum(traces, (trace) => trace.errorCount) ?? 0,
    ...sumTotals(traces),
  };
}

function sumTotals(traces: readonly TraceSummary[]): Totals {
  return {
    totalTokens: sum(traces, (trace) => trace.totalTokens),
    inputTokens: sum(traces, (trace) => trace.inputTokens),
    outputTokens: sum(traces, (trace) => trace.outputTokens),
    cost: sum(traces, (trace) => trace.cost),
    costIncomplete: traces.some((trace) => trace.costIncomplete),
  };
}

/** `null` when no trace has the value. */
function sum(traces: readonly TraceSummary[], read: (trace: TraceSummary) => number | null): number | null {
  const values = traces.flatMap((trace) => read(trace) ?? []);
  return values.length === 0 ? null : values.reduce((total, value) => total + value, 0);
}
