import type { ObservationPayload, StoredObservation } from "../../model/observation.ts";

/** What of a row one event can set as a whole; metadata and tags are merged, and what follows from other fields is computed. */
export type PatchedField =
  | "type"
  | "name"
  | "parentId"
  | "startTime"
  | "endTime"
  | "completionStartTime"
  | "level"
  | "statusMessage"
  | "model"
  | "usage"
  | "cost"
  | "promptName"
  | "promptVersion"
  | "traceName"
  | "userId"
  | "sessionId"
  | "environment"
  | "release"
  | "version"
  | "public";

export type PatchedPayload = Extract<keyof ObservationPayload, "input" | "output" | "modelParameters">;

/**
 * One event of a Langfuse batch: some fields of one row. Events of a row come in any order and more than once: each field keeps the
 * value of the event with the highest `order` that gave it, so that the row is the same in the end.
 */
export interface ObservationPatch {
  traceId: string;
  id: string;
  /** True for what describes the trace itself, which is kept as the row at the root of its tree. */
  isTrace: boolean;
  order: number;
  /** What was given; nothing is set to `null`, as in Langfuse. */
  fields: Partial<Pick<StoredObservation, PatchedField>>;
  /** Stand in for what no event gave: a start before the event that has it. */
  defaults: Partial<Pick<StoredObservation, "startTime" | "endTime" | "type">>;
  /** JSON texts. */
  payload: Partial<Record<PatchedPayload, string>>;
  /** Merged by top key. Of the trace when `isTrace`. */
  metadata: Record<string, unknown> | null;
  /** United with those that are there. */
  tags: readonly string[] | null;
}

/** Creates before updates, then by the time in the envelope: Langfuse's order. A time has 13 digits for centuries to come. */
export function orderOf(isUpdate: boolean, time: number): number {
  return (isUpdate ? UPDATE_ORDER : 0) + time;
}

/** The time in an order. */
export function timeOf(order: number): number {
  return order >= UPDATE_ORDER ? order - UPDATE_ORDER : order;
}

const UPDATE_ORDER = 1e13;

/** Langfuse keeps the first of these: its clients send a new timestamp with each update of a trace. */
export const FIRST_WINS: ReadonlySet<PatchedField> = new Set<PatchedField>(["startTime", "environment"]);

/** The row that stands for the trace itself in its tree. No id of a client's making collides with it: Langfuse uses the same. */
export function traceNodeId(traceId: string): string {
  return `t-${traceId}`;
}

/** True for the row that stands for a trace of a batch. */
export function isTraceNode(row: Pick<StoredObservation, "id" | "traceId" | "fieldOrders">): boolean {
  return row.id === traceNodeId(row.traceId) && row.fieldOrders !== null && row.fieldOrders !== undefined;
}
