/**
 * Cuts captured data to a number of UTF-8 bytes and leaves it valid JSON: the longest strings first (head, tail and a marker
 * with the true size), then arrays and objects (first and last items or keys and a count), as far as it needs, then the whole value.
 */

import { setField } from "./capture.ts";
import { utf8 } from "../util/utf8.ts";

/** No string is cut below this many UTF-16 units, so that what is left can still be recognised. */
const MIN_STRING_UNITS = 256;
/** Strings looked at, and how much of each, to tell what a UTF-16 unit of this value costs in JSON. */
const MAX_SAMPLES = 256;
const SAMPLE_CHARS = 1024;
/** Two quotes and a colon of a key, two quotes or brackets and a comma of a value. */
const PUNCTUATION_BYTES = 3;
/** No array is cut below this many items, and no object below this many keys, half of them at each end. */
const MIN_ITEMS = 16;
/** What the two ellipses of a marker take beyond a byte for each unit. */
const ELLIPSES_BYTES = 4;
/** The key under which an object that was cut says of how many keys. */
const CUT = "[cut]";
/** Parts of the room that are tried one after the other: less where the samples told too little of what a unit costs. */
const SLACKS = [0.98, 0.8, 0.4, 0];

/** Paths that are named of one value; the rest is counted. */
const MAX_CUTS = 16;
/** A path's end is left out beyond this many characters. */
const MAX_PATH_CHARS = 200;

export interface Truncated {
  json: string;
  /** What was cut: `path=true size`, such as `input.messages.0.content=5242880 characters`. */
  cuts: readonly string[];
}

const NOTHING: readonly string[] = [];

/** UTF-8 needs three bytes for a UTF-16 unit at most. */
const MAX_BYTES_PER_UNIT = 3;

export function utf8Bytes(text: string): number {
  return utf8(text).byteLength;
}

/**
 * Serialises captured data in at most `maxBytes`. The usual case costs one `stringify`; text that cannot fit is cut before
 * anything is serialised. `path` names the value; `maxUnits`: its text has no more UTF-16 units than this, where that is known.
 */
export function stringifyWithin(
  value: unknown,
  maxBytes: number,
  path = "",
  maxUnits = Number.POSITIVE_INFINITY,
): Truncated {
  const units = maxUnits <= maxBytes ? maxUnits : unitsOf(value);
  if (units > maxBytes) return cutToFit(value, units, maxBytes, path);
  const json = JSON.stringify(value);
  if (json.length * MAX_BYTES_PER_UNIT <= maxBytes) return { json, cuts: NOTHING };
  const bytes = utf8Bytes(json);
  return bytes <= maxBytes ? { json, cuts: NOTHING } : cutToFit(value, bytes, maxBytes, path);
}

/** Text of a short field in at most `maxBytes`, cut like any string. */
export function cutText(text: string, maxBytes: number): string {
  if (text.length * MAX_BYTES_PER_UNIT <= maxBytes) return text;
  // Longer than the limit in any case: its head and tail tell enough of what a unit costs.
  const sample = text.length > 2 * maxBytes ? text.slice(0, maxBytes) + text.slice(-maxBytes) : text;
  const bytes = utf8Bytes(sample);
  if (sample === text && bytes <= maxBytes) return text;
  const cut = cutString(text, Math.floor((maxBytes * sample.length) / bytes));
  return utf8Bytes(cut) <= maxBytes ? cut : cutString(text, Math.floor(maxBytes / MAX_BYTES_PER_UNIT));
}

/** `bytes`: what the whole takes at least, for the message where nothing of it can be kept. */
function cutToFit(value: unknown, bytes: number, maxBytes: number, path: string): Truncated {
  const size = new Size(value);
  for (const slack of SLACKS) {
    const cuts = new Cuts();
    const json = JSON.stringify(cutDown(value, size.limitsFor(maxBytes, slack), path, cuts));
    if (fits(json, maxBytes)) return { json, cuts: cuts.list() };
  }
  const json = JSON.stringify(`[left out: ${bytes} bytes, the limit is ${maxBytes}]`);
  return { json, cuts: [`${path}=${bytes} bytes`] };
}

function fits(json: string, maxBytes: number): boolean {
  if (json.length > maxBytes) return false;
  return json.length * MAX_BYTES_PER_UNIT <= maxBytes || utf8Bytes(json) <= maxBytes;
}

interface Limits {
  /** UTF-16 units of a string. */
  units: number;
  /** Items of an array, keys of an object. */
  items: number;
}

/** What a value's JSON is made of: strings, arrays and objects, which can be cut, and the rest, which cannot. */
class Size {
  /** UTF-16 units of each string. */
  readonly #lengths: number[] = [];
  /** UTF-16 units that no cut of strings takes away. */
  #kept = 0;
  /** Bytes of keys, punctuation and values that are not strings, estimated. */
  #structure = 0;
  /** What an array or object gives if its items are cut: a byte for each unit that no cut of strings takes away. */
  readonly #lists: { length: number; bytes: number }[] = [];
  readonly #samples: string[] = [];
  /** Escapes and wide characters make a unit cost more than a byte; the beginnings of long strings stand for all. */
  readonly #bytesPerUnit: number;

  constructor(value: unknown) {
    this.#add(value);
    const sample = this.#samples.join("");
    const quotes = 2;
    this.#bytesPerUnit = Math.max(1, (utf8Bytes(JSON.stringify(sample)) - quotes) / Math.max(1, sample.length));
  }

