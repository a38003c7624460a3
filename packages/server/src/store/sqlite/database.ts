import Database from "libsql";
import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { migrate } from "./migrate.ts";
import { explainOpenError } from "./open-error.ts";

export type { Database };

/** Opens the writer's connection: makes the folder, sets the journal, brings the schema up to date. */
export function openForWriting(path: string): Database.Database {
  try {
    makeFolder(dirname(path));
    const database = new Database(path, { timeout: BUSY_TIMEOUT_MS });
    // Deleted rows give their pages back, a few at a time (`retention-writer.ts`). Only a file that is empty, or written anew, takes it.
    database.pragma("auto_vacuum = INCREMENTAL");
    // First of all, since the settings below are written into the file.
    migrate(database, path);
    // A commit in the write-ahead log survives a kill of the process; NORMAL leaves the sync of the disk to the checkpoint, so
    // only a crash of the machine can lose the last commits. The database stays whole either way.
    useWriteAheadLog(database);
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
    database.pragma(`cache_size = -${READER_CACHE_KIB}`);
    return database;
  } catch (error) {
    throw explainOpenError(path, error);
  }
}

/** SQLite does not wait here for whoever is looking at the file, as a server that starts on it at the same moment does. */
function useWriteAheadLog(database: Database.Database): void {
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.pragma("journal_mode = WAL");
      return;
    } catch (error) {
      if (Date.now() > deadline || !/locked|busy/i.test(String(error))) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
  }
}

const WRITER_CACHE_KIB = 64 * 1024;
/** Of each reader, of which there are at most three. SQLite's own 2 MiB are gone before a walk over an index comes around again. */
const READER_CACHE_KIB = 16 * 1024;
/**
 * 128 MiB of log, which is also what is read again after a crash. Most of it has been folded in by then (`checkpointer.ts`), unless it came
 * faster than the disk takes it: the writer then waits here, and the log does not grow without an end.
 */
const CHECKPOINT_PAGES = 32_768;
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
