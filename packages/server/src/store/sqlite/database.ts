import Database from "libsql";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { StoreOpenError } from "../store.ts";
import { MIGRATIONS } from "./migrations/index.ts";
import { explainOpenError } from "./open-error.ts";

export type { Database };

/** Opens the writer's connection: makes the folder, sets the journal, brings the schema up to date. */
export function openForWriting(path: string): Database.Database {
  try {
    makeFolder(dirname(path));
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // First of all, since the settings below are written into the file.
    migrate(database, path);
    // A commit in the write-ahead log survives a kill of the process; NORMAL leaves the sync of the disk to the checkpoint, so
    // only a crash of the machine can lose the last commits. The database stays whole either way.
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    // Rows arrive in the order of random trace ids and touch pages all over the trees: a cache that holds them and a log that is
    // folded in less often than every 4 MB write each page fewer times.
    database.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
    return database;
  } catch (error) {
    throw explainOpenError(path, error);
  }
}

/** Opens a connection that cannot write. The writer must have opened the same file before. */
export function openForReading(path: string): Database.Database {
  try {
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    database.pragma("query_only = ON");
    return database;
  } catch (error) {
    throw explainOpenError(path, error);
  }
}

const WRITER_CACHE_KIB = 64 * 1024;
/** 64 MiB of log, which is also what is read again after a crash. */
const CHECKPOINT_PAGES = 16_384;
const PAGE_BYTES = 4096;

/** How long a statement waits for another process that holds the write lock. */
const BUSY_TIMEOUT_MS = 5000;

/** Not mkdir's `recursive`: on Node 20 it never returns where the system refuses with ENOENT, as below /proc. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  try {
    mkdirSync(path);
  } catch (error) {
    // Another server may have been faster.
    if ((error as { code?: unknown }).code !== "EEXIST") throw error;
  }
}

function migrate(database: Database.Database, path: string): void {
  // One transaction around the look and the change: two servers may start on a new file at the same moment.
  database.exec("BEGIN IMMEDIATE");
  try {
    const version = readVersion(database);
    if (version > MIGRATIONS.length) {
      throw new StoreOpenError(
        `${path} was written by a newer version of Spanwise (schema ${version}): update, or use another --db.`,
      );
    }
    if (version === 0 && database.prepare("SELECT name FROM sqlite_master LIMIT 1").get() !== undefined) {
      throw new StoreOpenError(`${path} is another program's database: choose another file with --db.`);
    }
    for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
    if (version < MIGRATIONS.length) database.exec(`PRAGMA user_version = ${MIGRATIONS.length}`);
    database.exec("COMMIT");
  } catch (error) {
    if (database.inTransaction) database.exec("ROLLBACK");
    throw error;
  }
}

function readVersion(database: Database.Database): number {
  return (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;
}
