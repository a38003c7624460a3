import { children, endOf, type TraceModel } from "./model.ts";

type CriticalPath = Pick<TraceModel, "criticalAt" | "criticalFrom" | "criticalTo">;

/**
 * What the trace waited for. From the end backwards: an observation waits for the child that ended last, from that child's start for
 * the one that ended last before it, and so on; what is between them is its own time. Siblings that ran beside the awaited one are
 * not on the path. (The same rule as Jaeger's.)
 */
export function criticalPath(model: TraceModel, nowOffsetMs: number): CriticalPath {
  const segments: { index: number; from: number; to: number }[] = [];
  const pending: { index: number; since: number; until: number }[] = [];
  // Of several roots the first is the request; what is detached from it cannot be known to have been waited for.
  const root = model.order[0];
  if (root !== undefined) pending.push({ index: root, since: 0, until: endOf(model, root, nowOffsetMs) });
  for (let work = pending.pop(); work !== undefined; work = pending.pop()) {
    const { index } = work;
    // Clocks differ: what a child did before its parent began is nothing the parent waited for.
    const start = Math.max(work.since, model.starts[index] ?? 0);
    let cursor = Math.min(work.until, endOf(model, index, nowOffsetMs));
    const awaited = children(model, index)
      .map((child) => ({ child, start: model.starts[child] ?? 0, end: endOf(model, child, nowOffsetMs) }))
      .toSorted((a, b) => b.end - a.end || b.start - a.start);
    let isFirst = true;
    for (const { child, start: childStart, end } of awaited) {
      // Only the last one may reach beyond: nobody waited for those that ran on beside it.
      if (childStart >= cursor || (!isFirst && end > cursor) || end <= start || cursor <= start) continue;
      const until = Math.min(end, cursor);
      if (until < cursor) segments.push({ index, from: until, to: cursor });
      pending.push({ index: child, since: start, until });
      cursor = Math.max(start, childStart);
      isFirst = false;
    }
    if (cursor > start) segments.push({ index, from: start, to: cursor });
  }
  segments.sort((a, b) => a.index - b.index || a.from - b.from);
  const criticalAt = new Int32Array(model.count + 1);
  for (const { index } of segments) criticalAt[index + 1] = (criticalAt[index + 1] ?? 0) + 1;
  for (let index = 0; index < model.count; index++) {
    criticalAt[index + 1] = (criticalAt[index + 1] ?? 0) + (criticalAt[index] ?? 0);
  }
  return {
    criticalAt,
    criticalFrom: Float64Array.from(segments, ({ from }) => from),
    criticalTo: Float64Array.from(segments, ({ to }) => to),
  };
}

export interface Segment {
  from: number;
  to: number;
}

export function criticalSegments(model: TraceModel, index: number): Segment[] {
  const found: Segment[] = [];
  for (let at = model.criticalAt[index] ?? 0; at < (model.criticalAt[index + 1] ?? 0); at++) {
    found.push({ from: model.criticalFrom[at] ?? 0, to: model.criticalTo[at] ?? 0 });
  }
  return found;
}

export function isCritical(model: TraceModel, index: number): boolean {
  return (model.criticalAt[index] ?? 0) < (model.criticalAt[index + 1] ?? 0);
}
