import { endOfString } from "../search/text.ts";

/**
 * Lists and objects within each other. `JSON.parse` takes any number of them, and `JSON.stringify` and whoever walks through them run out of stack
 * at some thousands. Nobody's messages come near it.
 */
export const MAX_JSON_DEPTH = 500;

const OPENING = /[[{]/g;
const BRACKETS = /["[\]{}]/g;

/** Whether JSON text nests deeper than {@link MAX_JSON_DEPTH}. Looks no further where there are too few brackets for it. */
export function isTooDeep(json: string): boolean {
  if (json.length <= 2 * MAX_JSON_DEPTH || !hasManyOpenings(json)) return false;
  let depth = 0;
  for (let at = 0; ;) {
    BRACKETS.lastIndex = at;
    const match = BRACKETS.exec(json);
    if (match === null) return false;
    at = match[0] === '"' ? endOfString(json, match.index) + 1 : match.index + 1;
    if (match[0] === "[" || match[0] === "{") depth += 1;
    else if (match[0] !== '"') depth -= 1;
    if (depth > MAX_JSON_DEPTH) return true;
  }
}

function hasManyOpenings(json: string): boolean {
  OPENING.lastIndex = 0;
  for (let count = 0; count <= MAX_JSON_DEPTH; count++) if (!OPENING.test(json)) return false;
  return true;
}

const [QUOTE, BACKSLASH, OPENING_BRACE] = [0x22, 0x5c, 0x7b];

/**
 * Lists and objects of a body. They compress to a thousandth, and a body of nothing else takes a hundred times the memory and the time of one that
 * says something; the largest that does, of vectors of numbers alone, has a few less.
 */
export const MAX_JSON_NESTED = 4_000_000;

/** Whether JSON, in UTF-8, has more than {@link MAX_JSON_NESTED}. Looks at small bodies not at all, at large ones for a nanosecond a byte. */
export function hasTooManyNested(json: Uint8Array): boolean {
  if (json.byteLength < 2 * MAX_JSON_NESTED) return false;
  let count = 0;
  for (let at = 0; at < json.byteLength; at++) {
    const byte = json[at] ?? 0;
    // "[" and "{" differ in this bit alone.
    if ((byte | 0x20) === OPENING_BRACE) count += 1;
    else if (byte === QUOTE) at = endOfQuoted(json, at);
  }
  return count > MAX_JSON_NESTED;
}

function endOfQuoted(json: Uint8Array, start: number): number {
  let at = start + 1;
  while (at < json.byteLength && json[at] !== QUOTE) at += json[at] === BACKSLASH ? 2 : 1;
  return at;
}

/** Whether a value that was parsed has more than `levels` lists and objects within each other, itself the first. Needs no stack. */
export function nestsDeeper(value: unknown, levels: number): boolean {
  let level = [value].filter(isNested);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === levels) return true;
    level = level.flatMap((nested) => Object.values(nested).filter(isNested));
  }
  return false;
}

function isNested(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
