import type { Observed } from "./observed.ts";
import { childListOf, mismatchesOf, type ChildList, type Mismatch, type ObservationPattern } from "./pattern.ts";

/** How an expected tree and a recorded one differ, node by node. */
export type Difference =
  | { kind: "pair"; pattern: ObservationPattern; observed: Observed; mismatches: Mismatch[]; children: Difference[] }
  | { kind: "missing"; pattern: ObservationPattern }
  | { kind: "unexpected"; observed: Observed };

/** What each kind of difference weighs when the likeliest counterpart of a node is looked for. */
const NAME_COST = 6;
const TYPE_COST = 3;
const OTHER_COST = 1;
/** Of a node without counterpart: two of another name and type are told apart, not paired. */
const ALONE_COST = 4;

export function compare(pattern: ObservationPattern, observed: Observed): Difference & { kind: "pair" } {
  const mismatches = mismatchesOf(pattern, observed);
  const children =
    pattern.children === undefined ? [] : compareChildren(childListOf(pattern.children), observed.children);
  return { kind: "pair", pattern, observed, mismatches, children };
}

/** How many nodes are missing, unexpected or have something wrong. */
export function countDifferences(difference: Difference): number {
  if (difference.kind !== "pair") return 1;
  const below = difference.children.reduce((sum, child) => sum + countDifferences(child), 0);
  return below + (difference.mismatches.length > 0 ? 1 : 0);
}

/** A pattern of `children` once for every sibling it stands for. */
interface Slot {
  pattern: ObservationPattern;
  isOptional: boolean;
}

export function compareChildren(list: ChildList, nodes: readonly Observed[]): Difference[] {
  const slots = list.patterns.flatMap((pattern) => slotsOf(pattern, nodes.length));
  const pairs = slots.map(({ pattern }) => nodes.map((node) => compare(pattern, node)));
  const differences = list.isOrdered ? alignInOrder(slots, nodes, pairs) : alignInAnyOrder(slots, nodes, pairs);
  return list.mayHaveOthers ? differences.filter(({ kind }) => kind !== "unexpected") : differences;
}

function slotsOf(pattern: ObservationPattern, nodes: number): Slot[] {
  const { times = 1 } = pattern;
  const [least, most] = typeof times === "number" ? [times, times] : times;
  // More copies than there are siblings never find one.
  const optional = Math.max(0, Math.min(most - least, nodes));
  return Array.from({ length: least + optional }, (_, index) => ({ pattern, isOptional: index >= least }));
}

type Pair = Difference & { kind: "pair" };

function costOf(pair: Pair): number {
  const paths = pair.mismatches.map(({ path }) => path);
  const rest = paths.filter((path) => path !== "name" && path !== "type").length;
  return (
    (paths.includes("name") ? NAME_COST : 0) +
    (paths.includes("type") ? TYPE_COST : 0) +
    (rest > 0 ? OTHER_COST : 0) +
    (pair.children.some((child) => countDifferences(child) > 0) ? OTHER_COST : 0)
  );
}

/** The cheapest way through both lists, as in an edit distance. */
function alignInOrder(slots: readonly Slot[], nodes: readonly Observed[], pairs: readonly Pair[][]): Difference[] {
  const cost: number[][] = Array.from({ length: slots.length + 1 }, () => []);
  const missing = (slot: Slot): number => (slot.isOptional ? 0 : ALONE_COST);
  for (let i = slots.length; i >= 0; i--) {
    for (let j = nodes.length; j >= 0; j--) {
      const ways: number[] = [];
      if (i < slots.length) ways.push(missing(slots[i]!) + cost[i + 1]![j]!);
      if (j < nodes.length) ways.push(ALONE_COST + cost[i]![j + 1]!);
      if (i < slots.length && j < nodes.length) ways.push(costOf(pairs[i]![j]!) + cost[i + 1]![j + 1]!);
      cost[i]![j] = ways.length === 0 ? 0 : Math.min(...ways);
    }
  }
  const differences: Difference[] = [];
  for (let i = 0, j = 0; i < slots.length || j < nodes.length;) {
    const best = cost[i]![j]!;
    if (i < slots.length && j < nodes.length && best === costOf(pairs[i]![j]!) + cost[i + 1]![j + 1]!) {
      differences.push(pairs[i++]![j++]!);
    } else if (i < slots.length && best === missing(slots[i]!) + cost[i + 1]![j]!) {
      const slot = slots[i++]!;
      if (!slot.isOptional) differences.push({ kind: "missing", pattern: slot.pattern });
    } else {
      differences.push({ kind: "unexpected", observed: nodes[j++]! });
    }
  }
  return differences;
}

/**
 * As many slots as possible get a node that fits wholly (augmenting paths, so that a general pattern leaves a node to a special
 * one); what is left is paired by likeness for the report.
 */
function alignInAnyOrder(slots: readonly Slot[], nodes: readonly Observed[], pairs: readonly Pair[][]): Difference[] {
  const slotOfNode = new Map<number, number>();
  const place = (slot: number, tried: Set<number>): boolean => {
    for (let node = 0; node < nodes.length; node++) {
      if (tried.has(node) || countDifferences(pairs[slot]![node]!) > 0) continue;
      tried.add(node);
      const holder = slotOfNode.get(node);
      if (holder === undefined || place(holder, tried)) {
        slotOfNode.set(node, slot);
        return true;
      }
    }
    return false;
  };
  // Those that must be filled first.
  const order = [...slots.keys()].sort((a, b) => Number(slots[a]!.isOptional) - Number(slots[b]!.isOptional));
  const open = order.filter((slot) => !place(slot, new Set()));
  const nodeOfSlot = new Map([...slotOfNode].map(([node, slot]) => [slot, node]));
  const free = new Set([...nodes.keys()].filter((node) => !slotOfNode.has(node)));
  const missing: Difference[] = [];
  for (const slot of open) {
    if (slots[slot]!.isOptional) continue;
    const likeliest = [...free].sort((a, b) => costOf(pairs[slot]![a]!) - costOf(pairs[slot]![b]!))[0];
    if (likeliest !== undefined && costOf(pairs[slot]![likeliest]!) < NAME_COST) {
      free.delete(likeliest);
      nodeOfSlot.set(slot, likeliest);
    } else {
      missing.push({ kind: "missing", pattern: slots[slot]!.pattern });
    }
  }
  const paired = new Map([...nodeOfSlot].map(([slot, node]) => [node, pairs[slot]![node]!]));
  const seen = nodes.map((observed, node): Difference => paired.get(node) ?? { kind: "unexpected", observed });
  return [...seen, ...missing];
}
