/**
 * Cuts captured data to a number of UTF-8 bytes and leaves it valid JSON: the longest strings first (head, tail and a marker
 * with the true size), then arrays (first and last items and a count), then the whole value.
 */

import { setField } from "./capture.ts";

/** No string is cut below this, so that what is left can still be recognised. */
const MIN_STRING_BYTES = 256;
/** Room kept for a cut's marker. */
const MARKER_BYTES = 64;
/** Strings looked at, and how much of each, to tell what a UTF-16 unit of this value costs in JSON. */
const MAX_SAMPLES = 256;
const SAMPLE_CHARS = 1024;
/** Items an array keeps at each end in the second step. */
const ARRAY_ENDS = 8;

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

const encoder = new TextEncoder();
/** UTF-8 needs three bytes for a UTF-16 unit at most. */
const MAX_BYTES_PER_UNIT = 3;

export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
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
  const lengths: number[] = [];
  const samples: string[] = [];
  visitStrings(value, (text) => {
    lengths.push(text.length);
    if (text.length > MIN_STRING_BYTES && samples.length < MAX_SAMPLES) samples.push(text.slice(0, SAMPLE_CHARS));
  });
  // Escapes and wide characters make a unit cost more than a byte; the share of this value stands for its strings.
  const units = lengths.reduce((sum, length) => sum + length, 0);
  const sample = samples.join("");
  const perSampled = utf8Bytes(JSON.stringify(sample)) / Math.max(1, sample.length);
  const perUnit = Math.max(1, bytes / Math.max(1, units), perSampled);
  const cuttable = lengths.reduce((sum, length) => sum + Math.max(0, length - MIN_STRING_BYTES), 0);
  // Many small values: no cut of strings could make it fit, so the walks and the serialising are not tried.
  const slacks = bytes - cuttable * perUnit <= maxBytes ? [1, 0.5, 0.25] : [];
  for (const slack of slacks) {
    const limit = waterLevel(lengths, (maxBytes * slack) / perUnit);
    const cuts = new Cuts();
    const json = JSON.stringify(cutStrings(value, limit, path, cuts));
    if (json.length <= maxBytes && utf8Bytes(json) <= maxBytes) return { json, cuts: cuts.list() };
  }
  const cuts = new Cuts();
  const short = JSON.stringify(cutStrings(cutArrays(value, path, cuts), MIN_STRING_BYTES, path, cuts));
  if (short.length <= maxBytes && utf8Bytes(short) <= maxBytes) return { json: short, cuts: cuts.list() };
  const json = JSON.stringify(`[left out: ${bytes} bytes, the limit is ${maxBytes}]`);
  return { json, cuts: [`${path}=${bytes} bytes`] };
}

/** The length L at which the strings, each cut to L, add up to `budget`: the longest give first. */
function waterLevel(lengths: readonly number[], budget: number): number {
  const sorted = [...lengths].sort((a, b) => a - b);
  let rest = budget;
  for (let i = 0; i < sorted.length; i++) {
    const share = rest / (sorted.length - i);
    if (sorted[i]! > share) return Math.max(MIN_STRING_BYTES, Math.floor(share));
    rest -= sorted[i]!;
  }
  return Number.POSITIVE_INFINITY;
}

function cutString(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const kept = Math.max(0, limit - MARKER_BYTES);
  const head = Math.ceil(kept * 0.75);
  return `${sliceWhole(text, 0, head)}…[cut: ${text.length} characters]…${sliceWhole(text, text.length - (kept - head), text.length)}`;
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

function visitStrings(value: unknown, visit: (text: string) => void): void {
  if (typeof value === "string") visit(value);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) visitStrings(item, visit);
}

/** What was cut where, in the order of the value. */
class Cuts {
  readonly #named: string[] = [];
  #more = 0;

  add(path: string, size: number, unit: string): void {
    const shown = path.length > MAX_PATH_CHARS ? `${path.slice(0, MAX_PATH_CHARS)}…` : path;
    if (this.#named.length < MAX_CUTS) this.#named.push(`${shown}=${size} ${unit}`);
    else this.#more++;
  }

  list(): string[] {
    return this.#more > 0 ? [...this.#named, `…and ${this.#more} more`] : this.#named;
  }
}

function cutStrings(value: unknown, limit: number, path: string, cuts: Cuts): unknown {
  if (typeof value !== "string") return mapItems(value, path, (item, at) => cutStrings(item, limit, at, cuts));
  if (value.length > limit) cuts.add(path, value.length, "characters");
  return cutString(value, limit);
}

function cutArrays(value: unknown, path: string, cuts: Cuts): unknown {
  const inner = mapItems(value, path, (item, at) => cutArrays(item, at, cuts));
  if (!Array.isArray(inner)) return inner;
  const left = inner.length - ARRAY_ENDS * 2;
  if (left <= 0) return inner;
  cuts.add(path, inner.length, "items");
  return [...inner.slice(0, ARRAY_ENDS), `[${left} items left out]`, ...inner.slice(-ARRAY_ENDS)];
}

function mapItems(value: unknown, path: string, map: (item: unknown, path: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((item, i) => map(item, `${path}.${i}`));
  if (typeof value !== "object" || value === null) return value;
  const out: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    setField(out, key, map((value as Record<string, unknown>)[key], `${path}.${key}`));
  }
  return out;
}
