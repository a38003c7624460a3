import { createHash } from "node:crypto";
import type Database from "libsql";
import { splitJson, type Segment } from "../../../search/chunks.ts";
import { searchText } from "../../../search/text.ts";
import { encodePack } from "./pack.ts";
import { BulkInsert } from "../write/bulk-insert.ts";
import { Recent } from "./recent.ts";
import { encodeRecipe, type Recipe } from "./recipe.ts";

/** A text up to this length stands in the row itself: naming a blob, and the row that counts its use, would take as much. */
const MAX_INLINE_CHARS = 160;
/** Where naming a common text is shorter. */
const MIN_COMMON_CHARS = 24;
/** Text of blobs that are compressed together. Larger packs compress better and cost more to open for one message. */
const PACK_CHARS = 32 * 1024;
/** Messages that are named together, once a list has twice as many: a turn then names a few groups and not all of its history. */
const GROUP_SIZE = 16;
/** Hashes whose blob is known without asking the database; about 150 bytes each. */
const MAX_KNOWN_BLOBS = 65_536;

/**
 * What is found by full-text search, what is kept only, and what all rows of a process have in common. Each has blobs of its own. The
 * common ones are few, and nobody counts who uses them: they stay.
 */
export type BlobKind = "text" | "data" | "common";

/** Keeps each distinct text once, by its hash; inside the writer's transaction. */
export class BlobWriter {
  readonly #findHash;
  readonly #insertHash;
  readonly #insertPack;
  readonly #insertText;
  readonly #insertRef;
  readonly #known = new Recent<string, number>(MAX_KNOWN_BLOBS);
  readonly #lastId;
  #nextId: number;
  #pending: string[] = [];
  /** Of the transaction, by blob. Indexed in one go at its end: the index is a hash table in memory that other work drives out of the caches. */
  readonly #toIndex: { id: number; words: string }[] = [];

  constructor(database: Database.Database) {
    this.#findHash = database.prepare("SELECT id FROM blob_hashes WHERE hash = ?");
    this.#insertHash = database.prepare("INSERT INTO blob_hashes (hash, id) VALUES (?, ?) ON CONFLICT DO NOTHING");
    this.#insertPack = database.prepare("INSERT INTO packs (first_id, count, data) VALUES (?, ?, ?)");
    this.#insertText = database.prepare("INSERT INTO search (rowid, text) VALUES (?, ?)");
    this.#insertRef = new BulkInsert(database, "blob_refs", ["owner", "blob"]);
    this.#lastId = database.prepare("SELECT first_id + count AS next FROM packs ORDER BY first_id DESC LIMIT 1");
    this.#nextId = this.#readNextId();
  }

  /**
   * The text as its column keeps it. @param refs gets the blobs that it names.
   */
  write(projectId: string, kind: BlobKind, text: string | null, refs: Set<number>): string | Buffer | null {
    if (text === null) return null;
    // What is searched is always a blob: the index is over blobs.
    if (kind === "common")
      return text.length <= MIN_COMMON_CHARS ? text : encodeRecipe([this.#put(projectId, kind, text)]);
    if (text.length <= MAX_INLINE_CHARS && (kind === "data" || !/[\p{L}\p{N}]/u.test(text))) return text;
    const segments = splitJson(text);
    const recipe: Recipe = [];
    for (const [index, { text: part, isChunk }] of segments.entries()) {
      const stands = isChunk || part.length > MAX_INLINE_CHARS || (kind === "text" && searchText(part) !== "");
      if (stands) recipe.push(this.#put(projectId, kind, part) * (isChunk ? 1 : -1));
      else if (part !== "," || !isBetweenChunks(segments, index)) recipe.push(part);
    }
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
      for (let chars = 0; end < texts.length && chars < PACK_CHARS; end++) chars += texts[end]?.length ?? 0;
      this.#insertPack.run([id, end - start, encodePack(texts.slice(start, end))]);
      id += end - start;
      start = end;
    }
    this.#pending = [];
    for (const { id: blob, words } of this.#toIndex) this.#insertText.run([blob, words]);
    this.#toIndex.length = 0;
  }

  /** A text that is not in a pack yet. */
  pending(id: number): string | undefined {
    return this.#pending[id - (this.#nextId - this.#pending.length)];
  }

  /** After a rollback, or when another process has written. */
  reset(): void {
    this.#nextId = this.#readNextId();
    this.#pending = [];
    this.#toIndex.length = 0;
    this.#known.clear();
    this.#insertRef.reset();
  }

  /** After a sweep: a text that was known may be gone. */
  forgetKnown(): void {
    this.#known.clear();
  }

  #readNextId(): number {
    return (this.#lastId.get() as { next: number } | undefined)?.next ?? 1;
  }

  #put(projectId: string, kind: BlobKind | "group", text: string): number {
    const hash = hashOf(kind, projectId, text);
    const key = hash.toString("latin1");
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    let id = this.#nextId;
    if (this.#insertHash.run([hash, id]).changes === 0) {
      ({ id } = this.#findHash.get([hash]) as { id: number });
    } else {
      this.#nextId += 1;
      this.#pending.push(text);
      if (kind === "text") this.#toIndex.push({ id, words: searchText(text) });
    }
    this.#known.set(key, id);
    return id;
  }

  /** Long runs of blobs become groups, cut at fixed places, so that a conversation that grows shares those it had. */
  #group(projectId: string, recipe: Recipe): Recipe {
    if (recipe.length < 2 * GROUP_SIZE) return recipe;
    const grouped: Recipe = [];
    for (let at = 0; at < recipe.length;) {
      const run = recipe.slice(at, at + GROUP_SIZE);
      if (run.length === GROUP_SIZE && run.every((item) => typeof item === "number" && item > 0)) {
        const group = this.#put(projectId, "group", JSON.stringify(run));
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
}

function isBetweenChunks(segments: readonly Segment[], index: number): boolean {
  return segments[index - 1]?.isChunk === true && segments[index + 1]?.isChunk === true;
}

/** 16 bytes of SHA-256: what names a text. */
export function hashOf(kind: BlobKind | "group", projectId: string, text: string): Buffer {
  return createHash("sha256").update(`${kind} ${projectId}\n${text}`).digest().subarray(0, 16);
}
