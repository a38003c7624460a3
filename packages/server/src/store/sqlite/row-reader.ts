import type { StoredObservation } from "../../model/observation.ts";
import { compareRows } from "../../query/summary.ts";
import type { RowReads } from "../rows.ts";
import type { Sync } from "../store.ts";
import { decodeObservation, decodePayload, type SqlValue } from "./columns.ts";
import type { Database } from "./database.ts";

type Row = Record<string, SqlValue>;

const JOINED = `SELECT * FROM observations JOIN payloads USING (project_id, trace_id, id) WHERE project_id = ? AND trace_id = ?`;

export function createRowReads(database: Database.Database): Sync<RowReads> {
  const all = database.prepare(JOINED);
  const some = database.prepare(`${JOINED} AND id IN (SELECT value FROM json_each(?))`);
  return {
    readRows(projectId, traceId, ids) {
      const rows =
        ids === undefined ? all.all([projectId, traceId]) : some.all([projectId, traceId, JSON.stringify(ids)]);
      return (rows as Row[]).map(decodeStored).toSorted(compareRows);
    },
  };
}

/** From a row of both tables. */
export function decodeStored(row: Row): StoredObservation {
  const { hasInput: _, hasOutput: __, ...observation } = decodeObservation(row);
  return { ...observation, payload: decodePayload(row) };
}
