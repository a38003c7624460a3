import { searchText } from "../../../search/text.ts";
import { Recent } from "../payload/recent.ts";
import { hashOf } from "./hash.ts";
import type { BlobKind, PreparedTexts } from "./prepared.ts";

/** Texts that came lately, whose words the writer is not told again; about 100 bytes each. A conversation brings its history with each turn. */
const MAX_RECENT_TEXTS = 32_768;

const recent = new Recent<string, true>(MAX_RECENT_TEXTS);

/** Numbers the distinct texts of a batch. */
export class TextTable {
  readonly columns: PreparedTexts = { texts: [], kinds: [], hashes: [], words: [] };
  /** UTF-16 units of words, which the batch holds beside its texts. */
  wordChars = 0;
  readonly #projectId: string;
  readonly #numbers = new Map<string, number>();
  /** Of values that all rows of a process share: not hashed for each row. */
  #lastCommon: { text: string; number: number } | undefined;

  constructor(projectId: string) {
    this.#projectId = projectId;
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
    const { texts, kinds, hashes, words } = this.columns;
    const number = texts.push(text);
    kinds.push(kind);
    hashes.push(hash);
    words.push(kind === "text" ? this.#wordsOf(hash, text) : null);
    this.#numbers.set(hash, number);
    return number;
  }

  #wordsOf(hash: string, text: string): string | null {
    if (recent.get(hash) === true) return null;
    recent.set(hash, true);
    const words = searchText(text);
    this.wordChars += words.length;
    return words;
  }
}
