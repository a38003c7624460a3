import { RECORD_RANK, type ObservationPayload, type StoredObservation } from "../../model/observation.ts";
import { previewOf } from "../../mapping/preview.ts";
import { FIRST_WINS, timeOf, traceNodeId, type ObservationPatch, type PatchedField } from "./patch.ts";

/** Which event gave a field: loses against every other that gives it. */
const DEFAULT_ORDER = { first: Number.MAX_SAFE_INTEGER, last: 0 } as const;

/** Among the orders of a row's fields, though it is none: the row was taken for abandoned. */
const ABANDONED = "abandoned";

/** Metadata keys and tags kept of one row; a client that makes up a key an update cannot grow the row without end. */
const MAX_METADATA_KEYS = 1000;
const MAX_TAGS = 500;

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
  const after = new Map<string, StoredObservation>();
  for (const patch of patches) {
    after.set(patch.id, applyPatch(after.get(patch.id) ?? before.get(patch.id), patch));
  }
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
  if (own.length === 0) return false;
  if (node === undefined) return true;
  const changed = own.reduce<StoredObservation>((row, patch) => applyPatch(row, patch), node);
  return CARRIED.some((field) => JSON.stringify(changed[field]) !== JSON.stringify(node[field]));
}

export function isFromBatch(row: StoredObservation): boolean {
  return row.fieldOrders !== undefined && row.fieldOrders !== null;
}

/** When the row's latest event was made, by its sender's clock; epoch milliseconds. */
export function lastEventOf({ fieldOrders, startTime }: StoredObservation): number {
  const times = Object.values(fieldOrders ?? {}).filter((order) => order < DEFAULT_ORDER.first);
  return times.reduce((last, order) => Math.max(last, timeOf(order)), startTime);
}

/** What was never ended ends with the last that was heard of its trace. Any event of it takes that back: see {@link applyPatch}. */
export function abandon(row: StoredObservation, lastHeardAt: number): StoredObservation {
  const endTime = Math.max(row.startTime, lastHeardAt);
  return complete({ ...row, endTime, fieldOrders: { ...row.fieldOrders, [ABANDONED]: lastHeardAt } }, false);
}

function takeBackAbandoned(row: StoredObservation, orders: Record<string, number>): void {
  if (orders[ABANDONED] === undefined) return;
  delete orders[ABANDONED];
  row.endTime = null;
  if (orders["level"] === undefined) row.level = "DEFAULT";
}

/** One event on one row. Events of a row may come in any order: see {@link ObservationPatch.order}. */
export function applyPatch(row: StoredObservation | undefined, patch: ObservationPatch): StoredObservation {
  const orders: Record<string, number> = { ...row?.fieldOrders };
  const merged: StoredObservation = row === undefined ? emptyRow(patch) : { ...row, payload: { ...row.payload } };
  takeBackAbandoned(merged, orders);
  const wins = (field: string, isFirst: boolean): boolean => {
    const had = orders[field];
    const isNew = had === undefined || (isFirst ? patch.order < had : patch.order >= had);
    if (isNew) orders[field] = patch.order;
    return isNew;
  };
  const set = <F extends PatchedField>(field: F, value: StoredObservation[F]): void => {
    merged[field] = value;
  };
  for (const [field, value] of Object.entries(patch.fields) as [PatchedField, never][]) {
    if (wins(field, FIRST_WINS.has(field))) set(field, value);
  }
  for (const [field, value] of Object.entries(patch.defaults) as [PatchedField, never][]) {
    if (orders[field] !== undefined) continue;
    orders[field] = FIRST_WINS.has(field) ? DEFAULT_ORDER.first : DEFAULT_ORDER.last;
    set(field, value);
  }
  for (const [field, text] of Object.entries(patch.payload) as [keyof typeof patch.payload, string][]) {
    if (wins(field, false)) merged.payload[field] = text;
  }
  mergeMetadata(merged.payload, patch, (key) => wins(`metadata.${key}`, false));
  if (patch.tags !== null)
    merged.tags = [...new Set([...(merged.tags ?? []), ...patch.tags])].sort().slice(0, MAX_TAGS);
  return complete({ ...merged, fieldOrders: orders }, patch.isTrace);
}

function mergeMetadata(payload: ObservationPayload, patch: ObservationPatch, wins: (key: string) => boolean): void {
  if (patch.metadata === null) return;
  const field = patch.isTrace ? "traceMetadata" : "metadata";
  const text = payload[field];
  const metadata = new Map(Object.entries(text === null ? {} : (JSON.parse(text) as Record<string, unknown>)));
  for (const [key, value] of Object.entries(patch.metadata)) {
    if (metadata.size >= MAX_METADATA_KEYS && !metadata.has(key)) continue;
    if (wins(key)) metadata.set(key, value);
  }
  payload[field] = JSON.stringify(Object.fromEntries(metadata));
}

/** What follows from the other fields. */
function complete(row: StoredObservation, isTrace: boolean): StoredObservation {
  row.isRoot = row.parentId === null;
  // A trace ends with the last of its observations: no event says so, and the time it was seen is kept as the order of the field.
  if (isTrace) row.endTime = Math.max(row.startTime, row.fieldOrders?.["endTime"] ?? 0);
  else if (row.endTime !== null) row.endTime = Math.max(row.startTime, row.endTime);
  const isAbandoned = row.fieldOrders?.[ABANDONED] !== undefined;
  if (isAbandoned && row.fieldOrders?.["level"] === undefined) row.level = "WARNING";
  row.status = row.level === "ERROR" ? "error" : row.endTime === null ? "running" : isAbandoned ? "incomplete" : "ok";
  // A price that was computed here is computed anew: the model may have come first and the usage after it.
  if (row.fieldOrders?.["cost"] === undefined) row.cost = null;
  row.costSource = row.cost === null ? null : "provided";
  row.inputPreview = row.isRoot ? previewOf(row.payload.input) : null;
  row.outputPreview = row.isRoot ? previewOf(row.payload.output) : null;
  return row;
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
  return JSON.stringify(value) === JSON.stringify(row[field]) ? row[field] : value;
}

function emptyRow(patch: ObservationPatch): StoredObservation {
  return {
    traceId: patch.traceId,
    id: patch.id,
    parentId: null,
    isRoot: true,
    type: "span",
    name: "",
    startTime: 0,
    endTime: null,
    completionStartTime: null,
    level: "DEFAULT",
    status: "running",
    statusMessage: null,
    // Nothing but another event of the batch may change it.
    rank: RECORD_RANK.end,
    model: null,
    provider: null,
    usage: null,
    cost: null,
    costSource: null,
    usageAggregate: false,
    promptName: null,
    promptVersion: null,
    traceName: null,
    userId: null,
    sessionId: null,
    tags: null,
    environment: null,
    release: null,
    version: null,
    public: null,
    instanceId: null,
    scopeName: null,
    scopeVersion: null,
    inputPreview: null,
    outputPreview: null,
    fieldOrders: {},
    payload: {
      input: null,
      output: null,
      metadata: null,
      modelParameters: null,
      traceMetadata: null,
      attributes: null,
      resource: null,
      events: null,
      span: null,
    },
  };
}
