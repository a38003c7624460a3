/**
 * Cuts captured data to a number of UTF-8 bytes and leaves it valid JSON: the longest strings first (head, tail and a marker
 * with the true size), then arrays (first and last items and a count), then the whole value.
 */

/** No string is cut below this, so that what is left can still be recognised. */
const MIN_STRING_BYTES = 256;
/** Room kept for a cut's marker. */
const MARKER_BYTES = 64;
/** Items an array keeps at each end in the second step. */
const ARRAY_ENDS = 8;

export interface Truncated {
  json: string;
  /** True when something was cut. */
  cut: boolean;
}

const encoder = new TextEncoder();
/** UTF-8 needs three bytes for a UTF-16 unit at most. */
const MAX_BYTES_PER_UNIT = 3;

export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/** Serialises captured data in at most `maxBytes`. The usual case costs one `stringify` and no look at the bytes. */
export function stringifyWithin(value: unknown, maxBytes: number): Truncated {
  const json = JSON.stringify(value);
  if (json.length * MAX_BYTES_PER_UNIT <= maxBytes || utf8Bytes(json) <= maxBytes) return { json, cut: false };
  return { json: cutToFit(value, utf8Bytes(json), maxBytes), cut: true };
}

function cutToFit(value: unknown, bytes: number, maxBytes: number): string {
  const lengths: number[] = [];
  visitStrings(value, (text) => lengths.push(text.length));
  // Escapes and wide characters make a unit cost more than a byte; the share of this value stands for its strings.
  const units = lengths.reduce((sum, length) => sum + length, 0);
  const perUnit = Math.max(1, bytes / Math.max(1, units));
  for (const slack of [1, 0.5, 0.25]) {
    const limit = waterLevel(lengths, (maxBytes * slack) / perUnit);
    const json = JSON.stringify(mapStrings(value, (text) => cutString(text, limit)));
    if (utf8Bytes(json) <= maxBytes) return json;
  }
  const short = JSON.stringify(cutArrays(mapStrings(value, (text) => cutString(text, MIN_STRING_BYTES))));
  if (utf8Bytes(short) <= maxBytes) return short;
  return JSON.stringify(`[left out: ${bytes} bytes, the limit is ${maxBytes}]`);
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

function visitStrings(value: unknown, visit: (text: string) => void): void {
  if (typeof value === "string") visit(value);
  else if (typeof value === "object" && value !== null)
    for (const item of Object.values(value)) visitStrings(item, visit);
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapStrings(item, map)]));
}

function cutArrays(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(cutArrays);
    if (items.length <= ARRAY_ENDS * 2) return items;
    const left = items.length - ARRAY_ENDS * 2;
    return [...items.slice(0, ARRAY_ENDS), `[${left} items left out]`, ...items.slice(-ARRAY_ENDS)];
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cutArrays(item)]));
}
