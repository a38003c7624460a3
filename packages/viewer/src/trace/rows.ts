import { ancestors, hasChildren, type TraceModel, idOf } from "./model.ts";

/** The visible rows: indices of observations in tree order, without what is below a collapsed one. */
export function visibleRows(model: TraceModel, collapsed: ReadonlySet<string>): Int32Array {
  if (collapsed.size === 0) return model.order;
  const rows = new Int32Array(model.count);
  let length = 0;
  for (let place = 0; place < model.count;) {
    const index = model.order[place] ?? 0;
    rows[length++] = index;
    place += collapsed.has(idOf(model, index)) ? (model.sizes[index] ?? 1) : 1;
  }
  return rows.subarray(0, length);
}

/** Where an observation is among the rows, or -1 when it is below a collapsed one. Rows are in order of place. */
export function rowOf(model: TraceModel, rows: Int32Array, index: number): number {
  const place = model.places[index];
  if (place === undefined) return -1;
  let [low, high] = [0, rows.length - 1];
  while (low <= high) {
    const middle = (low + high) >> 1;
    const found = model.places[rows[middle] ?? 0] ?? 0;
    if (found === place) return middle;
    if (found < place) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

/** Depth beyond which guides are no longer drawn: they would leave no room for the name. */
const MAX_GUIDES = 24;

/** For each level above: whether its line goes on below this row. The last is the row's own. */
export function guides(model: TraceModel, index: number): boolean[] {
  const path = [index, ...ancestors(model, index)].toReversed().slice(1, MAX_GUIDES + 1);
  return path.map((at) => (model.positions[at] ?? 1) < (model.setSizes[at] ?? 1));
}

/** What has to be opened for the observation to be visible. */
export function closedAbove(model: TraceModel, index: number, collapsed: ReadonlySet<string>): string[] {
  return ancestors(model, index)
    .map((at) => idOf(model, at))
    .filter((id) => collapsed.has(id));
}

export function allCollapsible(model: TraceModel): Set<string> {
  const ids = new Set<string>();
  for (let index = 0; index < model.count; index++) {
    // Roots stay open: closing everything would leave nothing to look at.
    if (hasChildren(model, index) && (model.depths[index] ?? 0) > 0) ids.add(idOf(model, index));
  }
  return ids;
}

export type TreeAction =
  | { type: "select"; index: number }
  | { type: "expand"; index: number }
  | { type: "collapse"; index: number };

/** Rows a Page key moves by. */
const PAGE_ROWS = 12;

/** What a key does in a tree, after the WAI-ARIA pattern: → opens, then enters; ← closes, then leaves to the parent. */
export function treeKey(
  model: TraceModel,
  rows: Int32Array,
  collapsed: ReadonlySet<string>,
  selected: number,
  key: string,
): TreeAction | null {
  const at = rowOf(model, rows, selected);
  const last = rows.length - 1;
  const select = (row: number): TreeAction | null => {
    const index = rows[row];
    return index === undefined ? null : { type: "select", index };
  };
  const isParent = at !== -1 && hasChildren(model, selected);
  const isOpen = isParent && !collapsed.has(idOf(model, selected));
  switch (key) {
    case "ArrowDown":
      return select(Math.min(last, at + 1));
    case "ArrowUp":
      return select(at === -1 ? last : Math.max(0, at - 1));
    case "PageDown":
      return select(Math.min(last, at + PAGE_ROWS));
    case "PageUp":
      return select(Math.max(0, at - PAGE_ROWS));
    case "Home":
      return select(0);
    case "End":
      return select(last);
    case "ArrowRight":
      if (!isParent) return null;
      return isOpen ? select(at + 1) : { type: "expand", index: selected };
    case "ArrowLeft": {
      if (at === -1) return null;
      if (isOpen) return { type: "collapse", index: selected };
      const parent = model.parents[selected] ?? -1;
      return parent < 0 ? null : { type: "select", index: parent };
    }
    default:
      return null;
  }
}
