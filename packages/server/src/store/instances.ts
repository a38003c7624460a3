import { RECORD_RANK, type StoredObservation } from "../model/observation.ts";

/** A process that has sent start records whose ends have not arrived. */
export interface OpenInstance {
  projectId: string;
  instanceId: string;
}

export interface InstanceReads {
  /** At most {@link MAX_OPEN_INSTANCES}, any order. */
  listOpenInstances(): Promise<OpenInstance[]>;
}

/** What a call has changed. `isDone` is false when there may be more: call again. */
export interface InstanceChange {
  traceIds: string[];
  isDone: boolean;
}

export interface InstanceWrites {
  /**
   * Marks what the instance left running as `incomplete`. It ends with the last sign of life: `lastHeardAt`, or what of the instance is
   * stored in the trace if that is later. An end record still wins, in any order.
   *
   * @param lastHeardAt epoch milliseconds; `null` when it was before this server started.
   */
  markSilent(projectId: string, instanceId: string, lastHeardAt: number | null): Promise<InstanceChange>;
  /** Takes that back: the instance lives. */
  markHeard(projectId: string, instanceId: string): Promise<InstanceChange>;
}

/** Instances watched; what others left open stays running until they are heard of again. */
export const MAX_OPEN_INSTANCES = 10_000;

/** Rows changed by one call, so that the writer is never held up for long. */
export const MAX_CHANGED_ROWS = 500;

/** Marked rows keep the rank of a start record: whatever comes of the observation itself is better. */
export function isLeftOpen(row: Pick<StoredObservation, "rank" | "instanceId" | "status">): boolean {
  return row.rank === RECORD_RANK.start && row.instanceId !== null && row.status === "running";
}

export function isMarkedSilent(row: Pick<StoredObservation, "rank" | "instanceId" | "status">): boolean {
  return row.rank === RECORD_RANK.start && row.instanceId !== null && row.status === "incomplete";
}

/** @param lastSignAt epoch milliseconds. */
export function asIncomplete(row: StoredObservation, lastSignAt: number): StoredObservation {
  return { ...row, status: "incomplete", level: "WARNING", endTime: Math.max(row.startTime, lastSignAt) };
}

export function asRunning(row: StoredObservation): StoredObservation {
  return { ...row, status: "running", level: "DEFAULT", endTime: null };
}

/** When the instance was last seen to do something, by what is stored of one trace. */
export function lastSignIn(rows: readonly StoredObservation[], instanceId: string): number {
  return rows.reduce(
    (last, row) =>
      row.instanceId === instanceId && !isMarkedSilent(row) ? Math.max(last, row.endTime ?? row.startTime) : last,
    0,
  );
}
