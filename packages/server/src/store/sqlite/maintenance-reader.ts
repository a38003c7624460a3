import Database from "libsql";
import type { MaintenanceReads } from "../retention.ts";
import type { Sync } from "../store.ts";

/** @param path the database's file. */
export function createMaintenanceReads(path: string): Sync<MaintenanceReads> {
  return {
    checkIntegrity() {
      // Anew: pages that the reader holds would not be looked at in the file.
      const database = new Database(path);
      try {
        const rows = database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[];
        return rows.map((row) => row.integrity_check).filter((line) => line !== "ok");
      } finally {
        database.close();
      }
    },
  };
}
