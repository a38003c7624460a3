import type Database from "libsql";
import { HASH_BYTES, bytesOfHashes } from "../prepare/hash.ts";

/** Hashes that wait to be sorted into the tree, about 100 bytes each. The more, the more of them go into one page of it at a time. */
const MAX_WAITING = 131_072;
/** Parts of the tree, by the first byte of a hash; one is brought up to date at a time. */
const SLICES = 64;

/** Hashes that come as one value, one after the other, as rows: each value that is bound costs more than its row. */
const GIVEN = `WITH RECURSIVE given(i, hash) AS (
  SELECT 0, substr(?1, 1, ${HASH_BYTES})
  UNION ALL SELECT i + 1, substr(?1, ${HASH_BYTES} * i + ${HASH_BYTES + 1}, ${HASH_BYTES}) FROM given WHERE i + 1 < ?2)`;

/**
 * Which blob a hash names; inside the writer's transaction.
 *
 * Hashes are random: put into their tree as they come, each changes a page of its own, and nearly all that is written of a batch would be
 * these pages. So they are appended to a log with the texts they belong to, and wait in memory until enough of them fall into one part
 * of the tree. The log says after a start what has waited; it is cut off when each part has had its turn.
 */
export class HashIndex {
  readonly #find;
  readonly #insert;
  readonly #append;
  readonly #readLog;
  readonly #cutLog;
  readonly #maxWaiting: number;
  readonly #waiting = Array.from({ length: SLICES }, () => new Map<string, number>());
  #waitingCount = 0;
  /** The log is read when it is first asked for: a start need not wait for it. */
  #isLoaded = false;
  /** Of this transaction, the last of them just below `#nextId`. */
  #added: string[] = [];
  #nextId = 0;
  #nextSlice = 0;
  /** What has a lower number was there when the first part had its turn. */
  #roundFrom = 0;

  /** @param options.maxWaiting see {@link MAX_WAITING}. */
  constructor(database: Database.Database, { maxWaiting = MAX_WAITING }: { maxWaiting?: number } = {}) {
    this.#maxWaiting = maxWaiting;
    this.#find = database.prepare(
      `${GIVEN} SELECT given.i AS place, b.id AS id FROM given CROSS JOIN blob_hashes b ON b.hash = given.hash`,
    );
    this.#insert = database.prepare(
      `INSERT OR IGNORE INTO blob_hashes (hash, id)
       SELECT substr(?1, ${HASH_BYTES} * key + 1, ${HASH_BYTES}), value FROM json_each(?2)`,
    );
    this.#append = database.prepare("INSERT INTO hash_log (first_id, hashes) VALUES (?, ?)");
    this.#readLog = database.prepare("SELECT first_id, hashes FROM hash_log ORDER BY first_id");
    this.#cutLog = database.prepare("DELETE FROM hash_log WHERE first_id < ?");
  }

  /** @returns the blobs, 0 for a hash that names none. */
  find(hashes: readonly string[]): number[] {
    this.load();
    const ids = hashes.map((hash) => this.#sliceOf(hash).get(hash) ?? 0);
    const places = [...ids.keys()].filter((place) => ids[place] === 0);
    if (places.length === 0) return ids;
    const bytes = bytesOfHashes(places.map((place) => hashes[place] ?? ""));
    for (const { place, id } of this.#find.all([bytes, places.length]) as { place: number; id: number }[]) {
      ids[places[place] ?? 0] = id;
    }
    return ids;
  }

  /** @param id follows on the one before within a transaction. */
  add(hash: string, id: number): void {
    this.load();
    this.#added.push(hash);
    this.#nextId = id + 1;
    this.#sliceOf(hash).set(hash, id);
    this.#waitingCount += 1;
  }

  /** At the end of the transaction: what was added is written. */
  flush(): void {
    const added = this.#added;
    if (added.length > 0) this.#append.run([this.#nextId - added.length, bytesOfHashes(added)]);
    this.#added = [];
    while (this.#waitingCount > this.#maxWaiting) this.#settleSlice();
  }

  /** Puts all that waits into the tree, which then has every hash. */
  settle(): void {
    this.load();
    this.flush();
    this.#nextSlice = 0;
    for (let slice = 0; slice < SLICES; slice++) this.#settleSlice();
  }

  /** After a rollback, or when another process has written. */
  reload(): void {
    for (const slice of this.#waiting) slice.clear();
    this.#waitingCount = 0;
    this.#added = [];
    this.#nextSlice = 0;
    this.#isLoaded = false;
  }

  /** Done by the first that asks for a hash, if it was not done before. */
  load(): void {
    if (this.#isLoaded) return;
    for (const row of this.#readLog.all() as { first_id: number; hashes: ArrayBuffer | Uint8Array }[]) {
      const hashes = Buffer.from(row.hashes as ArrayBuffer);
      this.#nextId = row.first_id;
      for (let at = 0; at < hashes.length; at += HASH_BYTES) {
        const hash = hashes.toString("latin1", at, at + HASH_BYTES);
        this.#sliceOf(hash).set(hash, this.#nextId);
        this.#nextId += 1;
      }
    }
    for (const slice of this.#waiting) this.#waitingCount += slice.size;
    this.#isLoaded = true;
  }

  #settleSlice(): void {
    if (this.#nextSlice === 0) this.#roundFrom = this.#nextId;
    const slice = this.#waiting[this.#nextSlice] as Map<string, number>;
    // In the order of the tree.
    const hashes = [...slice.keys()].sort();
    this.#insert.run([bytesOfHashes(hashes), JSON.stringify(hashes.map((hash) => slice.get(hash)))]);
    this.#waitingCount -= slice.size;
    slice.clear();
    this.#nextSlice = (this.#nextSlice + 1) % SLICES;
    if (this.#nextSlice === 0) this.#cutLog.run([this.#roundFrom]);
  }

  #sliceOf(hash: string): Map<string, number> {
    return this.#waiting[hash.charCodeAt(0) >> 2] as Map<string, number>;
  }
}
