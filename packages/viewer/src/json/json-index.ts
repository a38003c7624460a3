/**
 * Where everything in a JSON text is, without making objects of it: one entry a value, in document order. A 20 MB text is read once
 * (in a worker), and only what is looked at is ever cut out and shown. Numbers stay the digits they are.
 */

export const KIND = { object: 0, array: 1, string: 2, number: 3, literal: 4 } as const;

export interface JsonIndex {
  text: string;
  count: number;
  kinds: Uint8Array;
  /** Offsets of the value in the text, `end` exclusive. */
  starts: Int32Array;
  ends: Int32Array;
  /** -1 for the top. */
  parents: Int32Array;
  /** Offset of the property's name (its opening quote); -1 in an array and at the top. */
  keys: Int32Array;
  childCounts: Int32Array;
  /** The entry behind the subtree: the next sibling where there is one. */
  nexts: Int32Array;
}

export class InvalidJsonError extends Error {
  override readonly name = "InvalidJsonError";
}

/** More entries than this are not indexed: they would cost more memory than the text itself by far. */
export const MAX_ENTRIES = 8_000_000;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_ARRAY = 91;
const BACKSLASH = 92;
const CLOSE_ARRAY = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** Reads the text in one pass. Throws {@link InvalidJsonError} for what is no JSON. */
export function indexJson(text: string): JsonIndex {
  const table = new Table(text);
  let at = skipSpace(text, 0);
  let parent = -1;
  let key = -1;
  for (;;) {
    // A value begins here.
    const code = text.charCodeAt(at);
    const entry = table.add(parent, key, at);
    key = -1;
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      table.kinds[entry] = code === OPEN_OBJECT ? KIND.object : KIND.array;
      at = skipSpace(text, at + 1);
      const close = code === OPEN_OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY;
      if (text.charCodeAt(at) !== close) {
        parent = entry;
        if (code === OPEN_OBJECT) [key, at] = readKey(text, at);
        continue;
      }
      at++;
      table.close(entry, at);
    } else {
      at = code === QUOTE ? stringEnd(text, at) : scalarEnd(text, at);
      table.kinds[entry] = scalarKind(code);
      table.close(entry, at);
    }
    // A value ended: go on with its next sibling, or end its parents.
    for (;;) {
      at = skipSpace(text, at);
      if (parent === -1) {
        if (at !== text.length) throw new InvalidJsonError(`unexpected text at ${at}`);
        return table.finish();
      }
      const isObject = table.kinds[parent] === KIND.object;
      const next = text.charCodeAt(at);
      if (next === COMMA) {
        at = skipSpace(text, at + 1);
        if (isObject) [key, at] = readKey(text, at);
        break;
      }
      if (next !== (isObject ? CLOSE_OBJECT : CLOSE_ARRAY)) throw new InvalidJsonError(`unexpected text at ${at}`);
      at++;
      table.close(parent, at);
      parent = table.parents[parent] ?? -1;
    }
  }
}

class Table implements JsonIndex {
  readonly text: string;
  count = 0;
  kinds: Uint8Array;
  starts: Int32Array;
  ends: Int32Array;
  parents: Int32Array;
  keys: Int32Array;
  childCounts: Int32Array;
  nexts: Int32Array;

  constructor(text: string) {
    this.text = text;
    // About one value each 16 characters; it grows where that is not enough.
    const size = Math.min(MAX_ENTRIES, Math.max(64, text.length >> 4));
    this.kinds = new Uint8Array(size);
    this.starts = new Int32Array(size);
    this.ends = new Int32Array(size);
    this.parents = new Int32Array(size);
    this.keys = new Int32Array(size);
    this.childCounts = new Int32Array(size);
    this.nexts = new Int32Array(size);
  }

  add(parent: number, key: number, start: number): number {
    if (this.count === this.kinds.length) this.#resize(Math.min(MAX_ENTRIES, this.count * 2));
    const entry = this.count++;
    this.starts[entry] = start;
    this.parents[entry] = parent;
    this.keys[entry] = key;
    if (parent >= 0) this.childCounts[parent] = (this.childCounts[parent] ?? 0) + 1;
    return entry;
  }

  close(entry: number, end: number): void {
    this.ends[entry] = end;
    this.nexts[entry] = this.count;
  }

  finish(): JsonIndex {
    this.#resize(this.count);
    return this;
  }

