import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  promises,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { hostname, tmpdir } from "node:os";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { createSink, type Sink } from "@spanwise/testing";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { createTracer, spanwise, type Tracer, type TracerOptions } from "../../src/index.ts";
import { SpanwiseConfigError } from "../../src/errors.ts";
import { Ledger } from "../../src/pipeline/ledger.ts";
import type { RestoredBatch, SpooledLane } from "../../src/transport/spool.ts";
import { isOwnerDead, LEASE_MS, writeOwner } from "../../src/spool/owner.ts";
import { spool } from "../../src/spool/index.ts";

let sink: Sink;
let dir: string;
const tracers: Tracer[] = [];

beforeEach(async () => {
  sink = await createSink();
  dir = mkdtempSync(join(tmpdir(), "spanwise-spool-"));
});

afterEach(async () => {
  for (const tracer of tracers.splice(0)) await tracer.shutdown({ timeoutMs: 20 });
  await sink.close();
  rmSync(dir, { recursive: true, force: true });
});

const HOUR_MS = 3_600_000;
const DOWN = [{ status: 503, times: Infinity }];

function trace(options: TracerOptions = {}): Tracer {
  const exporters = [spanwise({ baseUrl: sink.url })];
  const tracer = createTracer({ exporters, live: false, logLevel: "silent", spool: dir, ...options });
  tracers.push(tracer);
  return tracer;
}

/** Before its file is moved away: a write that is under way then would put it there again. */
const written = (tracer: Tracer): Promise<void> =>
  expect.poll(() => tracer.stats().spool).toMatchObject({ written: 1, files: 1 });

const files = (): string[] =>
  readdirSync(dir, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".batch"));
const names = (): string[] => sink.spans().map(({ name }) => name);

test.each([
  [{ dir: "" }, "dir must name a directory"],
  [{ dir: undefined as never }, "dir must name a directory"],
  [{ dir: "x", maxBytes: 0 }, "maxBytes must be a number above 0"],
  [{ dir: "x", maxAgeMs: Number.NaN }, "maxAgeMs must be a number above 0"],
])("%o throws and says what to do", (options, message) => {
  expect(() => spool(options)).toThrow(SpanwiseConfigError);
  expect(() => spool(options)).toThrow(message);
});

test("what one tracer leaves the next one of the process sends, and the first one's accounts are settled", async () => {
  sink.script(DOWN);
  const first = trace();
  for (const name of ["a", "b"]) first.startObservation(name).end();
  first.score({ name: "s", value: 1, traceId: "0".repeat(31) + "1" });
  expect(await first.shutdown({ timeoutMs: 50 })).toMatchObject({ dropped: 0, pending: 3 });
  expect(first.stats()).toMatchObject({ started: 2, queued: 2, sent: 0, dropped: {}, bytesHeld: 0 });
  sink.reset();
  const second = trace();
  await expect.poll(() => first.stats()).toMatchObject({ queued: 0, sent: 2, scores: { sent: 1, queued: 0 } });
  // A request that the shutdown broke off may have arrived: the same ids then come twice.
  expect([...new Set(sink.spans().map(({ spanId }) => spanId))]).toHaveLength(2);
  expect([...new Set(names())]).toEqual(["a", "b"]);
  expect(second.stats()).toMatchObject({ started: 0, sent: 0, bytesHeld: 0 });
  expect(second.stats().spool).toMatchObject({ files: 0, bytes: 0, restored: { started: 0 } });
});

test("a batch that is cut into parts keeps its file until the last of them is settled", async () => {
  sink.script(DOWN);
  const tracer = trace({ flushAt: 4, flushInterval: 60_000 });
  for (const name of ["a", "b", "c", "d"]) tracer.startObservation(name).end();
  await expect.poll(() => files()).toHaveLength(1);
  // Refused as a whole and in its first half; then the server goes away once more.
  sink.script([{ status: 413, times: 1 }, { status: 200, times: 1 }, ...DOWN]);
  const stats = async (): Promise<unknown> => {
    await tracer.flush({ timeoutMs: 300 });
    return tracer.stats();
  };
  await expect.poll(stats).toMatchObject({ sent: 2, queued: 2 });
  expect(files()).toHaveLength(1);
  expect(await tracer.shutdown({ timeoutMs: 50 })).toMatchObject({ dropped: 0, pending: 2 });
  sink.script([]);
  trace();
  await expect.poll(() => tracer.stats()).toMatchObject({ queued: 0, sent: 4 });
  expect([...new Set(names())].toSorted()).toEqual(["a", "b", "c", "d"]);
  await expect.poll(() => files()).toEqual([]);
});

