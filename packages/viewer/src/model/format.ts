/** Numbers and times as text. Everything here is pure; `nowMs` and the locale's clock come from the caller. */

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 86_400_000;

/** `null` means unknown and is shown as a dash, never as 0. */
export const NONE = "–";

/** 0.4 ms · 38 ms · 1.24 s · 2m 05s · 1h 03m. Negative values (clock skew) count as 0. */
export function formatDuration(durationMs: number | null): string {
  if (durationMs === null || !Number.isFinite(durationMs)) return NONE;
  const ms = Math.max(0, durationMs);
  if (ms === 0) return "0 ms";
  if (ms < 0.95) return `${Math.max(0.1, ms).toFixed(1)} ms`;
  if (ms < 9.95) return `${trimZero(ms.toFixed(1))} ms`;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 9_995) return `${(ms / SECOND_MS).toFixed(2)} s`;
  if (ms < 59_950) return `${(ms / SECOND_MS).toFixed(1)} s`;
  if (ms < HOUR_MS - 500) {
    const seconds = Math.round(ms / SECOND_MS);
    return `${Math.floor(seconds / 60)}m ${pad2(seconds % 60)}s`;
  }
  const minutes = Math.round(ms / MINUTE_MS);
  return `${Math.floor(minutes / 60)}h ${pad2(minutes % 60)}m`;
}

/** A duration on the time axis, where steps are round: 2 s, not 2.00 s. */
export function formatTick(offsetMs: number): string {
  return offsetMs === 0
    ? "0"
    : formatDuration(offsetMs).replace(/\.(\d*?)0+ /, (_, kept: string) => (kept === "" ? " " : `.${kept} `));
}

/** A running duration: one digit below the second, so that ticking text keeps its width. */
export function formatElapsed(elapsedMs: number): string {
  const ms = Math.max(0, elapsedMs);
  return ms < MINUTE_MS
    ? `${(Math.floor(ms / 100) / 10).toFixed(1)} s`
    : formatDuration(Math.floor(ms / 1_000) * 1_000);
}

/** 812 · 4.1k · 12k · 1.2M */
export function formatCount(count: number | null): string {
  if (count === null) return NONE;
  const size = Math.abs(count);
  if (size < 1_000) return String(Math.round(count));
  if (size < 9_950) return `${trimZero((count / 1_000).toFixed(1))}k`;
  if (size < 999_500) return `${Math.round(count / 1_000)}k`;
  if (size < 9_950_000) return `${trimZero((count / 1_000_000).toFixed(1))}M`;
  return `${Math.round(count / 1_000_000)}M`;
}

/** 12,345: the exact number, for tables and tooltips. */
export function formatExact(count: number): string {
  return EXACT.format(count);
}

// Made once: `toLocaleString` looks up what it needs each time.
const EXACT = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
const CENTS = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });

/** US dollars. Three significant digits below a cent's worth, so that small calls do not all read $0.00. */
export function formatCost(cost: number | null): string {
  if (cost === null) return "no price";
  if (cost === 0) return "$0";
  if (cost < 0.000_01) return "<$0.00001";
  if (cost < 0.01) return `$${significant(cost)}`;
  if (cost < 1) return `$${cost.toFixed(4).replace(/0$/, "")}`;
  return `$${CENTS.format(cost)}`;
}

/** "≥" marks a lower bound: some usage had no price. */
export function formatTotalCost(totals: { cost: number | null; costIncomplete: boolean }): string {
  return totals.cost !== null && totals.costIncomplete ? `≥ ${formatCost(totals.cost)}` : formatCost(totals.cost);
}

/** now · 12s · 5m · 3h · 2d · 14 Mar */
export function formatRelative(timeMs: number, nowMs: number): string {
  const age = nowMs - timeMs;
  if (age < 5 * SECOND_MS) return "now";
  if (age < MINUTE_MS) return `${Math.floor(age / SECOND_MS)}s ago`;
  if (age < HOUR_MS) return `${Math.floor(age / MINUTE_MS)}m ago`;
  if (age < DAY_MS) return `${Math.floor(age / HOUR_MS)}h ago`;
  if (age < 7 * DAY_MS) return `${Math.floor(age / DAY_MS)}d ago`;
  const date = new Date(timeMs);
  return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** Local time with milliseconds, then UTC: the two people compare with logs. */
export function formatAbsolute(timeMs: number): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return NONE;
  return `${formatLocal(timeMs)} local\n${date.toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** 2026-03-14 09:26:53.589 in the reader's time zone. */
export function formatLocal(timeMs: number): string {
  const date = new Date(timeMs);
  if (Number.isNaN(date.getTime())) return NONE;
  const day = `${date.getFullYear()}-${pad2(date.getMonth() + 1)}-${pad2(date.getDate())}`;
  const time = `${pad2(date.getHours())}:${pad2(date.getMinutes())}:${pad2(date.getSeconds())}`;
  return `${day} ${time}.${String(date.getMilliseconds()).padStart(3, "0")}`;
}

const HALF_DAY_MS = 12 * HOUR_MS;

/** A moment on a time axis whose ticks are `stepMs` apart, on one line: 09:30, and 14 Mar where a day begins. */
export function formatTimeTick(timeMs: number, stepMs: number): string {
  const date = new Date(timeMs);
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (stepMs > HALF_DAY_MS || isMidnight) return `${date.getDate()} ${MONTHS[date.getMonth()] ?? ""}`;
  const time = `${pad2(date.getHours())}:${pad2(date.getMinutes())}`;
  return stepMs < MINUTE_MS ? `${time}:${pad2(date.getSeconds())}` : time;
}

/** 812 B · 4.1 KB · 1.2 MB, in steps of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`;
  if (bytes < 1_024 * 1_024) return `${trimZero((bytes / 1_024).toFixed(1))} KB`;
  return `${trimZero((bytes / 1_024 / 1_024).toFixed(1))} MB`;
}

/** One line of text out of a preview that may hold line breaks or JSON. */
export function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

function trimZero(text: string): string {
  return text.endsWith(".0") ? text.slice(0, -2) : text;
}

function pad2(value: number): string {
  return String(value).padStart(2, "0");
}

function significant(value: number): string {
  const digits = 2 - Math.floor(Math.log10(value));
  return value.toFixed(Math.min(8, digits)).replace(/0+$/, "");
}
