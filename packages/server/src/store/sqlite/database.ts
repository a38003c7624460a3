import Database from "libsql";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { StoreOpenError } from "../store.ts";
import { MIGRATIONS } from "./migrations/index.ts";

export type { Database };

/** Opens the writer's connection: makes the folder, sets the journal, brings the schema up to date. */
export function openForWriting(path: string): Database.Database {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // A commit in the write-ahead log survives a kill of the process; NORMAL leaves the sync of the disk to the checkpoint, so
    // only a crash of the machine can lose the last commits. The database stays whole either way.
    database.pragma("journal_mode = WAL");
    database.pragma("synchronous = NORMAL");
    // Rows arrive in the order of random trace ids and touch pages all over the trees: a cache that holds them and a log that is
    // folded in less often than every 4 MB write each page fewer times.
    database.pragma(`cache_size = -${WRITER_CACHE_KIB}`);
    database.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    database.pragma(`journal_size_limit = ${CHECKPOINT_PAGES * PAGE_BYTES}`);
    migrate(database, path);
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

function migrate(database: Database.Database, path: string): void {
  const row = database.prepare("PRAGMA user_version").get() as { user_version: number };
  const version = row.user_version;
  if (version > MIGRATIONS.length) {
    throw new StoreOpenError(
      `${path} was written by a newer version of Spanwise (schema ${version}): update, or use another --db.`,
    );
  }
  for (let next = version; next < MIGRATIONS.length; next++) {
    database.exec(`BEGIN IMMEDIATE; ${MIGRATIONS[next] ?? ""}; PRAGMA user_version = ${next + 1}; COMMIT;`);
  }
}

function explainOpenError(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const code = (error as { code?: unknown }).code;
  const message = error instanceof Error ? error.message : String(error);
  if (code === "SQLITE_NOTADB")
    return new StoreOpenError(`${path} is not a SQLite database: choose another file with --db.`, { cause: error });
  if (code === "EACCES" || code === "EPERM" || code === "EROFS" || /readonly|unable to open/i.test(message)) {
    return new StoreOpenError(
      `${path} cannot be opened for writing (${message}): check the permissions, or choose another file with --db.`,
      { cause: error },
    );
  }
  return new StoreOpenError(`${path} cannot be opened as a database: ${message}`, { cause: error });
}