test("a batch that is gzipped when it is written is read back as its records", async () => {
  const restored: RestoredBatch[] = [];
  const lane: SpooledLane = {
    name: "here",
    destination: "here",
    project: "",
    envelope: ["shop"],
    isFailing: () => false,
    restore: (batch) => void restored.push(batch),
    onDrop: () => {},
    close: () => {},
  };
  const ledger = new Ledger();
  const receipts = ["a", "b"].map((id) => {
    ledger.start();
    return ledger.enqueue(id, 1);
  });
  const stored = { bytes: gzipSync("HEADonethreeTAIL"), gzipped: true, headBytes: 4 };
  const files = spool({ dir });
  const first = files.open(lane);
  expect(first.add({ ends: [3, 8], receipts, stored: () => stored }).keep(receipts)).toBe(true);
  first.close();
  const second = files.open(lane);
  await expect.poll(() => restored).toHaveLength(1);
  expect(Buffer.from(restored[0]!.records).toString()).toBe("onethree");
  expect(restored[0]).toMatchObject({ ends: [3, 8], receipts, envelope: ["shop"] });
  restored[0]!.entry.release();
  expect(files.stats()).toMatchObject({ files: 0, bytes: 0 });
  second.close();
});

test("over maxBytes the oldest go, and the accounts know", async () => {
  sink.script(DOWN);
  const losses: unknown[] = [];
  const bounded = spool({ dir, maxBytes: 30_000 });
  const noise = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(6_000))).toString("base64");
  const tracer = trace({ spool: bounded, flushAt: 1, onDrop: (loss) => void losses.push(loss) });
  for (let i = 0; i < 8; i++) tracer.startObservation(`${i}`, { input: noise() }).end();
  await expect.poll(() => tracer.stats().spool!.written).toBe(8);
  expect(tracer.stats().spool!.bytes).toBeLessThanOrEqual(30_000);
  expect(tracer.stats().spool!.unprotected).toBeGreaterThanOrEqual(4);
  const result = await tracer.shutdown({ timeoutMs: 50 });
  const kept = files().length;
  // Three as they are, four when they were compressed before they were written.
  expect([3, 4]).toContain(kept);
  expect(result).toMatchObject({ pending: kept, dropped: 8 - kept });
  expect(tracer.stats()).toMatchObject({ started: 8, queued: kept, dropped: { shutdown: 8 - kept } });
  expect(files().reduce((sum, path) => sum + statSync(join(dir, path)).size, 0)).toBeLessThanOrEqual(30_000);
  sink.reset();
  trace({ spool: bounded });
  await expect.poll(() => names().toSorted()).toEqual(["4", "5", "6", "7"].slice(-kept));
});

test("a file that is over its age goes unsent, with its receipts", async () => {
  sink.script(DOWN);
  const aging = spool({ dir, maxAgeMs: 50 });
  const tracer = trace({ spool: aging });
  tracer.startObservation("a").end();
  expect(await tracer.shutdown({ timeoutMs: 20 })).toMatchObject({ pending: 1 });
  await new Promise((resolve) => setTimeout(resolve, 80));
  sink.reset();
  const losses: unknown[] = [];
  trace({ spool: aging, onDrop: (loss) => void losses.push(loss) });
  await expect.poll(() => tracer.stats()).toMatchObject({ queued: 0, dropped: { expired: 1 } });
  expect(losses).toEqual([{ destination: "spanwise", reason: "expired", count: 1 }]);
  expect(names()).toEqual([]);
});

test("what a tracer leaves at its end it does not read back itself", async () => {
  sink.script(DOWN);
  const reads = vi.spyOn(promises, "readFile");
  onTestFinished(() => reads.mockRestore());
  const tracer = trace();
  tracer.startObservation("a").end();
  expect(await tracer.shutdown({ timeoutMs: 50 })).toMatchObject({ pending: 1 });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(reads.mock.calls.filter(([path]) => typeof path === "string" && path.endsWith(".batch"))).toEqual([]);
});

