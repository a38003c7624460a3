import { searchText } from "../../../search/text.ts";
import { Recent } from "../payload/recent.ts";
import { hashOf } from "./hash.ts";
import type { BlobKind, PreparedTexts } from "./prepared.ts";
import { TextBytesBuilder } from "./text-bytes.ts";

/** Texts that came lately, whose words the writer is not told again; about 100 bytes each. A conversation brings its history with each turn. */
const MAX_RECENT_TEXTS = 32_768;

const recent = new Recent<string, true>(MAX_RECENT_TEXTS);

/** Numbers the distinct texts of a batch. */
export class TextTable {
  readonly #kinds: BlobKind[] = [];
  readonly #hashes: string[] = [];
  readonly #texts = new TextBytesBuilder();
  readonly #words = new TextBytesBuilder();
  readonly #projectId: string;
  readonly #numbers = new Map<string, number>();
  /** Of values that all rows of a process share: not hashed for each row. */
  #lastCommon: { text: string; number: number } | undefined;

  constructor(projectId: string) {
    this.#projectId = projectId;
  }

  /** Bytes of words, which the batch holds beside its texts. */
  get wordBytes(): number {
    return this.#words.byteLength;
  }

  /** @returns views that are good until `release`. */
  build(): PreparedTexts {
    return {
      texts: this.#texts.build(),
      kinds: this.#kinds,
      hashes: this.#hashes,
      words: this.#words.build(),
    };
  }

  release(): void {
    this.#texts.release();
    this.#words.release();
  }

  /** @returns from 1 on. */
  add(kind: BlobKind, text: string): number {
    if (kind !== "common") return this.#add(kind, text);
    if (this.#lastCommon?.text !== text) this.#lastCommon = { text, number: this.#add(kind, text) };
    return this.#lastCommon.number;
  }

  #add(kind: BlobKind, text: string): number {
    const hash = hashOf(kind, this.#projectId, text);
    const known = this.#numbers.get(hash);
    if (known !== undefined) return known;
    const number = this.#hashes.push(hash);
    this.#kinds.push(kind);
    this.#texts.push(text);
    this.#numbers.set(hash, number);
    if (kind !== "text" || recent.get(hash) === true) {
      this.#words.pushNone();
      return number;
    }
    recent.set(hash, true);
    // The end of a text to some of SQLite, and no part of a word.
    this.#words.push(searchText(text).replaceAll("\0", " "));
    return number;
  }
}
