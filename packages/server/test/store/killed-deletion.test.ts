import Database from "libsql";
import { once } from "node:events";
import { copyFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { useCli } from "../cli-process.ts";
import { P, batch, hexId, observation, payload, score } from "./fixtures.ts";

const { folder, startReady } = useCli();

const DAY_MS = 86_400_000;
const NOW = Date.now();
const ROWS = 6000;
/** Several steps of them. */
const SCORES = 9000;
/** Until a deletion is where it is to be killed: a bound and no claim. */
const MAX_WAIT_MS = 20_000;
const ATTEMPTS = 10;
/** A bound and no claim, too: each attempt starts a server. */
const MAX_TEST_MS = 180_000;
const LARGE = hexId(1, 32);
const STAYS = hexId(2, 32);

/** A large trace, a month old, that has many scores. */
async function fillLarge(store: Store, project: string): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) =>
    observation({
      id: hexId(index + 1, 16),
      parentId: index === 0 ? null : hexId(1, 16),
      isRoot: index === 0,
      startTime: NOW - 30 * DAY_MS + index,
      endTime: NOW - 30 * DAY_MS + index + 1,
      payload: payload(`"zebra ${index} of many words, each of which has its own ${index * 7}"`),
    }),
  );
  const scores = Array.from({ length: SCORES }, (_, index) => score({ id: `s${index}`, traceId: LARGE }));
  await store.writeBatch(project, { ...batch(rows), scores: scores.map((one) => ({ ...one, projectId: project })) });
}

/** One that stays, with a text that a deleted one has too. */
async function fillSmall(store: Store): Promise<void> {
  const text = `"zebra 7 of many words, each of which has its own 49"`;
  const kept = observation({ traceId: STAYS, startTime: NOW, endTime: NOW + 1, payload: payload(text) });
  await store.writeBatch(P, batch([kept]));
}

interface Left {
  rows: number;
  scores: number;
  traces: number;
  candidates: number;
}

