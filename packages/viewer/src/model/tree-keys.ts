import type { TreeRow } from "./rows.ts";

export type TreeAction =
  | { type: "select"; id: string }
  | { type: "expand"; id: string }
  | { type: "collapse"; id: string };

/** Rows a Page key moves by. */
const PAGE_ROWS = 12;

/** What a key does in a tree, after the WAI-ARIA pattern: → opens, then enters; ← closes, then leaves to the parent. */
export function treeKey(rows: readonly TreeRow[], selectedId: string | null, key: string): TreeAction | null {
  const at = rows.findIndex((row) => row.id === selectedId);
  const row = rows[at];
  switch (key) {
    case "ArrowDown":
      return select(rows[Math.min(rows.length - 1, at + 1)]);
    case "ArrowUp":
      return select(rows[at === -1 ? rows.length - 1 : Math.max(0, at - 1)]);
    case "PageDown":
      return select(rows[Math.min(rows.length - 1, at + PAGE_ROWS)]);
    case "PageUp":
      return select(rows[Math.max(0, at - PAGE_ROWS)]);
    case "Home":
      return select(rows[0]);
    case "End":
      return select(rows.at(-1));
    case "ArrowRight":
      if (row === undefined || row.expanded === null) return null;
      return row.expanded ? select(rows[at + 1]) : { type: "expand", id: row.id };
    case "ArrowLeft":
      if (row === undefined) return null;
      if (row.expanded === true) return { type: "collapse", id: row.id };
      return select(rows.findLast((other, index) => index < at && other.level < row.level));
    default:
      return null;
  }
}

function select(row: TreeRow | undefined): TreeAction | null {
  return row === undefined ? null : { type: "select", id: row.id };
}

/** The error after (or before) the selected one, in a circle. `order` holds all ids in tree order. */
export function nextError(
  order: readonly string[],
  errors: readonly string[],
  selectedId: string | null,
  step: 1 | -1,
): string | null {
  if (errors.length === 0) return null;
  const at = selectedId === null ? -1 : order.indexOf(selectedId);
  const places = errors.map((id) => order.indexOf(id));
  const found = step === 1 ? places.findIndex((place) => place > at) : places.findLastIndex((place) => place < at);
  return (found === -1 ? (step === 1 ? errors[0] : errors.at(-1)) : errors[found]) ?? null;
}
