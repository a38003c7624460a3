import type { TraceTree, TreeNode } from "./tree.ts";

/** A visible line of the tree, with what WAI-ARIA needs to know about lines that are not mounted. */
export interface TreeRow {
  node: TreeNode;
  id: string;
  /** 1 for a root. */
  level: number;
  setSize: number;
  /** From 1. */
  positionInSet: number;
  /** `null` when there is nothing to expand. */
  expanded: boolean | null;
  /** For each level above: whether its guide line goes on below this row. The last entry is the row's own. */
  guides: readonly boolean[];
}

/** Depth beyond which guides are no longer drawn: they would leave no room for the name. */
const MAX_GUIDES = 24;

export function flattenTree(tree: TraceTree, collapsed: ReadonlySet<string>): TreeRow[] {
  const rows: TreeRow[] = [];
  // A stack of work, last in first out, so children are pushed in reverse.
  const pending: { index: number; setSize: number; positionInSet: number; guides: readonly boolean[] }[] = [];
  const push = (siblings: readonly number[], guidesAbove: readonly boolean[] | null): void => {
    for (let i = siblings.length - 1; i >= 0; i--) {
      const index = siblings[i];
      if (index === undefined) continue;
      const guides =
        guidesAbove === null || guidesAbove.length >= MAX_GUIDES
          ? (guidesAbove ?? [])
          : [...guidesAbove, i < siblings.length - 1];
      pending.push({ index, setSize: siblings.length, positionInSet: i + 1, guides });
    }
  };
  push(tree.roots, null);
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    const node = tree.nodes[item.index];
    if (node === undefined) continue;
    const { id } = node.observation;
    const expanded = node.children.length === 0 ? null : !collapsed.has(id);
    rows.push({
      node,
      id,
      level: node.depth + 1,
      setSize: item.setSize,
      positionInSet: item.positionInSet,
      expanded,
      guides: item.guides,
    });
    if (expanded === true) push(node.children, item.guides);
  }
  return rows;
}

/** The ids that have to be open for `id` to be visible. */
export function ancestorIds(tree: TraceTree, id: string): string[] {
  const ids: string[] = [];
  let node = tree.nodes[tree.byId.get(id) ?? -1];
  while (node !== undefined && node.parent !== -1) {
    node = tree.nodes[node.parent];
    if (node !== undefined) ids.push(node.observation.id);
  }
  return ids;
}

/** Ids of all failed observations in tree order, collapsed ones included. */
export function errorIds(tree: TraceTree): string[] {
  return flattenTree(tree, new Set())
    .filter((row) => row.node.observation.status === "error")
    .map((row) => row.id);
}
