import { parentPort, workerData } from "node:worker_threads";
import {
  CLOSE,
  type ReadCall,
  type ReadRequest,
  type ReadResponse,
  type ReadyMessage,
  type WorkerSetup,
} from "./protocol.ts";
import { Reader } from "./reader.ts";

const port = parentPort;
if (port === null) throw new Error("This file runs as a worker thread.");

try {
  const reader = new Reader((workerData as WorkerSetup).path);
  port.on("message", (message: ReadRequest | typeof CLOSE) => {
    if (message === CLOSE) {
      reader.close();
      port.close();
      return;
    }
    port.postMessage(answer(reader, message));
  });
  port.postMessage({ ready: true } satisfies ReadyMessage);
} catch (error) {
  port.postMessage({ ready: false, message: (error as Error).message } satisfies ReadyMessage);
  port.close();
}

function answer(reader: Reader, request: ReadRequest): ReadResponse {
  try {
    return { id: request.id, ok: true, value: run(reader, request.call) };
  } catch (error) {
    const { name, message } = error as Error;
    return { id: request.id, ok: false, errorName: name, message };
  }
}

function run(reader: Reader, { method, args }: ReadCall): unknown {
  if (method === "listTraces") return reader.listTraces(...args);
  if (method === "getTrace") return reader.getTrace(...args);
  if (method === "getObservation") return reader.getObservation(...args);
  if (method === "listScores") return reader.listScores(...args);
  if (method === "getMedia") return reader.media.get(...args);
  if (method === "readMedia") return reader.media.read(...args);
  return reader.media.listLinks(...args);
}
