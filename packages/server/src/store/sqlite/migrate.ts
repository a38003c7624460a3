import type Database from "libsql";
import { StoreOpenError } from "../errors.ts";
import { MIGRATIONS } from "./migrations/index.ts";

/**
 * Brings the schema up to date, in one transaction around the look and the change: two servers may start on a new file at the same moment.
 *
 * @throws {StoreOpenError} for a file of a newer version or of another program.
 */
export function migrate(database: Database.Database, path: string): void {
  database.exec("BEGIN IMMEDIATE");
  try {
    const seen = readSeen(database);
    const unknown = [...seen].find((version) => !MIGRATIONS.some((migration) => migration.version === version));
    if (unknown !== undefined) {
      throw new StoreOpenError(
        `${path} was written by a newer version of Spanwise (schema ${unknown}): update, or use another --db.`,
      );
    }
    if (seen.size === 0 && database.prepare("SELECT name FROM sqlite_master LIMIT 1").get() !== undefined) {
      throw new StoreOpenError(`${path} is another program's database: choose another file with --db.`);
    }
    const missing = MIGRATIONS.filter((migration) => !seen.has(migration.version));
    if (missing.length > 0) {
      database.exec("CREATE TABLE IF NOT EXISTS migrations (version INTEGER PRIMARY KEY) WITHOUT ROWID");
      const remember = database.prepare("INSERT OR IGNORE INTO migrations (version) VALUES (?)");
      for (const version of seen) remember.run([version]);
      for (const migration of missing) {
        database.exec(migration.sql);
        migration.run?.(database);
        remember.run([migration.version]);
      }
      // For versions of Spanwise that know no table of migrations: they refuse a number above their own.
      database.exec(`PRAGMA user_version = ${Math.max(...MIGRATIONS.map(({ version }) => version))}`);
    }
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

/** Versions that the file has seen. The first two were counted in `user_version`, before there was a table. */
function readSeen(database: Database.Database): Set<number> {
  const { user_version: version } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const table = database.prepare("SELECT 1 FROM sqlite_master WHERE name = 'migrations'").get();
  if (version === 0) return new Set();
  if (table === undefined) return new Set(version <= 2 ? [1, 2].slice(0, version) : [version]);
  const rows = database.prepare("SELECT version FROM migrations").all() as { version: number }[];
  return new Set(rows.map((row) => row.version));
}
