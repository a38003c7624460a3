import { parentPort, workerData } from "node:worker_threads";
import { carryError } from "../errors.ts";
import { openForWriting, type Database } from "./database.ts";
import { commitGroup, refuseGroup } from "./group-commit.ts";
import { importOldRows } from "./import-old-rows.ts";
import { explainOpenError } from "./open-error.ts";
import { OpenFile } from "./open-file.ts";
import { CLOSE, type ReadyMessage, type WorkerSetup, type WriteRequest } from "./protocol.ts";
import { createWrites, type Writes } from "./writes.ts";

/** The start itself is over by then, and so is a command that only reads. */
const WARM_UP_AFTER_MS = 500;

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

const { path, maxPages } = workerData as WorkerSetup;
try {
  const database = openForWriting(path);
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`);
  const writes = createWrites(database);
  importOldRows(database, writes);
  const file = new OpenFile(path);
  const warmUp = setTimeout(() => prepareForWrites(database, writes), WARM_UP_AFTER_MS);
  port.on("message", (message: WriteRequest | typeof CLOSE) => {
    if (message !== CLOSE) {
      port.postMessage(file.isThere() ? commitGroup(database, writes, message) : refuseGroup(path, message));
      return;
    }
    clearTimeout(warmUp);
    // Leaves one file behind instead of three, where nobody else has it open.
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.close();
    port.close();
  });
  port.postMessage({ ready: true, methods: Object.keys(writes.methods) } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, error: carryError(explainOpenError(path, error)) } satisfies ReadyMessage);
  port.close();
}

/** What the first batch would have to wait for: half a second in a large file. */
function prepareForWrites(database: Database.Database, writes: Writes): void {
  try {
    writes.warmUp();
  } catch {
    // A batch meets it too, and its sender is told.
  }
  // What more was read than may wait is sorted in.
  commitGroup(database, writes, { calls: [] });
}
