import type { ObservationListRow } from "../api/lists.ts";
import type { TraceSummary } from "../api/types.ts";
import type { ObservationRow } from "../model/observation.ts";
import { toSummary } from "../query/summary.ts";
import { countTokens } from "../query/totals.ts";
import { takeTexts } from "./row-bounds.ts";

const text = (value: unknown): string | null => (typeof value === "string" ? value : null);
const measure = (value: unknown): number | null => (Number(value) < 0 ? null : Number(value));

/** From a row of a table of summaries, with its root's previews; missing measures are -1. */
export function toTraceSummary(row: Record<string, unknown>, scores: ScoresOfRow): TraceSummary {
  const tags = parseList(row["tags"]);
  const models = parseList(row["models"]);
  const { input_tokens: input, output_tokens: output, end_time: end } = row;
  return {
    traceId: String(row["trace_id"]),
    projectId: String(row["project_id"]),
    name: String(row["name"]),
    userId: text(row["user_id"]),
    sessionId: text(row["session_id"]),
    tags,
    tagCount: tags.length,
    environment: String(row["environment"]),
    release: text(row["release"]),
    startTime: Number(row["start_time"]),
    endTime: end === null || end === undefined ? null : Number(end),
    durationMs: measure(row["duration"]),
    status: row["status"] as TraceSummary["status"],
    observationCount: Number(row["observations"]),
    errorCount: Number(row["errors"]),
    models,
    modelCount: models.length,
    ...scores,
    inputPreview: text(row["input_preview"]),
    outputPreview: text(row["output_preview"]),
    totalTokens: measure(row["tokens"]),
    inputTokens: input === null || input === undefined ? null : Number(input),
    outputTokens: output === null || output === undefined ? null : Number(output),
    cost: measure(row["cost"]),
    costIncomplete: row["cost_incomplete"] === 1,
  };
}

export type ScoresOfRow = Pick<TraceSummary, "scores" | "scoreCount">;

/** What an observation's list row takes from its trace. */
export type TraceOfRow = Pick<TraceSummary, "name" | "userId" | "sessionId" | "tags" | "environment">;

export function toListRow(
  projectId: string,
  row: ObservationRow,
  trace: TraceOfRow,
  previews: { input: string | null; output: string | null },
  scores: ScoresOfRow,
): ObservationListRow {
  return {
    ...toSummary(row),
    projectId,
    traceName: trace.name,
    userId: trace.userId,
    sessionId: trace.sessionId,
    tags: takeTexts(trace.tags),
    tagCount: trace.tags.length,
    environment: trace.environment,
    inputPreview: previews.input,
    outputPreview: previews.output,
    durationMs: row.endTime === null ? null : row.endTime - row.startTime,
    totalTokens: row.usage === null ? null : countTokens(row.usage).total,
    totalCost: row.cost?.["total"] ?? null,
    ...scores,
  };
}

export function parseList(value: unknown): string[] {
  return typeof value === "string" ? (JSON.parse(value) as string[]) : [];
}
