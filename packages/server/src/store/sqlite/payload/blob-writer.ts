import type Database from "libsql";
import { searchText } from "../../../search/text.ts";
import { hashOf } from "../prepare/hash.ts";
import type { PreparedTexts, PreparedValue } from "../prepare/prepared.ts";
import { decodeText, textBytesAt, textBytesOf } from "../prepare/text-bytes.ts";
import type { HashIndex } from "./hash-index.ts";
import { encodePack } from "./pack.ts";
import { BulkInsert } from "../write/bulk-insert.ts";
import { Recent } from "./recent.ts";
import { encodeRecipe, type Recipe } from "./recipe.ts";

/** Bytes of texts that are compressed together. Larger packs compress better and cost more to open for one message. */
const PACK_BYTES = 32 * 1024;
/** Messages that are named together, once a list has twice as many: a turn then names a few groups and not all of its history. */
const GROUP_SIZE = 16;
/** Hashes whose blob is known without asking the database; about 150 bytes each. */
const MAX_KNOWN_BLOBS = 65_536;

/**
 * Words that one statement gives the full-text index, in bytes: each statement of many rows writes out what the index has gathered
 * before, which it does by itself beyond 8 MiB (`hashsize`).
 */
const MAX_INDEX_BYTES = 8 * 1024 * 1024;
/** Where a text's words begin and how many bytes they have are one number: a second value for each row costs more than its text. */
const LENGTH_BITS = 20;

/** Blobs of a batch's texts. */
export interface BlobNames {
  ids: readonly number[];
  kinds: PreparedTexts["kinds"];
}

/** Keeps each distinct text once, by its hash; inside the writer's transaction. */
export class BlobWriter {
  readonly #hashes: HashIndex;
  readonly #insertPack;
  readonly #insertTexts;
  readonly #insertRef;
  readonly #known = new Recent<string, number>(MAX_KNOWN_BLOBS);
  readonly #lastId;
  #nextId: number;
  /** Texts of the transaction, UTF-8. */
  #pending: Uint8Array[] = [];
  /** Of the transaction, by blob. Indexed in one go at its end: the index is a hash table in memory that other work drives out of the caches. */
  #toIndex: { id: number; words: Uint8Array }[] = [];

