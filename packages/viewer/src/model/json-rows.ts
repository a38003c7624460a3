import { isObject } from "./json.ts";

/** Children shown under one node; longer arrays and objects are cut into ranges of this size. */
export const MAX_CHILDREN = 100;

/** Levels opened at first. */
const OPEN_DEPTH = 3;

/** Rows opened at first, beyond which nodes stay closed. */
const OPEN_ROWS = 60;

export interface JsonRow {
  /** Unique, and stable while the value does not change. */
  key: string;
  depth: number;
  /** Property name, index or range; `null` at the top. */
  label: string | null;
  value: unknown;
  /** Path in JavaScript's notation, e.g. `messages[0].content`. For a range, that of its container. */
  path: string;
  kind: "leaf" | "object" | "array" | "range";
  /** `null` for a leaf. */
  isOpen: boolean | null;
  childCount: number;
}

/** Which nodes are open: those toggled by hand, all others by the default of their depth. */
export interface JsonOpenState {
  toggled: ReadonlyMap<string, boolean>;
}

interface Child {
  label: string;
  value: unknown;
  path: string;
}

/** The visible rows of a JSON value. Closed nodes are never walked, so the cost is that of what is seen. */
export function jsonRows(value: unknown, open: JsonOpenState): JsonRow[] {
  const rows: JsonRow[] = [];
  const visit = (key: string, label: string | null, current: unknown, path: string, depth: number): void => {
    const isArray = Array.isArray(current);
    if (!isArray && !isObject(current)) {
      rows.push({ key, depth, label, value: current, path, kind: "leaf", isOpen: null, childCount: 0 });
      return;
    }
    const keys = isArray ? null : Object.keys(current);
    const childCount = isArray ? current.length : (keys?.length ?? 0);
    const isOpen = childCount > 0 && (open.toggled.get(key) ?? (depth < OPEN_DEPTH && rows.length < OPEN_ROWS));
    rows.push({ key, depth, label, value: current, path, kind: isArray ? "array" : "object", isOpen, childCount });
    if (!isOpen) return;
    const childAt = (index: number): Child => {
      const name = keys === null ? String(index) : (keys[index] ?? "");
      const child: unknown = isArray ? current[index] : current[name];
      return { label: name, value: child, path: keys === null ? `${path}[${index}]` : joinPath(path, name) };
    };
    const showRange = (from: number, to: number, at: number): void => {
      for (let index = from; index < to; index++) {
        const child = childAt(index);
        visit(`${key}/${index}`, child.label, child.value, child.path, at);
      }
    };
    if (childCount <= MAX_CHILDREN) {
      showRange(0, childCount, depth + 1);
      return;
    }
    for (let from = 0; from < childCount; from += MAX_CHILDREN) {
      const to = Math.min(childCount, from + MAX_CHILDREN);
      const rangeKey = `${key}/${from}-${to}`;
      const isRangeOpen = open.toggled.get(rangeKey) ?? false;
      const rangeLabel = `${from} … ${to - 1}`;
      rows.push({
        key: rangeKey,
        depth: depth + 1,
        label: rangeLabel,
        value: undefined,
        path,
        kind: "range",
        isOpen: isRangeOpen,
        childCount: to - from,
      });
      if (isRangeOpen) showRange(from, to, depth + 2);
    }
  };
  visit("$", null, value, "", 0);
  return rows;
}

function joinPath(path: string, name: string): string {
  if (!/^[A-Za-z_$][\w$]*$/.test(name)) return `${path}[${JSON.stringify(name)}]`;
  return path === "" ? name : `${path}.${name}`;
}

/** What a closed node holds, in a few words. */
export function jsonSummary(row: JsonRow): string {
  const { kind, value, childCount } = row;
  if (kind === "array") return childCount === 0 ? "[]" : `[ ${childCount} ${childCount === 1 ? "item" : "items"} ]`;
  if (kind === "range") return `${childCount} items`;
  if (childCount === 0) return "{}";
  const keys = Object.keys(isObject(value) ? value : {}).slice(0, 4);
  return `{ ${keys.join(", ")}${childCount > keys.length ? ", …" : ""} }`;
}