  #add(value: unknown): void {
    if (typeof value === "string") this.#addText(value);
    else if (typeof value !== "object" || value === null) this.#structure += `${String(value)},`.length;
    else if (Array.isArray(value)) this.#addList(value.length, () => value.forEach((item) => this.#add(item)));
    else this.#addObject(value as Record<string, unknown>);
  }

  #addObject(value: Record<string, unknown>): void {
    const keys = Object.keys(value);
    this.#addList(keys.length, () => {
      for (const key of keys) {
        this.#structure += key.length + PUNCTUATION_BYTES;
        this.#add(value[key]);
      }
    });
  }

  #addList(length: number, addItems: () => void): void {
    this.#structure += PUNCTUATION_BYTES;
    const before = this.#structure + this.#kept;
    addItems();
    if (length > MIN_ITEMS) this.#lists.push({ length, bytes: this.#structure + this.#kept - before });
  }

  #addText(text: string): void {
    this.#structure += PUNCTUATION_BYTES;
    this.#lengths.push(text.length);
    this.#kept += Math.min(text.length, MIN_STRING_UNITS);
    if (text.length > MIN_STRING_UNITS && this.#samples.length < MAX_SAMPLES)
      this.#samples.push(text.slice(0, SAMPLE_CHARS));
  }

  /** Strings give first, the longest most; arrays and objects only where no cut of strings makes it fit. */
  limitsFor(maxBytes: number, slack: number): Limits {
    const least = this.#structure + this.#kept * this.#bytesPerUnit;
    if (least <= maxBytes) {
      const budget = ((maxBytes - this.#structure) * slack) / this.#bytesPerUnit;
      return { units: waterLevel(this.#lengths, budget), items: Number.POSITIVE_INFINITY };
    }
    const excess = 1 - (maxBytes * slack) / least;
    return { units: MIN_STRING_UNITS, items: this.#itemsWithout(excess * (this.#structure + this.#kept)) };
  }

  /** The most items an array or object may have so that all that are cut give `bytes`. */
  #itemsWithout(bytes: number): number {
    let low = MIN_ITEMS;
    let high = this.#lists.reduce((most, { length }) => Math.max(most, length), low);
    while (low < high) {
      const items = Math.ceil((low + high) / 2);
      const given = this.#lists.reduce((sum, each) => sum + each.bytes * Math.max(0, 1 - items / each.length), 0);
      if (given >= bytes) low = items;
      else high = items - 1;
    }
    return low;
  }
}

/** The length L at which strings of these lengths, each cut to L, add up to `budget`: the longest give first. */
function waterLevel(lengths: readonly number[], budget: number): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  let rest = budget;
  for (let i = 0; i < sorted.length; i++) {
    const share = rest / (sorted.length - i);
    if (sorted[i]! > share) return Math.max(MIN_STRING_UNITS, Math.floor(share));
    rest -= sorted[i]!;
  }
  return Number.POSITIVE_INFINITY;
}

function cutString(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const marker = `…[cut: ${text.length} characters]…`;
  const kept = Math.max(0, limit - marker.length - ELLIPSES_BYTES);
  const head = Math.ceil(kept * 0.75);
  return sliceWhole(text, 0, head) + marker + sliceWhole(text, text.length - (kept - head), text.length);
}

/** A slice that does not leave half of a surrogate pair. */
function sliceWhole(text: string, from: number, to: number): string {
  const start = isLowSurrogate(text.charCodeAt(from)) ? from + 1 : from;
  const end = isLowSurrogate(text.charCodeAt(to)) ? to - 1 : to;
  return text.slice(start, Math.max(start, end));
}

function isLowSurrogate(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

function unitsOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  if (typeof value !== "object" || value === null) return 0;
  let units = 0;
  if (Array.isArray(value)) for (const item of value) units += unitsOf(item);
  else for (const key of Object.keys(value)) units += unitsOf((value as Record<string, unknown>)[key]);
  return units;
}

/** What was cut where, in the order of the value. */
class Cuts {
  readonly #named: string[] = [];
  #more = 0;

  /** No path is named any more, so none has to be put together. */
  get isFull(): boolean {
    return this.#named.length >= MAX_CUTS;
  }

  add(path: string, size: number, unit: string): void {
    if (this.isFull) {
      this.#more++;
      return;
    }
    const shown = path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path;
    this.#named.push(`${shown}=${size} ${unit}`);
  }

  list(): string[] {
    return this.#more > 0 ? [...this.#named, `…and ${this.#more} more`] : this.#named;
  }
}

/** A copy in which no string, array or object is longer than the limits, markers aside. */
function cutDown(value: unknown, limits: Limits, path: string, cuts: Cuts): unknown {
  if (typeof value === "string") {
    if (value.length > limits.units) cuts.add(path, value.length, "characters");
    return cutString(value, limits.units);
  }
  if (typeof value !== "object" || value === null) return value;
  const inner = (item: unknown, key: string | number): unknown =>
    cutDown(item, limits, cuts.isFull ? "" : `${path}.${key}`, cuts);
  if (Array.isArray(value)) {
    if (value.length <= limits.items) return value.map(inner);
    cuts.add(path, value.length, "items");
    const head = Math.ceil(limits.items / 2);
    const end = value.length - (limits.items - head);
    const left = `[${end - head} items left out]`;
    return [...value.slice(0, head).map(inner), left, ...value.slice(end).map((item, i) => inner(item, end + i))];
  }
  const out: Record<string, unknown> = {};
  const entries = Object.entries(value);
  const left = entries.length - limits.items;
  if (left > 0) cuts.add(path, entries.length, "keys");
  const head = Math.ceil(limits.items / 2);
  entries.forEach(([key, item], i) => {
    if (left <= 0 || i < head || i >= head + left) setField(out, key, inner(item, key));
    else if (i === head) setField(out, CUT, `${left} keys`);
  });
  return out;
}
