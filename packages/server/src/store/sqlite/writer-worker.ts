import { parentPort, workerData } from "node:worker_threads";
import { CLOSE, type ReadyMessage, type WorkerSetup, type WriteRequest } from "./protocol.ts";
import { Writer } from "./writer.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

try {
  const writer = new Writer((workerData as WorkerSetup).path);
  port.on("message", (message: WriteRequest | typeof CLOSE) => {
    if (message === CLOSE) {
      writer.close();
      port.close();
    } else {
      port.postMessage(writer.write(message));
    }
  });
  port.postMessage({ ready: true } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, message: (error as Error).message } satisfies ReadyMessage);
  port.close();
}
