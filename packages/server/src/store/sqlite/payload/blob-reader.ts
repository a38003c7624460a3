import type Database from "libsql";
import type { PayloadValue } from "../columns.ts";
import { Lru } from "./lru.ts";
import { Pack } from "./pack.ts";
import { assemble, decodeRecipe } from "./recipe.ts";

/** Opened packs kept, in bytes of text: a conversation's messages sit in few. 16 MiB. */
const MAX_OPEN_BYTES = 16 * 1024 * 1024;

interface OpenPack {
  firstId: number;
  pack: Pack;
}

/** Reads what {@link BlobWriter} wrote. */
export class BlobReader {
  readonly #findPack;
  readonly #pending: ((id: number) => string | undefined) | undefined;
  readonly #open = new Lru<number, OpenPack>(MAX_OPEN_BYTES, ({ pack }) => pack.byteLength);
  #last: OpenPack | undefined;

  /** @param pending texts that are not in a pack yet. */
  constructor(database: Database.Database, pending?: (id: number) => string | undefined) {
    this.#pending = pending;
    this.#findPack = database.prepare(
      "SELECT first_id, data FROM packs WHERE first_id <= ? ORDER BY first_id DESC LIMIT 1",
    );
  }

  /** A payload's column as text. @param maxChars see {@link assemble}. */
  text(column: PayloadValue, maxChars?: number): string | null {
    if (column === null || typeof column === "string") return column;
    return assemble(decodeRecipe(column), (id) => this.blob(id), maxChars);
  }

  blob(id: number): string {
    const waiting = this.#pending?.(id);
    if (waiting !== undefined) return waiting;
    const { firstId, pack } = this.#packOf(id);
    return pack.text(id - firstId);
  }

  /** After packs were written anew. */
  forget(): void {
    this.#open.clear();
    this.#last = undefined;
  }

  #packOf(id: number): OpenPack {
    if (this.#last !== undefined && id >= this.#last.firstId && id < this.#last.firstId + this.#last.pack.count) {
      return this.#last;
    }
    const row = this.#findFirst(id);
    this.#last = row;
    return row;
  }

  #findFirst(id: number): OpenPack {
    const row = this.#findPack.get([id]) as { first_id: number; data: Uint8Array } | undefined;
    if (row === undefined) throw new Error(`The database has lost blob ${id}.`);
    let open = this.#open.get(row.first_id);
    if (open === undefined) {
      open = { firstId: row.first_id, pack: new Pack(row.data) };
      this.#open.set(row.first_id, open);
    }
    if (id >= open.firstId + open.pack.count) throw new Error(`The database has lost blob ${id}.`);
    return open;
  }
}
