import Database from "libsql";
import { afterEach, beforeEach, expect, it } from "vitest";
import { HashIndex } from "../../src/store/sqlite/payload/hash-index.ts";
import { HASH_BYTES, hashOf } from "../../src/store/sqlite/prepare/hash.ts";

const MAX_WAITING = 100;
const hash = (number: number): string => hashOf("text", "p", `text ${number}`);
const hashes = Array.from({ length: 2000 }, (_, index) => hash(index));
const numbers = hashes.map((_, index) => index + 1);

let database: Database.Database;
beforeEach(() => {
  database = new Database(":memory:");
  database.exec(`
    CREATE TABLE blob_hashes (hash BLOB PRIMARY KEY, id INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE hash_log (first_id INTEGER PRIMARY KEY, hashes BLOB NOT NULL);
  `);
});
afterEach(() => database.close());

const open = (): HashIndex => new HashIndex(database, { maxWaiting: MAX_WAITING });

function add(index: HashIndex, from: number, to: number): void {
  for (let number = from; number < to; number++) index.add(hash(number), number + 1);
  index.flush();
}

function count(sql: string): number {
  return (database.prepare(sql).get() as { n: number }).n;
}

const inTree = (): number => count("SELECT count(*) AS n FROM blob_hashes");
const inLog = (): number => count(`SELECT coalesce(sum(length(hashes)), 0) / ${HASH_BYTES} AS n FROM hash_log`);

it("finds what it was given, and nothing else, whether it waits or not and after a start at any time", () => {
  let index = open();
  for (let from = 0; from < hashes.length; from += 40) {
    // Not a multiple of how many transactions a round takes.
    if (from % 280 === 0) index = open();
    expect(index.find(hashes.slice(from, from + 40))).toEqual(Array.from({ length: 40 }, () => 0));
    add(index, from, from + 40);
    expect(index.find(hashes)).toEqual(numbers.map((number) => (number <= from + 40 ? number : 0)));
  }
  expect(open().find(hashes)).toEqual(numbers);
});

it("reads its log again when that failed", () => {
  add(open(), 0, 10);
  const index = open();
  database.exec("ALTER TABLE hash_log RENAME TO lost");
  expect(() => index.load()).toThrow(/hash_log/);
  database.exec("ALTER TABLE lost RENAME TO hash_log");
  expect(index.find(hashes.slice(0, 10))).toEqual(numbers.slice(0, 10));
});

it("keeps a bounded part waiting, in memory and in the log", () => {
  const index = open();
  for (let from = 0; from < hashes.length; from += 20) {
    add(index, from, from + 20);
    expect(inTree()).toBeGreaterThanOrEqual(from + 20 - MAX_WAITING);
    // What came in the round before this one, and in this.
    expect(inLog()).toBeLessThanOrEqual(6 * MAX_WAITING);
  }
});

it("has all of them in the tree and none in the log when it is told to settle", () => {
  const index = open();
  add(index, 0, 50);
  index.add(hash(50), 51);
  index.settle();
  expect([inTree(), inLog()]).toEqual([51, 0]);
  database.prepare("DELETE FROM blob_hashes WHERE id = 7").run();
  expect(open().find([hash(6), hash(7)])).toEqual([0, 8]);
});

it("cuts the log when it is told to settle, also where a round ended early with nothing left to wait", () => {
  const index = new HashIndex(database, { maxWaiting: 0 });
  add(index, 0, 1);
  expect([inTree(), inLog()]).toEqual([1, 1]);
  index.settle();
  expect(inLog()).toBe(0);
  // As a sweep does. The text is gone, and a start must not find it again.
  database.prepare("DELETE FROM blob_hashes").run();
  expect(open().find([hash(0)])).toEqual([0]);
});

it("forgets what a transaction added that was taken back", () => {
  const index = open();
  add(index, 0, 90);
  database.exec("BEGIN");
  add(index, 90, 200);
  database.exec("ROLLBACK");
  index.reload();
  expect(index.find(hashes.slice(0, 200))).toEqual(numbers.slice(0, 200).map((number) => (number <= 90 ? number : 0)));
  add(index, 90, 200);
  expect(open().find(hashes.slice(0, 200))).toEqual(numbers.slice(0, 200));
});
