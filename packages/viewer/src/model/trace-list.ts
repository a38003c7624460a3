import type { TraceSummary } from "../api/types.ts";

/** What is loaded: `shown` in order, and `waiting`, new traces held back so that nothing moves under the reader's eyes. */
export interface TraceListState {
  shown: readonly TraceSummary[];
  waiting: readonly TraceSummary[];
}

/** Known traces change in place. New ones that are newer than all shown ones wait when `hold` is set; others are sorted in. */
export function mergeTraces(state: TraceListState, incoming: readonly TraceSummary[], hold: boolean): TraceListState {
  const updates = new Map(incoming.map((trace) => [trace.traceId, trace]));
  const replace = (trace: TraceSummary): TraceSummary => {
    const update = updates.get(trace.traceId);
    updates.delete(trace.traceId);
    return update ?? trace;
  };
  const shown = state.shown.map(replace);
  const waiting = state.waiting.map(replace);
  const fresh = [...updates.values()];
  return hold
    ? { shown, waiting: sortNewestFirst([...waiting, ...fresh]) }
    : { shown: sortNewestFirst([...shown, ...waiting, ...fresh]), waiting: [] };
}

export function releaseWaiting(state: TraceListState): TraceListState {
  return state.waiting.length === 0
    ? state
    : { shown: sortNewestFirst([...state.shown, ...state.waiting]), waiting: [] };
}

function sortNewestFirst(traces: readonly TraceSummary[]): TraceSummary[] {
  return traces.toSorted((a, b) => b.startTime - a.startTime || (a.traceId < b.traceId ? 1 : -1));
}

/** Case-insensitive, over name, ids, user, session, tags, models and previews; every word has to occur. */
export function filterTraces(traces: readonly TraceSummary[], text: string): readonly TraceSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return traces;
  return traces.filter((trace) => {
    const haystack = [
      trace.name,
      trace.traceId,
      trace.userId,
      trace.sessionId,
      trace.environment,
      trace.status,
      trace.inputPreview,
      ...trace.tags,
      ...trace.models,
    ]
      .join("\n")
      .toLowerCase();
    return words.every((word) => haystack.includes(word));
  });
}

/** The slowest finished trace, against which the duration bars are drawn. */
export function slowestMs(traces: readonly TraceSummary[]): number {
  return traces.reduce((max, trace) => Math.max(max, trace.durationMs ?? 0), 0);
}