/** Of the file, whoever they belong to. */
function leftIn(path: string): Left {
  const database = openForReading(path);
  try {
    const count = (table: string): number =>
      (database.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n;
    return {
      rows: count("observation_rows"),
      scores: count("scores"),
      traces: count("trace_summaries"),
      candidates: count("blob_candidates"),
    };
  } finally {
    database.close();
  }
}

/** Starts the real server on the file, and kills it in the moment that the file looks so. @returns how it was found then. */
async function kill(
  path: string,
  begin: (url: string) => unknown,
  isWithin: (left: Left) => boolean,
  signal: "SIGKILL" | "SIGTERM",
): Promise<Left> {
  const { child, ready } = await startReady(["serve", "--port", "0", "--db", path]);
  const exited = once(child, "exit");
  begin(ready.url);
  const end = Date.now() + MAX_WAIT_MS;
  for (let left = leftIn(path); !isWithin(left) && left.rows > 1 && Date.now() < end; left = leftIn(path))
    await sleep(1);
  child.kill(signal);
  expect(await exited).toEqual(signal === "SIGKILL" ? [null, signal] : [0, null]);
  return leftIn(path);
}

/** As {@link kill}, once more from the beginning where the deletion was faster than the signal. */
async function killWithin(
  path: string,
  begin: (url: string) => unknown,
  isWithin: (left: Left) => boolean,
  signal: "SIGKILL" | "SIGTERM" = "SIGKILL",
): Promise<void> {
  const before = `${path}.before`;
  copyFileSync(path, before);
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (isWithin(await kill(path, begin, isWithin, signal))) return;
    for (const file of [path, `${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    copyFileSync(before, path);
  }
  throw new Error("No kill came in time.");
}

const loseScores = ({ scores }: Left): boolean => scores > 0 && scores < SCORES;
const loseRows = ({ rows }: Left): boolean => rows > 1 && rows < ROWS;

/** Starts it again and waits until nothing is left to be deleted. */
async function finish(path: string, end: Partial<Left>): Promise<void> {
  const { child } = await startReady(["serve", "--port", "0", "--db", path]);
  const exited = once(child, "exit");
  await expect.poll(() => leftIn(path), { timeout: 30_000 }).toMatchObject({ candidates: 0, ...end });
  child.kill("SIGTERM");
  expect(await exited).toEqual([0, null]);
}

/** That the file is sound, and that whatever it shows of a trace is the whole of it. @returns the traces. */
async function check(path: string, project = P): Promise<string[]> {
  const store = await openSqliteStore({ path });
  try {
    expect(await store.checkIntegrity()).toEqual([]);
    const { data } = await store.listTraces(project, { limit: 200 });
    for (const { traceId, observationCount, scoreCount } of data) {
      const trace = await store.getTrace(project, traceId);
      expect(trace?.observations).toHaveLength(observationCount);
      expect(trace?.scores).toHaveLength(scoreCount);
    }
    const stored = await store.countStored(project);
    const options = { from: NOW - 40 * DAY_MS, to: NOW + DAY_MS, by: null, buckets: 1, top: 9 };
    const { total } = await store.readMetrics(project, options, {});
    expect([stored.traces, total.traces, total.observations]).toEqual([data.length, data.length, stored.observations]);
    const ids = data.map(({ traceId }) => traceId);
    const found = await store.listTraces(project, { filter: parseQuery("zebra", "traces"), limit: 200 });
    expect(found.data.map(({ traceId }) => traceId)).toEqual(ids);
    return ids;
  } finally {
    await store.close();
    const database = new Database(path);
    database.exec("INSERT INTO search (search) VALUES ('integrity-check')");
    database.close();
  }
}

it(
  "a large trace: goes on after a kill while its scores go, and after one while its rows go",
  async () => {
    const path = join(folder, "trace.db");
    const store = await openSqliteStore({ path });
    await fillLarge(store, P);
    await fillSmall(store);
    await store.close();
    const ask = (url: string): unknown =>
      fetch(`${url}/api/traces/${LARGE}`, { method: "DELETE" }).catch(() => undefined);
    await killWithin(path, ask, loseScores);
    expect(await check(path)).toEqual([STAYS, LARGE]);
    // Nobody asks again.
    await killWithin(path, () => {}, loseRows);
    expect(await check(path)).toEqual([STAYS]);
    await finish(path, { rows: 1, scores: 0, traces: 1 });
    expect(await check(path)).toEqual([STAYS]);
  },
  MAX_TEST_MS,
);

it(
  "a project: is gone from the first step on, and all of it goes after a kill",
  async () => {
    const path = join(folder, "project.db");
    const store = await openSqliteStore({ path });
    await store.createProject({ id: "shop", name: "Shop", createdAt: NOW });
    await fillLarge(store, "shop");
    const more = Array.from({ length: 150 }, (_, index) =>
      observation({
        traceId: hexId(100 + index, 32),
        startTime: NOW,
        endTime: NOW + 1,
        payload: payload(`"zebra ${index}"`),
      }),
    );
    await store.writeBatch("shop", batch(more));
    await store.putDataset("shop", { id: "d", name: "d", now: NOW });
    await fillSmall(store);
    await store.close();
    const ask = (url: string): unknown =>
      fetch(`${url}/api/projects/shop?name=Shop`, { method: "DELETE" }).catch(() => undefined);
    await killWithin(path, ask, loseScores);
    await check(path, "shop");
    const again = await openSqliteStore({ path });
    expect((await again.listProjects()).map(({ id }) => id)).toEqual([P]);
    // Not before the last of the one before it is gone.
    expect(await again.createProject({ id: "shop", name: "Shop", createdAt: NOW })).toBe(false);
    await again.close();
    await killWithin(path, () => {}, loseRows);
    await check(path, "shop");
    expect(await check(path)).toEqual([STAYS]);
    await finish(path, { rows: 1, scores: 0, traces: 1 });
    const last = await openSqliteStore({ path });
    expect((await last.listDatasets("shop", { limit: 1, offset: 0 })).total).toBe(0);
    expect(await last.createProject({ id: "shop", name: "Shop", createdAt: NOW })).toBe(true);
    await last.close();
    expect(await check(path)).toEqual([STAYS]);
  },
  MAX_TEST_MS,
);

it(
  "retention: goes on after a kill, and after an orderly end",
  async () => {
    const path = join(folder, "retention.db");
    const store = await openSqliteStore({ path });
    await fillLarge(store, P);
    await fillSmall(store);
    await store.writeSetting("retention", { maxAgeDays: 7, maxBytes: null });
    await store.close();
    await killWithin(path, () => {}, loseScores);
    expect(await check(path)).toEqual([STAYS, LARGE]);
    await killWithin(path, () => {}, loseRows, "SIGTERM");
    expect(await check(path)).toEqual([STAYS]);
    await finish(path, { rows: 1, scores: 0, traces: 1 });
    expect(await check(path)).toEqual([STAYS]);
  },
  MAX_TEST_MS,
);
