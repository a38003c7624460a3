import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it } from "vitest";
import { ReaderPool } from "../../src/store/sqlite/reader-pool.ts";
import type { StartedWorker } from "../../src/store/sqlite/start-worker.ts";

/** A reader that answers long calls when the gate opens, and others at once; both with the number of its thread. */
const READER = `
  const { parentPort, threadId, workerData } = require("node:worker_threads");
  parentPort.on("message", (message) => {
    if (message === "close") return parentPort.close();
    if (message.method === "end") process.exit(0);
    if (message.method === "readMetrics") Atomics.wait(workerData, 0, 0);
    parentPort.postMessage({ id: message.id, ok: true, value: threadId });
  });
`;

class Readers {
  readonly gate = new Int32Array(new SharedArrayBuffer(4));
  started = 0;

  start = async (): Promise<StartedWorker> => {
    this.started += 1;
    const worker = new Worker(READER, { eval: true, workerData: this.gate });
    await once(worker, "online");
    return { worker, methods: [] };
  };

  open(): void {
    Atomics.store(this.gate, 0, 1);
    Atomics.notify(this.gate, 0);
  }
}

async function withPool(use: (pool: ReaderPool, readers: Readers) => Promise<void>): Promise<void> {
  const readers = new Readers();
  const pool = new ReaderPool(await readers.start(), readers.start);
  try {
    await use(pool, readers);
  } finally {
    readers.open();
    for (const worker of await pool.close()) await worker.terminate();
  }
}

const long = { method: "readMetrics", args: [] };
const short = { method: "listTraces", args: [] };

it("answers short calls while any number of long ones wait", () =>
  withPool(async (pool, readers) => {
    const waiting = Array.from({ length: 6 }, () => pool.call(long));
    let answered = 0;
    for (const each of waiting) void each.then(() => (answered += 1));
    for (let round = 0; round < 5; round++) await pool.call(short);
    expect(answered).toBe(0);
    readers.open();
    expect(new Set(await Promise.all(waiting)).size).toBeLessThan(3);
    expect(readers.started).toBeLessThan(4);
  }));

it("pays for one thread when it is asked one thing after the other", () =>
  withPool(async (pool, readers) => {
    for (let round = 0; round < 5; round++) await pool.call(short);
    expect(readers.started).toBe(1);
  }));

it("replaces a reader that has ended", () =>
  withPool(async (pool, readers) => {
    await expect(pool.call({ method: "end", args: [] })).rejects.toMatchObject({ name: "StoreClosedError" });
    expect(await pool.call(short)).toBeGreaterThan(0);
    expect(readers.started).toBe(2);
  }));

it("refuses, instead of waiting, when no reader can be started", async () => {
  const readers = new Readers();
  const pool = new ReaderPool(await readers.start(), () => Promise.reject(new Error("no more threads")));
  await expect(pool.call({ method: "end", args: [] })).rejects.toMatchObject({ name: "StoreClosedError" });
  await expect(pool.call(short)).rejects.toThrow("no more threads");
  await expect(pool.call(short)).rejects.toThrow("no more threads");
  await pool.close();
});

it("answers what it was asked before it is closed", () =>
  withPool(async (pool, readers) => {
    const calls = [long, long, long, short].map((call) => pool.call(call));
    const closed = pool.close();
    readers.open();
    expect(await Promise.all(calls)).toHaveLength(4);
    await closed;
  }));
