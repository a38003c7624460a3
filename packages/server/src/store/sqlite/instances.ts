import type { StoredObservation } from "../../model/observation.ts";
import type { BatchWrites } from "../batch.ts";
import {
  MAX_CHANGED_ROWS,
  MAX_OPEN_INSTANCES,
  asIncomplete,
  asRunning,
  lastSignIn,
  type InstanceChange,
  type InstanceReads,
  type InstanceWrites,
  type OpenInstance,
} from "../instances.ts";
import type { RowReads } from "../rows.ts";
import type { Sync } from "../store.ts";
import type { Database } from "./database.ts";
import { HIDDEN_TRACES } from "./write/trace-deleter.ts";

/** Served by the partial index `rows_open`. */
const OPEN = "rank = 0 AND instance_id IS NOT NULL";

export function createInstanceReads(database: Database.Database): Sync<InstanceReads> {
  const list = database.prepare(
    `SELECT DISTINCT project_id AS projectId, instance_id AS instanceId FROM observation_rows WHERE ${OPEN} LIMIT ?`,
  );
  return { listOpenInstances: () => list.all([MAX_OPEN_INSTANCES]) as OpenInstance[] };
}

export function createInstanceWrites(
  database: Database.Database,
  batches: Sync<BatchWrites>,
  rows: Sync<RowReads>,
): Sync<InstanceWrites> {
  const find = database.prepare(
    `SELECT trace_id AS traceId, id FROM observation_rows
     WHERE ${OPEN} AND project_id = ? AND instance_id = ? AND status = ? AND trace NOT IN (${HIDDEN_TRACES}) LIMIT ?`,
  );
  /** Through the same write as any record, so that whatever is derived from rows follows. */
  const change = (
    projectId: string,
    instanceId: string,
    status: string,
    toChanged: (row: StoredObservation, lastSignAt: number) => StoredObservation,
  ): InstanceChange => {
    const found = find.all([projectId, instanceId, status, MAX_CHANGED_ROWS]) as { traceId: string; id: string }[];
    const traceIds = [...new Set(found.map(({ traceId }) => traceId))];
    for (const traceId of traceIds) {
      const ids = new Set(found.filter((row) => row.traceId === traceId).map(({ id }) => id));
      const trace = rows.readRows(projectId, traceId);
      const lastSignAt = lastSignIn(trace, instanceId);
      const observations = trace.filter((row) => ids.has(row.id)).map((row) => toChanged(row, lastSignAt));
      batches.writeBatch(projectId, { observations, scores: [], bytes: 0 });
    }
    return { traceIds, isDone: found.length < MAX_CHANGED_ROWS };
  };
  return {
    markSilent: (projectId, instanceId, lastHeardAt) =>
      change(projectId, instanceId, "running", (row, lastSignAt) =>
        asIncomplete(row, Math.max(lastHeardAt ?? 0, lastSignAt)),
      ),
    markHeard: (projectId, instanceId) => change(projectId, instanceId, "incomplete", asRunning),
  };
}