  #resize(size: number): void {
    if (size < this.count || size === 0) throw new InvalidJsonError("too many values");
    if (size === this.kinds.length) {
      if (this.count === size && size === MAX_ENTRIES) throw new InvalidJsonError("too many values");
      return;
    }
    this.kinds = resized(this.kinds, new Uint8Array(size));
    this.starts = resized(this.starts, new Int32Array(size));
    this.ends = resized(this.ends, new Int32Array(size));
    this.parents = resized(this.parents, new Int32Array(size));
    this.keys = resized(this.keys, new Int32Array(size));
    this.childCounts = resized(this.childCounts, new Int32Array(size));
    this.nexts = resized(this.nexts, new Int32Array(size));
  }
}

function resized<A extends Uint8Array | Int32Array>(from: A, to: A): A {
  to.set(from.subarray(0, to.length));
  return to;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(++at));
  return at;
}

/** Behind the closing quote. `indexOf` jumps over long strings much faster than a walk. */
function stringEnd(text: string, quote: number): number {
  let at = quote;
  for (;;) {
    at = text.indexOf('"', at + 1);
    if (at === -1) throw new InvalidJsonError("a string has no end");
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}

function scalarEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); isScalar(code); code = text.charCodeAt(++at));
  if (at === from) throw new InvalidJsonError(`a value is missing at ${from}`);
  return at;
}

/** Digits, letters, `+`, `-` and `.`: what numbers, true, false and null are made of. */
function isScalar(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 97 && code <= 122) ||
    code === 69 ||
    code === 43 ||
    code === 45 ||
    code === 46
  );
}

function scalarKind(code: number): number {
  if (code === QUOTE) return KIND.string;
  return code === 45 || (code >= 48 && code <= 57) ? KIND.number : KIND.literal;
}

/** The name's offset, and where its value begins. */
function readKey(text: string, at: number): [key: number, value: number] {
  if (text.charCodeAt(at) !== QUOTE) throw new InvalidJsonError(`a name is missing at ${at}`);
  const colon = skipSpace(text, stringEnd(text, at));
  if (text.charCodeAt(colon) !== COLON) throw new InvalidJsonError(`a colon is missing at ${colon}`);
  return [at, skipSpace(text, colon + 1)];
}

/** The property's name; `null` in an array and at the top. */
export function keyOf(index: JsonIndex, entry: number): string | null {
  const at = index.keys[entry] ?? -1;
  return at < 0 ? null : decodeString(index.text.slice(at, stringEnd(index.text, at)));
}

export function sourceOf(index: JsonIndex, entry: number): string {
  return index.text.slice(index.starts[entry] ?? 0, index.ends[entry] ?? 0);
}

export function decodeString(source: string): string {
  if (!source.includes("\\")) return source.slice(1, -1);
  try {
    const value: unknown = JSON.parse(source);
    return typeof value === "string" ? value : source;
  } catch {
    // An escape that is none: what is written is shown.
    return source.slice(1, -1);
  }
}

/** The beginning of a string value, decoded, without cutting through an escape. */
export function decodeHead(index: JsonIndex, entry: number, maxChars: number): { text: string; isCut: boolean } {
  const start = index.starts[entry] ?? 0;
  const end = index.ends[entry] ?? 0;
  if (end - start <= maxChars + 2) return { text: decodeString(index.text.slice(start, end)), isCut: false };
  const head = index.text.slice(start + 1, start + 1 + maxChars).replace(/\\(?:u[0-9a-fA-F]{0,3})?$/, "");
  // An even number of backslashes at the end is whole escapes; the expression above took an odd one's last away.
  const whole = (/\\+$/.exec(head)?.[0].length ?? 0) % 2 === 0 ? head : head.slice(0, -1);
  return { text: decodeString(`"${whole}"`), isCut: true };
}

/** The innermost value at an offset of the text, which may also be in its name. */
export function entryAt(index: JsonIndex, offset: number): number {
  let [low, high] = [0, index.count - 1];
  const begin = (entry: number): number => {
    const key = index.keys[entry] ?? -1;
    return key >= 0 ? key : (index.starts[entry] ?? 0);
  };
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (begin(middle) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** In JavaScript's notation: `messages[0].content`. */
export function pathOf(index: JsonIndex, entry: number, top = 0): string {
  const parts: string[] = [];
  for (let at = entry; at !== top && at > 0; at = index.parents[at] ?? 0) {
    const name = keyOf(index, at);
    if (name === null) parts.push(`[${positionOf(index, at)}]`);
    else parts.push(/^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`);
  }
  return parts.toReversed().join("").replace(/^\./, "");
}

/** Its place among its siblings, from 0. */
export function positionOf(index: JsonIndex, entry: number): number {
  let position = 0;
  for (let at = (index.parents[entry] ?? -1) + 1; at < entry; at = index.nexts[at] ?? entry) position++;
  return position;
}
