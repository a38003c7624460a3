import { parentPort, workerData } from "node:worker_threads";
import { carryError } from "../errors.ts";
import { openForWriting } from "./database.ts";
import { commitGroup } from "./group-commit.ts";
import { importOldRows } from "./import-old-rows.ts";
import { CLOSE, type ReadyMessage, type WorkerSetup, type WriteRequest } from "./protocol.ts";
import { createWrites } from "./writes.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

try {
  const { path, maxPages } = workerData as WorkerSetup;
  const database = openForWriting(path);
  if (maxPages !== undefined) database.pragma(`max_page_count = ${maxPages}`);
  const writes = createWrites(database);
  importOldRows(database, writes);
  port.on("message", (message: WriteRequest | typeof CLOSE) => {
    if (message !== CLOSE) {
      port.postMessage(commitGroup(database, writes, message));
      return;
    }
    // Leaves one file behind instead of three, where nobody else has it open.
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.close();
    port.close();
  });
  port.postMessage({ ready: true, methods: Object.keys(writes.methods) } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, error: carryError(error) } satisfies ReadyMessage);
  port.close();
}
