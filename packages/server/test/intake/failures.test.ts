import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { IntakeThread } from "../../src/ingest/intake/intake-thread.ts";
import { openSqliteStore, type SqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { locateWorker } from "../../src/worker-file.ts";
import { exportOf, span, toProtobuf } from "../otlp-messages.ts";

const SOUND = (): Promise<URL> => locateWorker("ingest/intake/intake-worker");

/** The code of a thread that does this at each message. */
const failing = (atMessage: string, atStart = "") => {
  const code = `import { parentPort } from "node:worker_threads";
    ${atStart};
    parentPort.on("message", () => { ${atMessage} });
    parentPort.postMessage("ready");`;
  return async (): Promise<URL> => new URL(`data:text/javascript,${encodeURIComponent(code)}`);
};
const SILENT = failing("");
const THROWS = failing(`throw new Error("an error of the thread")`);
const EXITS = failing("process.exit(3)");
/** The answer is under way before the end is. */
const LATE =
  failing(`process.on("exit", () => parentPort.postMessage({ ok: false, error: { name: "Error", message: "too late" } }));
  throw new Error("an error of the thread")`);
const SPINS = failing("for (;;);");
const REFUSES = failing(
  `parentPort.postMessage({ ok: false, error: { name: "DecodeError", message: "not well-formed" } })`,
);
const NEVER_READY = failing("", `throw new Error("no memory for a thread")`);

let folder: string;
let store: SqliteStore;
let thread: IntakeThread | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "spanwise-intake-"));
  store = await openSqliteStore({ path: join(folder, "failures.db") });
});
afterEach(async () => {
  await thread?.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Each thread runs the next of the codes, and all after them the last. */
function start(codes: (() => Promise<URL>)[], maxReadMs?: number): { thread: IntakeThread; started: () => number } {
  let started = 0;
  const locate = (): Promise<URL> => codes[Math.min(started++, codes.length - 1)]!();
  thread = new IntakeThread(store, { locate, ...(maxReadMs !== undefined && { maxReadMs }) });
  return { thread, started: () => started };
}

let requests = 0;

const request = () => ({
  projectId: "default",
  encoding: "protobuf" as const,
  body: toProtobuf(exportOf([span(1, {}, { traceId: (++requests).toString(16).padStart(32, "b") })])),
  prices: [],
});

async function expectStored(taker: IntakeThread): Promise<void> {
  const { committed, stored } = await taker.take(request());
  await committed;
  expect(stored.observations).toBe(1);
}

const busy = expect.objectContaining({ status: 429 }) as unknown;

it.each([
  ["throws", THROWS, "an error of the thread"],
  ["exits", EXITS, "has ended"],
])(
  "blames the first request when the thread %s, sends the others again, and starts another",
  async (_, code, reason) => {
    const { thread: taker, started } = start([code, code, SOUND]);
    for (const round of [1, 2]) {
      const [first, ...others] = await Promise.allSettled([1, 2, 3].map(() => taker.take(request())));
      expect(first).toMatchObject({
        status: "rejected",
        reason: { message: expect.stringContaining(reason) as unknown },
      });
      for (const other of others) expect(other).toEqual({ status: "rejected", reason: busy });
      expect(started()).toBe(round);
    }
    await expectStored(taker);
    await expectStored(taker);
    expect(started()).toBe(3);
  },
);

it("gives what a thread answers at its end to the request that it was at, and to none of the next thread", async () => {
  const { thread: taker } = start([LATE, SOUND]);
  const [first, second, third] = await Promise.allSettled([1, 2, 3].map(() => taker.take(request())));
  const reasons = [first, second, third].map((one) =>
    one?.status === "rejected" ? (one.reason as Error).message : "",
  );
  // Whether the answer or the error is told first is Node's matter; 26 has been seen to do both.
  if (reasons[0] === "too late") {
    expect(second).toMatchObject({ reason: { message: "an error of the thread" } });
    expect(third).toEqual({ status: "rejected", reason: busy });
  } else {
    expect(reasons[0]).toContain("an error of the thread");
    expect(reasons.slice(1)).not.toContain("too late");
  }
  await Promise.all([expectStored(taker), expectStored(taker)]);
});

it("gives an answer that came before the end to whom it belongs", async () => {
  const { thread: taker } = start([REFUSES, SOUND]);
  const both = await Promise.allSettled([taker.take(request()), taker.take(request())]);
  for (const one of both) expect(one).toMatchObject({ reason: { name: "DecodeError", message: "not well-formed" } });
});

it("ends a thread that does not answer, also one that does nothing else any more", async () => {
  const { thread: taker } = start([SILENT, SPINS, SOUND], 200);
  for (const _ of [1, 2]) {
    const [first, second] = await Promise.allSettled([taker.take(request()), taker.take(request())]);
    expect(first).toMatchObject({
      reason: { message: expect.stringContaining("did not answer within 200 ms") as unknown },
    });
    expect(second).toEqual({ status: "rejected", reason: busy });
  }
});

it("tries again to start a thread that could not be started, and blames no request for it", async () => {
  const notThere = async (): Promise<URL> => new URL("./no-such-worker.mjs", import.meta.url);
  const notFound = (): Promise<URL> => Promise.reject(new Error("nowhere"));
  const { thread: taker, started } = start([notThere, notFound, NEVER_READY, SOUND]);
  for (const [index, reason] of ["no-such-worker", "nowhere", "no memory for a thread"].entries()) {
    const all = await Promise.allSettled([taker.take(request()), taker.take(request())]);
    for (const one of all) {
      expect(one).toEqual({ status: "rejected", reason: busy });
      expect(one).toMatchObject({ reason: { message: expect.stringContaining(reason) as unknown } });
    }
    expect(started()).toBe(index + 1);
  }
  await expectStored(taker);
});

it("answers all that wait when it is closed, and takes nothing after", async () => {
  const { thread: taker, started } = start([SILENT]);
  const taken = Promise.allSettled([taker.take(request()), taker.take(request())]);
  await taker.close();
  const closed = { status: "rejected", reason: expect.objectContaining({ name: "StoreClosedError" }) as unknown };
  expect(await taken).toEqual([closed, closed]);
  await expect(taker.take(request())).rejects.toMatchObject({ name: "StoreClosedError" });
  expect(started()).toBe(1);
});

it("ends when it is closed while another thread is being started", async () => {
  let open: ((code: URL) => void) | undefined;
  const gate = new Promise<URL>((resolve) => (open = resolve));
  const { thread: taker } = start([THROWS, () => gate]);
  await expect(taker.take(request())).rejects.toThrow("an error of the thread");
  const taken = expect(taker.take(request())).rejects.toMatchObject({ name: "StoreClosedError" });
  const closed = taker.close();
  open?.(await SOUND());
  await Promise.all([taken, closed, taker.close()]);
});

it("leaves the memory of bodies that were not taken to their owners", async () => {
  const { thread: taker } = start([() => Promise.reject(new Error("nowhere")), SOUND]);
  const one = request();
  await expect(taker.take(one)).rejects.toMatchObject({ status: 429 });
  expect(one.body.byteLength).toBeGreaterThan(0);
  const { committed } = await taker.take(one);
  await committed;
});
