import { mkdtempSync, rmSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { RECORD_RANK } from "../../src/model/observation.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { describeStore } from "./contract.ts";
import { batch, hexId, observation } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-store-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const freshPath = (): string => join(folder, `new-${++count}`, "deep", "test.db");

describeStore("memory store", async () => createMemoryStore());
describeStore("sqlite store", () => openSqliteStore({ path: freshPath() }));

it("finds after reopening what was written before", async () => {
  const path = freshPath();
  const first = await openSqliteStore({ path });
  await first.writeBatch("default", batch([observation()]));
  await first.close();
  const second = await openSqliteStore({ path });
  expect((await second.getTrace("default", hexId(1, 32)))?.observations).toHaveLength(1);
  await second.close();
});

it("keeps a text once that came before the file was opened, between others that are new", async () => {
  const path = freshPath();
  const message = (text: string): string => JSON.stringify({ role: "user", content: text.repeat(60) });
  const [a, b, c] = [message("first words "), message("second words "), message("third words ")];
  const put = async (index: number, input: string): Promise<unknown> => {
    const store = await openSqliteStore({ path });
    const row = observation({ traceId: hexId(index, 32), id: hexId(index, 16) });
    await store.writeBatch("default", batch([{ ...row, payload: { ...row.payload, input } }]));
    const read = await store.getObservation("default", hexId(index, 32), hexId(index, 16));
    await store.close();
    return read?.payload.input;
  };
  const [first, second] = [`[${a},${b}]`, `[${c},${a},${message("fourth words ")}]`];
  expect(await put(1, first)).toBe(first);
  expect(await put(2, second)).toBe(second);
  const database = openForReading(path);
  const { shared } = database
    .prepare("SELECT count(*) AS shared FROM (SELECT blob FROM blob_refs GROUP BY blob HAVING count(*) = 2)")
    .get() as { shared: number };
  const { indexed } = database.prepare("SELECT count(*) AS indexed FROM search WHERE search MATCH 'words'").get() as {
    indexed: number;
  };
  database.close();
  expect({ shared, indexed }).toEqual({ shared: 1, indexed: 4 });
});

it("sweeps the texts of a record that came too late to count", async () => {
  const path = freshPath();
  const store = await openSqliteStore({ path });
  const row = observation();
  await store.writeBatch("default", batch([{ ...row, payload: { ...row.payload, input: '"kept words"' } }]));
  const late = { ...row, rank: RECORD_RANK.start, payload: { ...row.payload, input: '"late words"' } };
  await store.writeBatch("default", batch([late]));
  while (!(await store.pruneStep({ before: null, maxBytes: null })).isDone);
  await store.close();
  const database = openForReading(path);
  const count = (word: string): unknown =>
    (database.prepare("SELECT count(*) AS n FROM search WHERE search MATCH ?").get([word]) as { n: number }).n;
  const found = [count("kept"), count("late")];
  database.close();
  expect(found).toEqual([1, 0]);
});

it("keeps a text anew that was swept while the store is open", async () => {
  const store = await openSqliteStore({ path: freshPath() });
  const row = observation();
  await store.writeBatch("default", batch([row]));
  const payload = { ...row.payload, input: '"late words"' };
  await store.writeBatch("default", batch([{ ...row, rank: RECORD_RANK.start, payload }]));
  while (!(await store.pruneStep({ before: null, maxBytes: null })).isDone);
  await store.writeBatch("default", batch([{ ...row, traceId: hexId(2, 32), payload }]));
  expect((await store.getObservation("default", hexId(2, 32), row.id))?.payload.input).toBe('"late words"');
  await store.close();
});

it("commits on close what was accepted", async () => {
  const path = freshPath();
  const store = await openSqliteStore({ path });
  const writes = Array.from({ length: 20 }, (_, index) =>
    store.writeBatch("default", batch([observation({ id: hexId(index + 1, 16) })])),
  );
  await store.close();
  await Promise.all(writes);
  const again = await openSqliteStore({ path });
  expect((await again.getTrace("default", hexId(1, 32)))?.observations).toHaveLength(20);
  await again.close();
});

it("refuses a batch above the queue's bound and takes it later", async () => {
  const store = await openSqliteStore({ path: freshPath(), maxQueueBytes: 5000 });
  const large = { ...batch([observation()]), bytes: 9000 };
  const first = store.writeBatch("default", large);
  await expect(store.writeBatch("default", large)).rejects.toMatchObject({ name: "StoreBusyError" });
  await first;
  await store.writeBatch("default", large);
  await store.close();
});

it("stores nothing of a batch that fails, and what stands beside it", async () => {
  const store = await openSqliteStore({ path: freshPath() });
  const broken = observation({ id: hexId(3, 16), name: null as unknown as string });
  const results = await Promise.allSettled([
    store.writeBatch("default", batch([observation({ id: hexId(1, 16) })])),
    store.writeBatch("default", batch([observation({ id: hexId(2, 16) }), broken])),
    store.writeBatch("default", batch([observation({ id: hexId(4, 16) })])),
  ]);
  expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  const trace = await store.getTrace("default", hexId(1, 32));
  expect(trace?.observations.map((row) => row.id)).toEqual([hexId(1, 16), hexId(4, 16)]);
  await store.close();
});

it("says so when the file is no database", async () => {
  const path = join(folder, "not.db");
  writeFileSync(path, "this is no database, whatever its name says. ".repeat(100));
  await expect(openSqliteStore({ path })).rejects.toMatchObject({
    name: "StoreOpenError",
    message: expect.stringContaining("not a SQLite database"),
  });
});

it("is opened by two at the same moment", async () => {
  const path = freshPath();
  const stores = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })]);
  await Promise.all(
    stores.map((store, index) => store.writeBatch("default", batch([observation({ id: hexId(index + 1, 16) })]))),
  );
  for (const store of stores) expect((await store.getTrace("default", hexId(1, 32)))?.observations).toHaveLength(2);
  await Promise.all(stores.map((store) => store.close()));
});

it("folds its log into the file while it is written to", async () => {
  const path = freshPath();
  const store = await openSqliteStore({ path });
  const before = readFileSync(path);
  // Long before the writer would do it itself: the batches say that they are large.
  for (let index = 1; index <= 3; index++) {
    const rows = [observation({ traceId: hexId(index, 32) })];
    await store.writeBatch("default", { ...batch(rows), bytes: 20 * 1024 * 1024 });
  }
  await expect.poll(() => readFileSync(path).equals(before)).toBe(false);
  await store.writeBatch("default", batch([observation({ traceId: hexId(4, 32) })]));
  await store.close();
  const again = await openSqliteStore({ path });
  expect((await again.listTraces("default", { limit: 10 })).data).toHaveLength(4);
  await again.close();
});