  constructor(database: Database.Database, hashes: HashIndex) {
    this.#hashes = hashes;
    this.#insertPack = database.prepare("INSERT INTO packs (first_id, count, data) VALUES (?, ?, ?)");
    this.#insertTexts = database.prepare(
      `INSERT INTO search (rowid, text)
       SELECT CAST(key AS INTEGER), CAST(substr(?1, (value >> ${LENGTH_BITS}) + 1, value & ${2 ** LENGTH_BITS - 1}) AS TEXT)
       FROM json_each(?2)`,
    );
    this.#insertRef = new BulkInsert(database, "blob_refs", ["owner", "blob"]);
    this.#lastId = database.prepare("SELECT first_id + count AS next FROM packs ORDER BY first_id DESC LIMIT 1");
    this.#nextId = this.#readNextId();
  }

  /** Finds the blobs of texts, and makes those that are missing. */
  put({ texts, kinds, hashes, words }: PreparedTexts): BlobNames {
    const ids = hashes.map((hash) => this.#known.get(hash) ?? 0);
    const unknown = [...ids.keys()].filter((index) => ids[index] === 0);
    const found = this.#hashes.find(unknown.map((index) => hashes[index] ?? ""));
    for (const [place, index] of unknown.entries()) {
      const known = found[place] ?? 0;
      const text = textBytesAt(texts, index) ?? new Uint8Array(0);
      const id = known === 0 ? this.#add(text, hashes[index] ?? "") : known;
      ids[index] = id;
      if (known === 0 && kinds[index] === "text")
        this.#toIndex.push({ id, words: textBytesAt(words, index) ?? Buffer.from(searchText(decodeText(text))) });
    }
    for (const [index, hash] of hashes.entries()) this.#known.set(hash, ids[index] ?? 0);
    return { ids, kinds };
  }

  /**
   * The text as its column keeps it. @param refs gets the blobs that it names.
   */
  write(projectId: string, value: PreparedValue, names: BlobNames, refs: Set<number>): string | Buffer | null {
    if (value === null || typeof value === "string") return value;
    let isShared = false;
    const recipe = value.map((piece) => {
      if (typeof piece === "string") return piece;
      const index = Math.abs(piece) - 1;
      isShared ||= names.kinds[index] === "common";
      return Math.sign(piece) * (names.ids[index] ?? 0);
    });
    if (isShared) return encodeRecipe(recipe);
    const grouped = this.#group(projectId, recipe);
    for (const item of grouped)
      if (typeof item !== "string") refs.add(Math.abs(typeof item === "number" ? item : item[0]));
    return encodeRecipe(grouped);
  }

  /** The observation's hold on its blobs. */
  hold(owner: number, refs: ReadonlySet<number>): void {
    for (const blob of refs) this.#insertRef.add(owner, blob);
  }

  /** What names the texts is written: others may ask for it. */
  flushRefs(): void {
    this.#insertRef.flush();
  }

  /** At the end of the transaction: what was put is written. */
  flush(): void {
    const texts = this.#pending;
    let id = this.#nextId - texts.length;
    for (let start = 0; start < texts.length;) {
      let end = start;
      for (let bytes = 0; end < texts.length && bytes < PACK_BYTES; end++) bytes += texts[end]?.byteLength ?? 0;
      this.#insertPack.run([id, end - start, encodePack(texts.slice(start, end))]);
      id += end - start;
      start = end;
    }
    this.#pending = [];
    this.#hashes.flush();
    // Last: between other work the index's table in memory is driven out of the caches.
    this.#indexTexts();
  }

  /** A text that is not in a pack yet. */
  pending(id: number): string | undefined {
    const bytes = this.#pending[id - (this.#nextId - this.#pending.length)];
    return bytes === undefined ? undefined : decodeText(bytes);
  }

  /** After a rollback, or when another process has written. */
  reset(): void {
    this.#nextId = this.#readNextId();
    this.#pending = [];
    this.#toIndex = [];
    this.#known.clear();
    this.#insertRef.reset();
    this.#hashes.reload();
  }

  /** After a sweep: a text that was known may be gone. */
  forgetKnown(): void {
    this.#known.clear();
  }

  #readNextId(): number {
    return (this.#lastId.get() as { next: number } | undefined)?.next ?? 1;
  }

  #add(text: Uint8Array, hash: string): number {
    const id = this.#nextId;
    this.#pending.push(text);
    this.#hashes.add(hash, id);
    this.#nextId += 1;
    return id;
  }

  #indexTexts(): void {
    const waiting = this.#toIndex;
    this.#toIndex = [];
    for (let at = 0; at < waiting.length;) {
      const parts: Uint8Array[] = [];
      const places: string[] = [];
      let bytes = 0;
      for (; at < waiting.length && bytes < MAX_INDEX_BYTES; at++) {
        const { id, words } = waiting[at] as { id: number; words: Uint8Array };
        places.push(`"${id}":${bytes * 2 ** LENGTH_BITS + words.byteLength}`);
        parts.push(words);
        bytes += words.byteLength;
      }
      this.#insertTexts.run([Buffer.concat(parts, bytes), `{${places.join()}}`]);
    }
  }

  /** Long runs of blobs become groups, cut at fixed places, so that a conversation that grows shares those it had. */
  #group(projectId: string, recipe: Recipe): Recipe {
    if (recipe.length < 2 * GROUP_SIZE) return recipe;
    const grouped: Recipe = [];
    for (let at = 0; at < recipe.length;) {
      const run = recipe.slice(at, at + GROUP_SIZE);
      if (run.length === GROUP_SIZE && run.every((item) => typeof item === "number" && item > 0)) {
        const group = this.#putGroup(projectId, JSON.stringify(run));
        for (const blob of run) this.#insertRef.add(-group, blob as number);
        grouped.push([group]);
        at += GROUP_SIZE;
      } else {
        grouped.push(recipe[at] as Recipe[number]);
        at += 1;
      }
    }
    return grouped;
  }

  #putGroup(projectId: string, text: string): number {
    const hashes = [hashOf("group", projectId, text)];
    return this.put({ texts: textBytesOf(text), kinds: ["data"], hashes, words: textBytesOf(null) }).ids[0] ?? 0;
  }
}
