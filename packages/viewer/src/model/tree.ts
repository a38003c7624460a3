import type { ObservationSummary } from "../api/types.ts";
import { addUsage, countedUsage, ownUsage, type Usage } from "./usage.ts";

/** One observation in the tree. Nodes refer to each other by index into `TraceTree.nodes`. */
export interface TreeNode {
  index: number;
  observation: ObservationSummary;
  /** -1 for a root. */
  parent: number;
  children: number[];
  /** 0 for a root. */
  depth: number;
  /** Why this node is a root although it names a parent: it never arrived, or the parents form a circle. */
  detached: "parent-missing" | "parent-cycle" | null;
  own: Usage;
  /** Own usage and that of all descendants, aggregates not counted twice. */
  subtree: Usage;
  descendants: number;
  /** Errors below this node, itself not included. */
  errorsBelow: number;
  /** The last end in the subtree; `null` while something in it runs. */
  subtreeEnd: number | null;
}

export interface TraceTree {
  nodes: TreeNode[];
  roots: number[];
  byId: ReadonlyMap<string, number>;
}

/**
 * A forest in which every observation has exactly one place, whatever arrived: parents that are missing make roots, a
 * circle of parents is cut at its earliest member, and of records with one id the last is kept.
 */
export function buildTree(observations: readonly ObservationSummary[]): TraceTree {
  const unique = [...new Map(observations.map((observation) => [observation.id, observation])).values()];
  unique.sort(byStart);
  const byId = new Map(unique.map((observation, index) => [observation.id, index]));
  const nodes = unique.map((observation, index): TreeNode => {
    const { parentId } = observation;
    const parent = parentId === null ? -1 : (byId.get(parentId) ?? -1);
    return {
      index,
      observation,
      parent,
      children: [],
      depth: 0,
      detached: parentId !== null && parent === -1 ? "parent-missing" : null,
      own: ownUsage(observation),
      subtree: countedUsage(observation),
      descendants: 0,
      errorsBelow: 0,
      subtreeEnd: observation.endTime,
    };
  });
  cutCycles(nodes);

  const roots: number[] = [];
  for (const node of nodes) {
    if (node.parent === -1) roots.push(node.index);
    else nodes[node.parent]?.children.push(node.index);
  }
  rollUp(nodes, roots);
  return { nodes, roots, byId };
}

function byStart(a: ObservationSummary, b: ObservationSummary): number {
  return a.startTime - b.startTime || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
}

/** Follows parents from each node in order of start; the walk that meets itself has found a circle. */
function cutCycles(nodes: TreeNode[]): void {
  const walkOf = new Int32Array(nodes.length).fill(-1);
  for (const start of nodes) {
    let current: TreeNode | undefined = start;
    while (current !== undefined && walkOf[current.index] === -1) {
      walkOf[current.index] = start.index;
      current = nodes[current.parent];
    }
    if (current === undefined || walkOf[current.index] !== start.index) continue;
    const first = earliestOfCycle(nodes, current);
    first.parent = -1;
    first.detached = "parent-cycle";
  }
}

function earliestOfCycle(nodes: readonly TreeNode[], member: TreeNode): TreeNode {
  let earliest = member;
  for (let node = nodes[member.parent]; node !== undefined && node !== member; node = nodes[node.parent]) {
    if (node.index < earliest.index) earliest = node;
  }
  return earliest;
}

/** Parents before children, without recursion: a chain may be as deep as the trace is long. */
function rollUp(nodes: readonly TreeNode[], roots: readonly number[]): void {
  const order: TreeNode[] = [];
  const pending = [...roots];
  for (let index = pending.pop(); index !== undefined; index = pending.pop()) {
    const node = nodes[index];
    if (node === undefined) continue;
    node.depth = (nodes[node.parent]?.depth ?? -1) + 1;
    order.push(node);
    pending.push(...node.children);
  }
  for (const node of order.toReversed()) {
    const parent = nodes[node.parent];
    if (parent === undefined) continue;
    parent.subtree = addUsage(parent.subtree, node.subtree);
    parent.descendants += node.descendants + 1;
    parent.errorsBelow += node.errorsBelow + (node.observation.status === "error" ? 1 : 0);
    parent.subtreeEnd =
      parent.subtreeEnd === null || node.subtreeEnd === null ? null : Math.max(parent.subtreeEnd, node.subtreeEnd);
  }
}
