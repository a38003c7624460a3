import type Database from "libsql";
import { decodeObservation, decodePayload, type SqlValue } from "./columns.ts";
import type { Writes } from "./writes.ts";

/** Rows brought over in one transaction. */
const IMPORT_ROWS = 500;

type Row = Record<string, SqlValue>;

/**
 * Brings rows of the first schema over, in small transactions: each moves what it reads, so that it goes on where it was interrupted,
 * and two servers on one file may both do it.
 */
export function importOldRows(database: Database.Database, writes: Writes): void {
  for (let isDone = false; !isDone;) {
    database.exec("BEGIN IMMEDIATE");
    try {
      writes.hooks.groupBegins();
      isDone = !moveSome(database, writes);
      writes.hooks.groupEnds();
      database.exec("COMMIT");
    } catch (error) {
      if (database.inTransaction) database.exec("ROLLBACK");
      throw error;
    }
  }
}

/** @returns false when there is nothing left to move, and the old tables are gone. */
function moveSome(database: Database.Database, { methods, hooks }: Writes): boolean {
  if (database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'payloads'").get() === undefined) return false;
  const page = database.prepare(
    `SELECT * FROM observations JOIN payloads USING (project_id, trace_id, id) ORDER BY project_id, trace_id LIMIT ${IMPORT_ROWS}`,
  );
  const rows = page.all() as Row[];
  if (rows.length === 0) {
    database.exec("DROP TABLE observations; DROP TABLE payloads; DROP TABLE traces");
    return false;
  }
  const remove = database.prepare("DELETE FROM observations WHERE project_id = ? AND trace_id = ? AND id = ?");
  for (const row of rows) {
    const { hasInput: _, hasOutput: __, ...observation } = decodeObservation(row);
    const payload = decodePayload(row, (value) => value as string | null);
    const batch = { observations: [{ ...observation, payload }], scores: [], bytes: 0 };
    methods.writeBatch(String(row["project_id"]), batch);
    remove.run([row["project_id"], row["trace_id"], row["id"]]);
  }
  hooks.callEnds();
  return true;
}
