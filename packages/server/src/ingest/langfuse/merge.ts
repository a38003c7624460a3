import type { StoredObservation } from "../../model/observation.ts";
import { timeOf, traceNodeId, type ObservationPatch } from "./patch.ts";
import { ABANDONED, DEFAULT_ORDER, RowDraft, complete } from "./row-draft.ts";

/** Fields of the trace that each of its rows carries. */
const CARRIED = ["traceName", "userId", "sessionId", "tags", "environment", "release", "public"] as const;

/**
 * Applies the events of one trace to its rows.
 *
 * @param stored the rows that the events are about, the trace's own and, when {@link reachesAll} says so, all others.
 * @returns the rows that changed.
 */
export function mergePatches(
  stored: readonly StoredObservation[],
  patches: readonly ObservationPatch[],
): StoredObservation[] {
  const before = new Map(stored.map((row) => [row.id, row]));
  const drafts = new Map<string, RowDraft>();
  for (const patch of patches) {
    let draft = drafts.get(patch.id);
    if (draft === undefined) drafts.set(patch.id, (draft = new RowDraft(before.get(patch.id), patch)));
    draft.apply(patch);
  }
  const after = new Map([...drafts].map(([id, draft]) => [id, draft.finish()]));
  const traceId = patches[0]?.traceId ?? "";
  const nodeId = traceNodeId(traceId);
  const node = after.get(nodeId) ?? before.get(nodeId);
  if (node === undefined) return [...after.values()];

  let end = node.fieldOrders?.["endTime"] ?? 0;
  for (const row of [...before.values(), ...after.values()]) {
    const current = after.get(row.id) ?? row;
    if (current.id === nodeId || !isFromBatch(current)) continue;
    const adopted = adopt(current, node);
    if (adopted !== current) after.set(row.id, adopted);
    end = Math.max(end, adopted.endTime ?? adopted.startTime);
  }
  const ended = { ...node, fieldOrders: { ...node.fieldOrders, endTime: end }, endTime: Math.max(node.startTime, end) };
  if (after.has(nodeId) || end !== node.fieldOrders?.["endTime"]) after.set(nodeId, ended);
  return [...after.values()];
}

/** True when an event changes what all rows of the trace carry, or is the trace's first: they have to be read then. */
export function reachesAll(node: StoredObservation | undefined, patches: readonly ObservationPatch[]): boolean {
  const own = patches.filter((patch) => patch.isTrace);
  const [first] = own;
  if (first === undefined) return false;
  if (node === undefined) return true;
  const draft = new RowDraft(node, first);
  for (const patch of own) draft.apply(patch);
  const changed = draft.finish();
  return CARRIED.some((field) => !isSame(changed[field], node[field]));
}

export function isFromBatch(row: StoredObservation): boolean {
  return row.fieldOrders !== undefined && row.fieldOrders !== null;
}

/** When the row's latest event was made, by its sender's clock; epoch milliseconds. */
export function lastEventOf({ fieldOrders, startTime }: StoredObservation): number {
  const times = Object.values(fieldOrders ?? {}).filter((order) => order < DEFAULT_ORDER.first);
  return times.reduce((last, order) => Math.max(last, timeOf(order)), startTime);
}

/** What was never ended ends with the last that was heard of its trace. Any event of it takes that back: see {@link RowDraft}. */
export function abandon(row: StoredObservation, lastHeardAt: number): StoredObservation {
  const endTime = Math.max(row.startTime, lastHeardAt);
  return complete({ ...row, endTime, fieldOrders: { ...row.fieldOrders, [ABANDONED]: lastHeardAt } }, false);
}

/** Puts a row under its trace's own: the trace's fields on it, and the trace as the parent of what has none. */
function adopt(row: StoredObservation, node: StoredObservation): StoredObservation {
  const isChild = row.parentId !== null;
  const isSame = CARRIED.every((field) => fieldOf(row, node, field) === row[field]);
  if (isChild && isSame) return row;
  const adopted: StoredObservation = { ...row, parentId: row.parentId ?? node.id, isRoot: false };
  for (const field of CARRIED) Object.assign(adopted, { [field]: fieldOf(row, node, field) });
  return { ...adopted, inputPreview: null, outputPreview: null };
}

/** The trace's value; an observation's own environment and release stay where the trace has none. */
function fieldOf<F extends (typeof CARRIED)[number]>(
  row: StoredObservation,
  node: StoredObservation,
  field: F,
): StoredObservation[F] {
  const value = node[field] ?? row[field];
  return isSame(value, row[field]) ? row[field] : value;
}

/** Of texts, or lists of them. */
function isSame(one: unknown, other: unknown): boolean {
  if (one === other || !Array.isArray(one) || !Array.isArray(other)) return one === other;
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
