import type { Found, TextRule } from "./rule.ts";

/** A long text is looked at in pieces of this many UTF-16 units, so that no single search holds the event loop. */
export const SLICE_CHARS = 32 * 1024;
/** Replacements in one step. */
const MAX_FINDS = 256;
/** What a pattern may look at before and behind its match. */
const CONTEXT_CHARS = 64;

/** One text and the rules it goes through. `next` does a slice of work; when it answers true, `text` is the result. */
export class Scan {
  text: string;
  readonly #rules: readonly TextRule[];
  #rule = 0;
  /** Done up to here. */
  #at = 0;
  #out: string[] = [];
  #copied = 0;

  constructor(text: string, rules: readonly TextRule[]) {
    this.text = text;
    this.#rules = rules;
  }

  next(): boolean {
    const rule = this.#rules[this.#rule];
    if (!rule) return true;
    if (this.#at < this.text.length) this.#slice(rule);
    if (this.#at < this.text.length) return false;
    if (this.#out.length > 0) this.text = this.#out.join("") + this.text.slice(this.#copied);
    this.#rule++;
    this.#at = 0;
    this.#copied = 0;
    this.#out = [];
    return this.#rule === this.#rules.length;
  }

  /** What begins in this slice is found in it and in as much of what follows as it may take. */
  #slice(rule: TextRule): void {
    const { text } = this;
    const sliceEnd = Math.min(text.length, this.#at + SLICE_CHARS);
    let ahead = rule.maxChars;
    for (let finds = 0; this.#at < sliceEnd; finds++) {
      if (finds === MAX_FINDS) return;
      const windowStart = Math.max(0, this.#at - CONTEXT_CHARS);
      const windowEnd = Math.min(text.length, sliceEnd + ahead + CONTEXT_CHARS);
      const isEnd = windowEnd === text.length;
      const window = windowStart === 0 && isEnd ? text : text.slice(windowStart, windowEnd);
      const found = rule.find(window, this.#at - windowStart, isEnd);
      if (!found || windowStart + found.start >= sliceEnd) break;
      if (!isEnd && found.end > window.length - CONTEXT_CHARS) {
        // It may go on: the same with more of the text.
        ahead = 2 * (ahead + SLICE_CHARS);
        continue;
      }
      this.#replace(found, windowStart);
    }
    this.#at = Math.max(this.#at, sliceEnd);
  }

  #replace({ start, end, replacement }: Found, offset: number): void {
    this.#out.push(this.text.slice(this.#copied, offset + start), replacement);
    this.#copied = this.#at = offset + end;
  }
}
