import type { WholeObservation } from "../../store/whole-rows.ts";
import { countTokens } from "../totals.ts";
import { csvCell, csvRow } from "./csv.ts";

/** One observation a line, payloads as the JSON they are: large integers stay exact. */
export function toJsonLine({ row, trace }: WholeObservation): string {
  const { payload, fieldOrders: _, rank: __, inputPreview: ___, outputPreview: ____, ...small } = row;
  const shared = {
    traceName: trace.name,
    userId: trace.userId,
    sessionId: trace.sessionId,
    tags: trace.tags,
    environment: trace.environment,
  };
  const texts = Object.entries(payload).map(([name, text]: [string, string | null]) => `,"${name}":${text ?? "null"}`);
  return `${JSON.stringify({ ...small, ...shared }).slice(0, -1)}${texts.join("")}}\n`;
}

const CSV_COLUMNS: readonly [name: string, read: (whole: WholeObservation) => string | number | null][] = [
  ["traceId", ({ row }) => row.traceId],
  ["id", ({ row }) => row.id],
  ["parentId", ({ row }) => row.parentId],
  ["type", ({ row }) => row.type],
  ["name", ({ row }) => row.name],
  ["startTime", ({ row }) => new Date(row.startTime).toISOString()],
  ["endTime", ({ row }) => (row.endTime === null ? null : new Date(row.endTime).toISOString())],
  ["durationMs", ({ row }) => (row.endTime === null ? null : row.endTime - row.startTime)],
  ["level", ({ row }) => row.level],
  ["status", ({ row }) => row.status],
  ["statusMessage", ({ row }) => row.statusMessage],
  ["model", ({ row }) => row.model],
  ["provider", ({ row }) => row.provider],
  ["inputTokens", ({ row }) => (row.usage === null ? null : countTokens(row.usage).input)],
  ["outputTokens", ({ row }) => (row.usage === null ? null : countTokens(row.usage).output)],
  ["totalTokens", ({ row }) => (row.usage === null ? null : countTokens(row.usage).total)],
  ["costUsd", ({ row }) => row.cost?.["total"] ?? null],
  ["traceName", ({ trace }) => trace.name],
  ["userId", ({ trace }) => trace.userId],
  ["sessionId", ({ trace }) => trace.sessionId],
  ["tags", ({ trace }) => trace.tags.join(",")],
  ["environment", ({ trace }) => trace.environment],
  ["input", ({ row }) => row.payload.input],
  ["output", ({ row }) => row.payload.output],
  ["metadata", ({ row }) => row.payload.metadata],
];

export const CSV_HEAD: string = csvRow(CSV_COLUMNS.map(([name]) => name));

export function toCsvLine(whole: WholeObservation): string {
  return csvRow(CSV_COLUMNS.map(([, read]) => csvCell(read(whole))));
}
