import type { ObservationSummary, TraceDetail } from "../api/types.ts";
import { countTokens } from "../query/totals.ts";
import { clean, cut, formatCost, formatDuration, formatTokens, markOf, traceUrl } from "./format.ts";

export interface TreeRow {
  observation: ObservationSummary;
  depth: number;
  /** The lines that lead to it: `│  ├─ `. */
  branch: string;
}

/** Levels that are drawn. What lies deeper says how deep, or the lines that lead to it would be longer than what they lead to. */
const MAX_DRAWN_DEPTH = 40;

interface Step {
  observation: ObservationSummary;
  depth: number;
  /** What stands in front of the row, and of the rows below it. */
  mark: string;
  lead: string;
}

/** Rows in the order of the tree. What names a parent that is not there, or is in a cycle of parents, is a root. */
export function layOut(observations: readonly ObservationSummary[]): TreeRow[] {
  const known = new Set(observations.map(({ id }) => id));
  const roots: ObservationSummary[] = [];
  const children = new Map<string, ObservationSummary[]>();
  for (const observation of observations) {
    const { id, parentId } = observation;
    const siblings = parentId === null || parentId === id || !known.has(parentId) ? roots : children.get(parentId);
    if (siblings !== undefined) siblings.push(observation);
    else children.set(parentId ?? "", [observation]);
  }
  const rows: TreeRow[] = [];
  const seen = new Set<string>();
  // Not by recursion: a chain may be longer than the stack is deep.
  const visit = (root: ObservationSummary): void => {
    const waiting: Step[] = [{ observation: root, depth: 0, mark: "", lead: "" }];
    for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
      const { observation, depth, mark, lead } = step;
      if (seen.has(observation.id)) continue;
      seen.add(observation.id);
      rows.push({ observation, depth, branch: mark });
      const own = children.get(observation.id) ?? [];
      for (const [index, child] of own.toReversed().entries()) {
        const isLast = index === 0;
        const isDrawn = depth < MAX_DRAWN_DEPTH;
        const below = isDrawn ? lead + (isLast ? "   " : "│  ") : lead;
        const depthText = isDrawn ? "" : `${depth + 1} `;
        waiting.push({
          observation: child,
          depth: depth + 1,
          mark: `${lead}${depthText}${isLast ? "└─ " : "├─ "}`,
          lead: below,
        });
      }
    }
  };
  for (const root of roots) visit(root);
  // Those in cycles.
  for (const observation of observations) if (!seen.has(observation.id)) visit(observation);
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
    `  ${traceUrl(url, trace.traceId)}`,
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
