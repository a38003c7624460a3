/** What a list shows, as its address says it. Defaults are left out of the address, so that links are short and stable. */
export interface ListState {
  /** In the query language; "" selects everything. */
  q: string;
  range: TimeRangeChoice;
  /** A field, with `-` in front for descending. */
  sort: string;
  /** Ids of the columns in order; `null`: the list's own choice. */
  columns: readonly string[] | null;
}

/** Until now, back to a moment; or between two moments, in epoch milliseconds. */
export type TimeRangeChoice =
  | { kind: "all" }
  | { kind: "last"; text: string; durationMs: number }
  | { kind: "between"; from: number; to: number };

export const DEFAULT_SORT = "-start";

const UNITS_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Offered in this order. */
export const RANGES: readonly { text: string; label: string }[] = [
  { text: "15m", label: "Last 15 minutes" },
  { text: "1h", label: "Last hour" },
  { text: "24h", label: "Last 24 hours" },
  { text: "7d", label: "Last 7 days" },
  { text: "30d", label: "Last 30 days" },
  { text: "all", label: "All time" },
];

/** `all`, `15m`, `24h`, `7d`, or `from-to` in epoch milliseconds. What is none of these is `all`. */
export function parseRange(text: string | null): TimeRangeChoice {
  const last = /^(\d{1,4})([mhd])$/.exec(text ?? "");
  if (last !== null) {
    const durationMs = Number(last[1]) * (UNITS_MS[last[2] ?? ""] ?? 0);
    return durationMs > 0 ? { kind: "last", text: last[0], durationMs } : { kind: "all" };
  }
  const between = /^(\d{10,14})-(\d{10,14})$/.exec(text ?? "");
  if (between === null) return { kind: "all" };
  const [from, to] = [Number(between[1]), Number(between[2])];
  return from < to ? { kind: "between", from, to } : { kind: "all" };
}

export function rangeText(range: TimeRangeChoice): string {
  if (range.kind === "all") return "all";
  return range.kind === "last" ? range.text : `${Math.floor(range.from)}-${Math.ceil(range.to)}`;
}

/** What the API is asked for. An open end is left open, so that what arrives meanwhile is in it. */
export function rangeBounds(range: TimeRangeChoice, nowMs: number): { from?: number; to?: number } {
  if (range.kind === "all") return {};
  if (range.kind === "between") return { from: range.from, to: range.to };
  // To the minute, so that the same question is asked again and not a new one each millisecond.
  return { from: Math.floor((nowMs - range.durationMs) / 60_000) * 60_000 };
}

export function readListState(params: URLSearchParams, defaults: { range?: string } = {}): ListState {
  const columns = params.get("cols");
  return {
    q: params.get("q") ?? "",
    range: parseRange(params.get("range") ?? defaults.range ?? null),
    sort: params.get("sort") ?? DEFAULT_SORT,
    columns: columns === null ? null : columns.split(",").filter((id) => id !== ""),
  };
}

/** The address's parameters after a change; those that belong to others stay. */
export function writeListState(
  params: URLSearchParams,
  change: Partial<ListState>,
  defaults: { range?: string } = {},
): URLSearchParams {
  const next = new URLSearchParams(params);
  const put = (name: string, value: string, fallback: string): void => {
    if (value === fallback) next.delete(name);
    else next.set(name, value);
  };
  if (change.q !== undefined) put("q", change.q.trim(), "");
  if (change.range !== undefined) put("range", rangeText(change.range), defaults.range ?? "all");
  if (change.sort !== undefined) put("sort", change.sort, DEFAULT_SORT);
  if (change.columns !== undefined) put("cols", change.columns?.join(",") ?? "", "");
  return next;
}

/** The order a click on a column's head asks for: descending first, as one looks for the largest. */
export function nextSort(current: string, field: string): string {
  return current === `-${field}` ? field : `-${field}`;
}
