import { parentPort, workerData } from "node:worker_threads";
import { carryError } from "../errors.ts";
import { openForReading } from "./database.ts";
import { CLOSE, type ReadyMessage, type WorkerSetup } from "./protocol.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

try {
  const database = openForReading((workerData as WorkerSetup).path);
  port.on("message", (message: unknown) => {
    if (message === CLOSE) {
      database.close();
      port.close();
      return;
    }
    try {
      database.pragma("wal_checkpoint(PASSIVE)");
    } catch {
      // A full disk, say: the writer meets it too, and tells whoever is waiting for it.
    }
    port.postMessage("done");
  });
  port.postMessage({ ready: true, methods: [] } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, error: carryError(error) } satisfies ReadyMessage);
  port.close();
}