test("a folder that was removed under a living process is made again", async () => {
  sink.script(DOWN);
  const tracer = trace({ flushInterval: 10 });
  tracer.startObservation("lost to whoever cleans up").end();
  await expect.poll(() => tracer.stats().spool).toMatchObject({ written: 1 });
  for (const folder of readdirSync(dir)) rmSync(join(dir, folder), { recursive: true });
  tracer.startObservation("after").end();
  await expect.poll(() => tracer.stats().spool).toMatchObject({ written: 2, failedWrites: 0 });
  expect(files()).toHaveLength(1);
  expect(readdirSync(dir, { recursive: true })).toContainEqual(expect.stringContaining("owner.json"));
});

test("what a disk takes in parts is whole in the end", async () => {
  sink.script(DOWN);
  const probe = await open(join(dir, "probe"), "w");
  const handles = Object.getPrototypeOf(probe) as typeof probe;
  await probe.close();
  const write = vi.spyOn(handles, "writev").mockImplementation(async function (this: typeof probe, parts) {
    const bytes = Buffer.concat(parts as Uint8Array[]);
    const { bytesWritten } = await this.write(bytes, 0, Math.ceil(bytes.byteLength / 3));
    return { bytesWritten, buffers: parts };
  });
  onTestFinished(() => write.mockRestore());
  const first = trace({ flushInterval: 10 });
  first.startObservation("work", { input: "x".repeat(1000) }).end();
  await expect.poll(() => first.stats().spool).toMatchObject({ written: 1 });
  expect(write.mock.calls.length).toBeGreaterThan(2);
  await first.shutdown({ timeoutMs: 20 });
  sink.reset();
  const second = trace();
  await expect.poll(() => names()).toEqual(["work"]);
  expect(second.stats().spool).toMatchObject({ removed: { corrupt: 0 } });
});

test("a file that cannot be read for want of descriptors stays for a later look", async () => {
  sink.script(DOWN);
  const first = trace();
  first.startObservation("work").end();
  await first.shutdown({ timeoutMs: 50 });
  sink.reset();
  const readFile = promises.readFile.bind(promises);
  const failing = vi.spyOn(promises, "readFile").mockImplementation(async (path, options) => {
    if (typeof path !== "string" || !path.endsWith(".batch")) return readFile(path, options);
    throw Object.assign(new Error("EMFILE: too many open files"), { code: "EMFILE" });
  });
  onTestFinished(() => failing.mockRestore());
  const second = trace();
  await expect
    .poll(() => failing.mock.calls.some(([path]) => typeof path === "string" && path.endsWith(".batch")))
    .toBe(true);
  await second.flush();
  expect(second.stats().spool).toMatchObject({ removed: { corrupt: 0 } });
  expect(files()).toHaveLength(1);
  failing.mockRestore();
  trace();
  await expect.poll(() => names()).toEqual(["work"]);
  await expect.poll(() => first.stats()).toMatchObject({ sent: 1, dropped: {} });
});

