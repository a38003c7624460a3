import type { ObservationSummary, Score, TraceDetail, TraceSummary } from "../api/types.ts";
import type { ObservationRow } from "../model/observation.ts";
import { boundScores } from "../store/row-bounds.ts";
import { computeTotals } from "./totals.ts";

type RowKey = Pick<ObservationRow, "id" | "startTime">;

/** By start time, then id: the order of the tree, and the one that makes "first" mean the same on every store. */
export function compareRows(a: RowKey, b: RowKey): number {
  return a.startTime - b.startTime || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/**
 * The row that speaks for its trace: the earliest without a parent, else one marked as the application's root, else the earliest
 * whose parent has not arrived, else (a cycle of parents) the earliest of all.
 */
export function findRoot(sortedRows: readonly ObservationRow[]): ObservationRow | undefined {
  const known = new Set(sortedRows.map((row) => row.id));
  return (
    sortedRows.find((row) => row.parentId === null) ??
    sortedRows.find((row) => row.isRoot) ??
    sortedRows.find((row) => row.parentId !== null && !known.has(row.parentId)) ??
    sortedRows[0]
  );
}

/** Sums up the rows of one trace, sorted by {@link compareRows}; at least one. @param scores oldest first. */
export function summarizeTrace(
  projectId: string,
  sortedRows: readonly ObservationRow[],
  scores: readonly Score[],
): TraceSummary {
  const root = findRoot(sortedRows);
  if (root === undefined) throw new Error("A trace has at least one row.");
  const startTime = sortedRows[0]?.startTime ?? root.startTime;
  let endTime: number | null = startTime;
  let errorCount = 0;
  const models = new Set<string>();
  for (const row of sortedRows) {
    if (row.endTime === null) endTime = null;
    else if (endTime !== null && row.endTime > endTime) endTime = row.endTime;
    if (row.level === "ERROR") errorCount += 1;
    if (row.model !== null) models.add(row.model);
  }
  const tags = traceField(root, sortedRows, "tags") ?? [];
  return {
    traceId: root.traceId,
    projectId,
    name: traceField(root, sortedRows, "traceName") ?? root.name,
    userId: traceField(root, sortedRows, "userId"),
    sessionId: traceField(root, sortedRows, "sessionId"),
    tags,
    tagCount: tags.length,
    environment: traceField(root, sortedRows, "environment") ?? "default",
    release: traceField(root, sortedRows, "release"),
    startTime,
    endTime,
    durationMs: endTime === null ? null : endTime - startTime,
    status: root.status,
    observationCount: sortedRows.length,
    errorCount,
    models: [...models],
    modelCount: models.size,
    ...boundScores(scores.toReversed(), scores.length),
    inputPreview: root.inputPreview,
    outputPreview: root.outputPreview,
    ...computeTotals(sortedRows),
  };
}

/** @param traceMetadata JSON text of the root's trace metadata. */
export function describeTrace(
  projectId: string,
  sortedRows: readonly ObservationRow[],
  scores: readonly Score[],
  traceMetadata: string | null,
): TraceDetail {
  const root = findRoot(sortedRows);
  return {
    trace: {
      ...summarizeTrace(projectId, sortedRows, scores),
      metadata: traceMetadata === null ? null : (JSON.parse(traceMetadata) as Record<string, unknown>),
      public: (root && traceField(root, sortedRows, "public")) ?? false,
      version: (root && traceField(root, sortedRows, "version")) ?? null,
    },
    observations: sortedRows.map(toSummary),
    scores: [...scores],
  };
}

type TraceField = "traceName" | "userId" | "sessionId" | "tags" | "environment" | "release" | "public" | "version";

/** The root's value; where it has none, the earliest row's that has one. */
function traceField<F extends TraceField>(
  root: ObservationRow,
  sortedRows: readonly ObservationRow[],
  field: F,
): ObservationRow[F] {
  if (root[field] !== null) return root[field];
  return sortedRows.find((row) => row[field] !== null)?.[field] ?? root[field];
}

export function toSummary(row: ObservationRow): ObservationSummary {
  return {
    id: row.id,
    traceId: row.traceId,
    parentId: row.parentId,
    type: row.type,
    name: row.name,
    startTime: row.startTime,
    endTime: row.endTime,
    completionStartTime: row.completionStartTime,
    level: row.level,
    status: row.status,
    statusMessage: row.statusMessage,
    model: row.model,
    provider: row.provider,
    usage: row.usage,
    cost: row.cost,
    costSource: row.costSource,
    usageAggregate: row.usageAggregate,
    hasInput: row.hasInput,
    hasOutput: row.hasOutput,
  };
}
