import { parentPort, workerData } from "node:worker_threads";
import { carryError } from "../errors.ts";
import { openForReading } from "./database.ts";
import { runCall } from "./group-commit.ts";
import {
  CLOSE,
  type CallResult,
  type ReadRequest,
  type ReadResponse,
  type ReadyMessage,
  type WorkerSetup,
} from "./protocol.ts";
import { createReads } from "./reads.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

try {
  const { path, gate } = workerData as WorkerSetup;
  if (gate !== undefined) Atomics.wait(gate, 0, 0);
  const database = openForReading(path);
  const reads = createReads(database, path);
  const answer = (request: ReadRequest): CallResult => {
    try {
      return { ok: true, value: runCall(reads, request) };
    } catch (error) {
      return { ok: false, error: carryError(error) };
    }
  };
  port.on("message", (message: ReadRequest | typeof CLOSE) => {
    if (message !== CLOSE) {
      const result = answer(message);
      // Large answers are bytes, and are handed over instead of copied.
      const bytes = result.ok && result.value instanceof Uint8Array ? [result.value.buffer as ArrayBuffer] : [];
      port.postMessage({ id: message.id, ...result } satisfies ReadResponse, bytes);
      return;
    }
    database.close();
    port.close();
  });
  port.postMessage({ ready: true, methods: Object.keys(reads) } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, error: carryError(error) } satisfies ReadyMessage);
  port.close();
}
