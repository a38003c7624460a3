import { RECORD_RANK, type StoredObservation } from "../../model/observation.ts";
import { previewOf } from "../../mapping/preview.ts";
import { FIRST_WINS, type ObservationPatch, type PatchedField } from "./patch.ts";

/** Which event gave a field: loses against every other that gives it. */
export const DEFAULT_ORDER = { first: Number.MAX_SAFE_INTEGER, last: 0 } as const;

/** Among the orders of a row's fields, though it is none: the row was taken for abandoned. */
export const ABANDONED = "abandoned";

/** Metadata keys and tags kept of one row; a client that makes up a key an update cannot grow the row without end. */
const MAX_METADATA_KEYS = 1000;
const MAX_TAGS = 500;

/**
 * A row while events are applied to it, of which there may be thousands: what is a text or a sorted list in the row is written when all are.
 * Events of a row may come in any order: see {@link ObservationPatch.order}.
 */
export class RowDraft {
  readonly #row: StoredObservation;
  readonly #orders: Record<string, number>;
  #metadata: Map<string, unknown> | undefined;
  #tags: Set<string> | undefined;
  readonly #isTrace: boolean;

  /** @param first the first event that is applied. */
  constructor(row: StoredObservation | undefined, first: ObservationPatch) {
    this.#row = row === undefined ? emptyRow(first) : { ...row, payload: { ...row.payload } };
    this.#orders = { ...row?.fieldOrders };
    this.#isTrace = first.isTrace;
  }

  apply(patch: ObservationPatch): void {
    const row = this.#row;
    const orders = this.#orders;
    takeBackAbandoned(row, orders);
    const set = <F extends PatchedField>(field: F, value: StoredObservation[F]): void => {
      row[field] = value;
    };
    for (const [field, value] of Object.entries(patch.fields) as [PatchedField, never][]) {
      if (this.#wins(field, patch.order, FIRST_WINS.has(field))) set(field, value);
    }
    for (const [field, value] of Object.entries(patch.defaults) as [PatchedField, never][]) {
      if (orders[field] !== undefined) continue;
      orders[field] = FIRST_WINS.has(field) ? DEFAULT_ORDER.first : DEFAULT_ORDER.last;
      set(field, value);
    }
    for (const [field, text] of Object.entries(patch.payload) as [keyof typeof patch.payload, string][]) {
      if (this.#wins(field, patch.order, false)) row.payload[field] = text;
    }
    if (patch.metadata !== null) this.#mergeMetadata(patch.metadata, patch.order);
    if (patch.tags !== null) {
      this.#tags ??= new Set(row.tags);
      for (const tag of patch.tags) this.#tags.add(tag);
    }
    conclude(row, orders, this.#isTrace);
  }

  /** The row with all that was applied; nothing may be applied after. */
  finish(): StoredObservation {
    const row = this.#row;
    if (this.#metadata !== undefined) row.payload[this.#field] = JSON.stringify(Object.fromEntries(this.#metadata));
    if (this.#tags !== undefined) row.tags = [...this.#tags].sort().slice(0, MAX_TAGS);
    row.fieldOrders = this.#orders;
    return complete(row, this.#isTrace);
  }

  get #field(): "traceMetadata" | "metadata" {
    return this.#isTrace ? "traceMetadata" : "metadata";
  }

  #mergeMetadata(given: Record<string, unknown>, order: number): void {
    const text = this.#row.payload[this.#field];
    this.#metadata ??= new Map(Object.entries(text === null ? {} : (JSON.parse(text) as Record<string, unknown>)));
    const metadata = this.#metadata;
    for (const [key, value] of Object.entries(given)) {
      if (metadata.size >= MAX_METADATA_KEYS && !metadata.has(key)) continue;
      if (this.#wins(`metadata.${key}`, order, false)) metadata.set(key, value);
    }
  }

  #wins(field: string, order: number, isFirst: boolean): boolean {
    const had = this.#orders[field];
    const isNew = had === undefined || (isFirst ? order < had : order >= had);
    if (isNew) this.#orders[field] = order;
    return isNew;
  }
}

function takeBackAbandoned(row: StoredObservation, orders: Record<string, number>): void {
  if (orders[ABANDONED] === undefined) return;
  delete orders[ABANDONED];
  row.endTime = null;
  if (orders["level"] === undefined) row.level = "DEFAULT";
}

/** What follows from the other fields. */
export function complete(row: StoredObservation, isTrace: boolean): StoredObservation {
  conclude(row, row.fieldOrders ?? {}, isTrace);
  row.inputPreview = row.isRoot ? previewOf(row.payload.input) : null;
  row.outputPreview = row.isRoot ? previewOf(row.payload.output) : null;
  return row;
}

function conclude(row: StoredObservation, orders: Record<string, number>, isTrace: boolean): void {
  row.isRoot = row.parentId === null;
  // A trace ends with the last of its observations: no event says so, and the time it was seen is kept as the order of the field.
  if (isTrace) row.endTime = Math.max(row.startTime, orders["endTime"] ?? 0);
  else if (row.endTime !== null) row.endTime = Math.max(row.startTime, row.endTime);
  const isAbandoned = orders[ABANDONED] !== undefined;
  if (isAbandoned && orders["level"] === undefined) row.level = "WARNING";
  row.status = row.level === "ERROR" ? "error" : row.endTime === null ? "running" : isAbandoned ? "incomplete" : "ok";
  // A price that was computed here is computed anew: the model may have come first and the usage after it.
  if (orders["cost"] === undefined) row.cost = null;
  row.costSource = row.cost === null ? null : "provided";
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
