import { ApiError } from "../api/http.ts";
import { decodeString, indexJson, type JsonIndex, KIND, keyOf, sourceOf } from "../json/json-index.ts";
import type { LargeValue, LoadedText } from "./protocol.ts";

/** Members above this stay in the worker: parsing and drawing less is not felt on the page's thread. */
export const LARGE_CHARS = 256 * 1024;

/** Texts kept, all together. The oldest go first; what is looked at again then is read again. */
const MAX_KEPT_CHARS = 160_000_000;

/** The large texts that pages look at, with their indices. */
export class Documents {
  readonly #kept = new Map<number, JsonIndex>();
  #chars = 0;
  #last = 0;

  /** Takes an answer apart: members below {@link LARGE_CHARS} as one text, the others by reference. */
  read(text: string): LoadedText {
    if (text.length <= LARGE_CHARS) return { small: text, large: {} };
    const index = indexJson(text);
    const small: string[] = [];
    const large: Record<string, LargeValue> = {};
    let document: number | undefined;
    for (let entry = 1; entry < index.count; entry = index.nexts[entry] ?? index.count) {
      const name = keyOf(index, entry) ?? "";
      const chars = (index.ends[entry] ?? 0) - (index.starts[entry] ?? 0);
      if (chars <= LARGE_CHARS) {
        small.push(`${JSON.stringify(name)}:${sourceOf(index, entry)}`);
        continue;
      }
      const nested = this.#nested(index, entry);
      if (nested === null) document ??= this.#keep(index);
      large[name] = nested ?? { document: document ?? 0, entry, chars };
    }
    return { small: `{${small.join(",")}}`, large };
  }

  get(document: number): JsonIndex {
    const index = this.#kept.get(document);
    if (index === undefined) throw new ApiError(410, "What was shown here is no longer in memory.");
    // The youngest again.
    this.#kept.delete(document);
    this.#kept.set(document, index);
    return index;
  }

  /** JSON that was recorded as text is shown as JSON. */
  #nested(index: JsonIndex, entry: number): LargeValue | null {
    if (index.kinds[entry] !== KIND.string) return null;
    const head = index.text.charAt((index.starts[entry] ?? 0) + 1);
    if (head !== "{" && head !== "[") return null;
    try {
      const nested = indexJson(decodeString(sourceOf(index, entry)));
      return { document: this.#keep(nested), entry: 0, chars: nested.text.length };
    } catch {
      // Cut, or no JSON after all: it is shown as the text it is.
      return null;
    }
  }

  #keep(index: JsonIndex): number {
    this.#kept.set(++this.#last, index);
    this.#chars += index.text.length;
    for (const [document, old] of this.#kept) {
      if (this.#chars <= MAX_KEPT_CHARS || document === this.#last) break;
      this.#kept.delete(document);
      this.#chars -= old.text.length;
    }
    return this.#last;
  }
}
