import type { ObservationSummary, TraceDetail } from "../api/types.ts";
import { countTokens } from "../query/totals.ts";
import { clean, cut, formatCost, formatDuration, formatTokens, markOf } from "./format.ts";

export interface TreeRow {
  observation: ObservationSummary;
  depth: number;
  /** The lines that lead to it: `│  ├─ `. */
  branch: string;
}

/** Rows in the order of the tree. What names a parent that is not there, or is in a cycle of parents, is a root. */
export function layOut(observations: readonly ObservationSummary[]): TreeRow[] {
  const children = new Map<string | null, ObservationSummary[]>();
  const known = new Set(observations.map(({ id }) => id));
  for (const observation of observations) {
    const { parentId } = observation;
    const key = parentId !== null && known.has(parentId) && parentId !== observation.id ? parentId : null;
    children.set(key, [...(children.get(key) ?? []), observation]);
  }
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  const visit = (observation: ObservationSummary, depth: number, lead: string, mark: string, below: string): void => {
    if (seen.has(observation.id)) return;
    seen.add(observation.id);
    rows.push({ observation, depth, branch: lead + mark });
    const own = children.get(observation.id) ?? [];
    for (const [index, child] of own.entries()) {
      const isLast = index === own.length - 1;
      visit(child, depth + 1, lead + below, isLast ? "└─ " : "├─ ", isLast ? "   " : "│  ");
    }
  };
  for (const root of children.get(null) ?? []) visit(root, 0, "", "", "");
  for (const observation of observations) visit(observation, 0, "", "", "");
  return rows;
}

/** The trace as text for a terminal. */
export function formatTree({ trace, observations, scores }: TraceDetail, url: string): string {
  const facts = [
    formatDuration(trace.durationMs),
    `${trace.observationCount} observations`,
    ...(trace.totalTokens === null ? [] : [`${formatTokens(trace.totalTokens)} tokens`]),
    ...(trace.totalTokens === null ? [] : [formatCost(trace.cost, trace.costIncomplete)]),
    ...(trace.errorCount > 0 ? [`${trace.errorCount} errors`] : []),
    ...(trace.userId === null ? [] : [`user ${clean(trace.userId)}`]),
    ...(trace.sessionId === null ? [] : [`session ${clean(trace.sessionId)}`]),
  ];
  const lines = [
    `${markOf(trace.status)} ${clean(trace.name)}  ${new Date(trace.startTime).toISOString()}`,
    `  ${facts.join("  ")}`,
    `  ${url}/t/${trace.traceId}`,
    "",
    ...layOut(observations).map(({ observation, branch }) => `${branch}${describe(observation)}`),
    ...(scores.length === 0
      ? []
      : [
          "",
          ...scores.map(({ name, value, stringValue }) => `  ${clean(name)}: ${clean(stringValue ?? String(value))}`),
        ]),
  ];
  return `${lines.join("\n")}\n`;
}

export function describe(observation: ObservationSummary): string {
  const { status, type, name, model, usage, cost, statusMessage } = observation;
  const duration = observation.endTime === null ? null : observation.endTime - observation.startTime;
  const tokens = usage === null ? null : countTokens(usage);
  const parts = [
    `${markOf(status)} ${clean(name)}`,
    ...(type === "span" ? [] : [type]),
    formatDuration(duration),
    ...(model === null ? [] : [clean(model)]),
    ...(tokens === null ? [] : [`${formatTokens(tokens.input)}→${formatTokens(tokens.output)}`]),
    ...(tokens === null ? [] : [formatCost(cost?.["total"] ?? null)]),
    ...(statusMessage === null ? [] : [cut(clean(statusMessage), 120)]),
  ];
  return parts.join("  ");
}
