import type { ObservationStatus, TraceSummary } from "../api/types.ts";

const MARKS: Readonly<Record<ObservationStatus, string>> = {
  running: "…",
  ok: "✓",
  error: "✗",
  cancelled: "⊘",
  interrupted: "‖",
  incomplete: "?",
};

/** Control characters of a trace must not reach the terminal, which obeys them. */
export function clean(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is to be replaced
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
}

/** The same of a text of several lines. */
export function cleanLines(text: string): string {
  // oxlint-disable-next-line no-control-regex -- as above
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]+/g, " ");
}

/** The short address of a trace; its id may be any text. */
export function traceUrl(url: string, traceId: string): string {
  return `${url}/t/${encodeURIComponent(traceId)}`;
}

export function cut(text: string, maxChars: number): string {
  const characters = Array.from(text);
  return characters.length <= maxChars ? text : `${characters.slice(0, maxChars - 1).join("")}…`;
}

export function formatDuration(ms: number | null): string {
  if (ms === null) return "running";
  if (ms < 1) return `${ms.toFixed(2)}ms`;
  if (ms < 1000) return `${Math.round(ms)}ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)}s`;
  const minutes = Math.floor(ms / 60_000);
  return `${minutes}m${String(Math.round((ms % 60_000) / 1000)).padStart(2, "0")}s`;
}

/** No price is shown as such and never as 0. */
export function formatCost(cost: number | null, isIncomplete = false): string {
  if (cost === null) return "no price";
  return `${isIncomplete ? "≥" : ""}$${writeAmount(cost)}`;
}

function writeAmount(amount: number): string {
  if (Math.abs(amount) >= 1e15 || (amount > 0 && amount < 1e-12)) return amount.toExponential(1);
  // Two digits that say something, of what is less than a cent.
  return amount > 0 && amount < 0.01
    ? amount.toFixed(Math.ceil(-Math.log10(amount)) + 1)
    : amount.toFixed(amount < 1 ? 4 : 2);
}

export function formatTokens(count: number | null): string {
  return count === null ? "-" : count.toLocaleString("en");
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ""}`;
}

export function markOf(status: ObservationStatus): string {
  return MARKS[status];
}

/** `14:03:12 ✓ answer  1.20s  1,204 tokens  $0.0012  gpt-4o  http://…` */
export function formatTraceLine(trace: TraceSummary, url: string): string {
  const time = new Date(trace.startTime).toTimeString().slice(0, 8);
  const usage = trace.totalTokens === null ? [] : [`${formatTokens(trace.totalTokens)} tokens`];
  const cost = trace.totalTokens === null ? [] : [formatCost(trace.cost, trace.costIncomplete)];
  const errors = trace.errorCount > 0 ? [`${trace.errorCount} error${trace.errorCount > 1 ? "s" : ""}`] : [];
  const parts = [formatDuration(trace.durationMs), ...usage, ...cost, ...errors, ...trace.models.map(clean)];
  return `${time} ${markOf(trace.status)} ${cut(clean(trace.name), 40)}  ${parts.join("  ")}  ${traceUrl(url, trace.traceId)}`;
}

/** Columns as wide as their widest cell; the last one as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + " ".repeat((widths[column] ?? 0) - widthOf(cell)),
        )
        .join("  ")
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join("");
}

/** In characters: a name may hold some that take two units. */
function widthOf(text: string): number {
  return Array.from(text).length;
}
