import { endOfString } from "./text.ts";

/**
 * Cuts a payload's JSON text where it repeats: a conversation is sent whole with each turn, so each message is a chunk of its own. The
 * chunks and what stands between them are the text to the letter.
 */
export interface Segment {
  text: string;
  /** True for a piece that is worth keeping once: an element of a list of objects. */
  isChunk: boolean;
}

/** Below this a text is kept in one piece. */
export const MIN_SPLIT_CHARS = 1024;
/** A shorter element stays where it is: naming it would take as much room. */
const MIN_CHUNK_CHARS = 24;
/** Lists deeper than this are not looked for: `{ messages: [[{…}]] }` is what frameworks send. */
const MAX_DEPTH = 3;

export function splitJson(text: string): Segment[] {
  if (text.length < MIN_SPLIT_CHARS) return [{ text, isChunk: true }];
  const spans: [start: number, end: number][] = [];
  const scanner = new Scanner(text, spans);
  if (scanner.value(0, 0) === -1 || spans.length < 2) return [{ text, isChunk: true }];
  const segments: Segment[] = [];
  let at = 0;
  for (const [start, end] of spans) {
    if (start > at) segments.push({ text: text.slice(at, start), isChunk: false });
    segments.push({ text: text.slice(start, end), isChunk: true });
    at = end;
  }
  if (at < text.length) segments.push({ text: text.slice(at), isChunk: false });
  return segments;
}

const BRACKETS = /["[\]{}]/g;
const SPACE = /[\s,:]*/y;

/** Reads well-formed JSON; on anything else it gives up with -1 and the text stays whole. */
class Scanner {
  readonly #text: string;
  readonly #spans: [start: number, end: number][];

  constructor(text: string, spans: [start: number, end: number][]) {
    this.#text = text;
    this.#spans = spans;
  }

  /** @returns where the value ends, or -1. */
  value(start: number, depth: number): number {
    const at = this.#skipSpace(start);
    const first = this.#text[at];
    if (first === "[" && depth < MAX_DEPTH) return this.#list(at, depth);
    if (first === "{" && depth < MAX_DEPTH) return this.#object(at, depth);
    return this.#skip(at);
  }

  #list(start: number, depth: number): number {
    let at = this.#skipSpace(start + 1);
    while (at < this.#text.length && this.#text[at] !== "]") {
      const isObject = this.#text[at] === "{";
      const end = isObject ? this.#skip(at) : this.value(at, depth + 1);
      if (end <= at) return -1;
      if (isObject && end - at >= MIN_CHUNK_CHARS) this.#spans.push([at, end]);
      at = this.#skipSpace(end);
    }
    return at < this.#text.length ? at + 1 : -1;
  }

  #object(start: number, depth: number): number {
    let at = this.#skipSpace(start + 1);
    while (at < this.#text.length && this.#text[at] !== "}") {
      if (this.#text[at] !== '"') return -1;
      const key = this.#skip(at);
      if (key === -1) return -1;
      const end = this.value(key, depth + 1);
      if (end <= key) return -1;
      at = this.#skipSpace(end);
    }
    return at < this.#text.length ? at + 1 : -1;
  }

  /** Past one value, whatever it holds. */
  #skip(start: number): number {
    const text = this.#text;
    const first = text[start];
    if (first === '"') return this.#skipString(start);
    if (first !== "[" && first !== "{") {
      const end = /[^\s,:[\]{}"]+/y;
      end.lastIndex = start;
      return end.test(text) ? end.lastIndex : -1;
    }
    let open = 0;
    let at = start;
    for (;;) {
      BRACKETS.lastIndex = at;
      const match = BRACKETS.exec(text);
      if (match === null) return -1;
      if (match[0] === '"') {
        at = this.#skipString(match.index);
        if (at === -1) return -1;
        continue;
      }
      at = match.index + 1;
      open += match[0] === "[" || match[0] === "{" ? 1 : -1;
      if (open === 0) return at;
    }
  }

  #skipString(start: number): number {
    const end = endOfString(this.#text, start);
    return end === this.#text.length ? -1 : end + 1;
  }

  #skipSpace(start: number): number {
    SPACE.lastIndex = start;
    SPACE.test(this.#text);
    return SPACE.lastIndex;
  }
}
