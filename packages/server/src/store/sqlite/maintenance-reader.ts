import { existsSync } from "node:fs";
import Database from "libsql";
import type { MaintenanceReads } from "../retention.ts";
import type { Sync } from "../store.ts";

/** @param path the database's file. */
export function createMaintenanceReads(path: string): Sync<MaintenanceReads> {
  /** A connection of its own: the reader's may not write, not even to another file. */
  const withConnection = <T>(use: (database: Database.Database) => T): T => {
    const database = new Database(path);
    try {
      return use(database);
    } finally {
      database.close();
    }
  };
  return {
    backup(target) {
      if (existsSync(target)) throw new Error(`There is a file ${target} already: name a new one.`);
      withConnection((database) => database.prepare("VACUUM INTO ?").run([target]));
    },
    checkIntegrity: () =>
      withConnection((database) =>
        (database.prepare("PRAGMA integrity_check").all() as { integrity_check: string }[])
          .map((row) => row.integrity_check)
          .filter((line) => line !== "ok"),
      ),
  };
}