test.each(["read back", "removed for its age"])(
  "a file that another process has taken is neither damaged nor lost: %s",
  async (how) => {
    sink.script(DOWN);
    const files = spool({ dir, maxAgeMs: how === "read back" ? HOUR_MS : 1 });
    const first = trace({ spool: files });
    first.startObservation("a").end();
    await written(first);
    expect(await first.shutdown({ timeoutMs: 50 })).toMatchObject({ pending: 1 });
    // As a process does that takes this one for dead: it has slept, say.
    const [folder = ""] = readdirSync(dir);
    mkdirSync(join(dir, "f".repeat(16)));
    for (const name of readdirSync(join(dir, folder))) {
      if (name.endsWith(".batch")) renameSync(join(dir, folder, name), join(dir, "f".repeat(16), name));
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
    const onDrop = vi.fn<() => void>();
    const second = trace({ spool: files, onDrop });
    await expect.poll(() => second.stats().spool).toMatchObject({ files: 0, bytes: 0 });
    expect(second.stats().spool).toMatchObject({ removed: { queue_full: 0, expired: 0, corrupt: 0 } });
    // Whoever took it sends it.
    expect(first.stats()).toMatchObject({ queued: 1, sent: 0, dropped: {} });
    expect(onDrop).not.toHaveBeenCalled();
  },
);

test("a destination that is added while the directory is looked through gets its files at once", async () => {
  sink.script(DOWN);
  const left = join(dir, "f".repeat(16));
  const first = trace();
  first.startObservation("a").end();
  await written(first);
  await first.shutdown({ timeoutMs: 50 });
  const [folder = ""] = readdirSync(dir);
  mkdirSync(left);
  for (const name of readdirSync(join(dir, folder))) {
    if (name.endsWith(".batch")) renameSync(join(dir, folder, name), join(left, name));
  }
  utimesSync(left, 0, 0);
  sink.script([]);
  let goOn!: () => void;
  const gate = new Promise<void>((resolve) => (goOn = resolve));
  const readdir = promises.readdir.bind(promises) as (path: string) => Promise<string[]>;
  const looks = vi.spyOn(promises, "readdir").mockImplementationOnce(async (path) => {
    const found = await readdir(String(path));
    await gate;
    return found as never;
  });
  onTestFinished(() => looks.mockRestore());
  trace({ exporters: [spanwise({ baseUrl: `${sink.url}/elsewhere` })] });
  await expect.poll(() => looks).toHaveBeenCalled();
  trace();
  await new Promise((resolve) => setTimeout(resolve, 20));
  goOn();
  await sink.waitFor(() => names().length > 0);
  expect(names()).toContain("a");
});

test("a batch that is delivered before its turn is never written", async () => {
  const tracer = trace();
  for (let i = 0; i < 5; i++) {
    tracer.startObservation("a").end();
    await tracer.flush();
  }
  expect(names()).toHaveLength(5);
  await expect.poll(() => files()).toEqual([]);
  expect(tracer.stats().spool).toMatchObject({ files: 0, bytes: 0, failedWrites: 0 });
});

describe("the owner of a folder", () => {
  const owner = (change: Record<string, unknown>, ageMs = 0): string => {
    const folder = join(dir, "f".repeat(16));
    mkdirSync(folder, { recursive: true });
    writeOwner(folder);
    const path = join(folder, "owner.json");
    writeFileSync(path, JSON.stringify({ ...JSON.parse(readFileSync(path, "utf8")), ...change }));
    const touchedAt = new Date(Date.now() - ageMs);
    utimesSync(path, touchedAt, touchedAt);
    return folder;
  };
  /** Beyond every number that Linux and macOS give. */
  const NOBODY = 2 ** 30;

  test.each([
    ["this process", {}, 0, false],
    ["this process's number, from an earlier life", { startedAtMs: 1 }, 0, true],
    ["another living process", { pid: process.ppid }, 0, false],
    [
      "another living process that does not touch it any more: the number was given anew",
      { pid: process.ppid },
      LEASE_MS + 1_000,
      true,
    ],
    ["a number that does not run", { pid: NOBODY }, 0, true],
    ["another host's process", { pid: NOBODY, host: "elsewhere" }, 0, false],
    ["another host's process, silent for long", { pid: process.pid, host: "elsewhere" }, LEASE_MS + 1_000, true],
  ])("%s", async (_, change, ageMs, isDead) => {
    expect(hostname()).not.toBe("elsewhere");
    expect(await isOwnerDead(owner(change, ageMs))).toBe(isDead);
  });

  test("a folder without an owner is somebody's who has just made it, until it is old", async () => {
    const folder = join(dir, "e".repeat(16));
    mkdirSync(folder);
    expect(await isOwnerDead(folder)).toBe(false);
    const old = new Date(Date.now() - LEASE_MS - 1_000);
    utimesSync(folder, old, old);
    expect(await isOwnerDead(folder)).toBe(true);
    expect(await isOwnerDead(join(dir, "nowhere"))).toBe(false);
  });
});

test("what is not ours in the directory is left alone", async () => {
  const folder = join(dir, "0123456789abcdef");
  mkdirSync(folder);
  writeFileSync(join(dir, "notes.txt"), "theirs");
  writeFileSync(join(folder, "notes.txt"), "theirs");
  const old = new Date(Date.now() - LEASE_MS - 1_000);
  utimesSync(folder, old, old);
  const tracer = trace();
  tracer.startObservation("a").end();
  await tracer.flush();
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(existsSync(join(dir, "notes.txt"))).toBe(true);
  expect(existsSync(join(folder, "notes.txt"))).toBe(true);
  expect(tracer.stats().spool!.removed).toEqual({ queue_full: 0, expired: 0, corrupt: 0 });
});
