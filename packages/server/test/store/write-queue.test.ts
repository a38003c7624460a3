import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { WriteQueue } from "../../src/store/sqlite/write-queue.ts";

/** A writer that answers each call of a group with the names of all that were in it, from when the gate is open. */
const WRITER = `
  const { parentPort, workerData } = require("node:worker_threads");
  parentPort.on("message", ({ calls }) => {
    Atomics.wait(workerData, 0, 0);
    const value = calls.map(({ method }) => method).join(" ");
    parentPort.postMessage({ results: calls.map(() => ({ ok: true, value })) });
  });
`;

const MIB = 1024 * 1024;

async function withQueue(use: (queue: WriteQueue, open: () => void) => Promise<void>): Promise<void> {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(WRITER, { eval: true, workerData: gate });
  const open = (): void => {
    Atomics.store(gate, 0, 1);
    Atomics.notify(gate, 0);
  };
  await once(worker, "online");
  try {
    await use(new WriteQueue(worker, { maxBytes: 256 * MIB, onCommit: () => undefined }), open);
  } finally {
    open();
    await worker.terminate();
  }
}

const call = (method: string, bytes: number): { method: string; args: unknown[] } => ({ method, args: [{ bytes }] });

it("groups what arrives while the writer is busy, up to a size", () =>
  withQueue(async (queue, open) => {
    const answers = ["a", "b", "c", "d", "e"].map((name) => queue.push(call(name, 6 * MIB)));
    open();
    expect(await Promise.all(answers)).toEqual(["a", "b c d", "b c d", "b c d", "e"]);
  }));

it("does not hold small calls up by large ones that came before them, nor large ones by many small", () =>
  withQueue(async (queue, open) => {
    const first = queue.push(call("first", MIB));
    const later = [call("large", MIB), call("small", 100), call("larger", 2 * MIB), call("tiny", 10)];
    const order: unknown[] = [];
    const answers = later.map((each) => queue.push(each).then((group) => order.push(group)));
    // Comes while the small ones are written.
    const last = answers[1]?.then(() => queue.push(call("late", 10)));
    open();
    expect(await first).toBe("first");
    await Promise.all(answers);
    expect(order).toEqual(["small tiny", "small tiny", "large larger", "large larger"]);
    expect(await last).toBe("late");
  }));
