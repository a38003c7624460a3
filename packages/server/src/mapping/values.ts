import { isTooDeep } from "../http/json-depth.ts";
import type { AttributeValue } from "../ingest/otlp-span.ts";

/** Names, ids and the like. Longer ones are cut: they are no payload, and lists and trees load them by the thousand. */
export const MAX_SMALL_TEXT_CHARS = 2000;
/** Error texts carry stacks. */
export const MAX_STATUS_MESSAGE_CHARS = 20_000;

/** Text for a column: no NUL (SQLite ends text there) and no lone surrogate (it has no UTF-8). */
export function cleanText(text: string, maxChars = MAX_SMALL_TEXT_CHARS): string {
  const cut = text.length > maxChars ? `${text.slice(0, maxChars - 1)}…` : text;
  // oxlint-disable-next-line no-control-regex -- the control character is what is looked for
  if (!/[\0\ud800-\udfff]/.test(cut)) return cut;
  return Buffer.from(cut, "utf8").toString("utf8").replaceAll("\0", "\ufffd");
}

/** A scalar as text; objects are no text. */
export function readText(value: AttributeValue | undefined, maxChars?: number): string | null {
  if (typeof value === "string") return value === "" ? null : cleanText(value, maxChars);
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return null;
}

export function readBoolean(value: AttributeValue | undefined): boolean | null {
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  return null;
}

export function readNumber(value: AttributeValue | undefined): number | null {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : null;
}

/** ISO text, plain or as a JSON string, to epoch milliseconds. */
export function readTime(value: AttributeValue | undefined): number | null {
  if (typeof value !== "string") return null;
  const iso = value.replace(/^"(.*)"$/, "$1");
  const time = Date.parse(iso);
  if (Number.isNaN(time)) return null;
  // Date keeps milliseconds: the digits after them are added back as a fraction.
  const digits = /\.\d{3}(\d{1,6})/.exec(iso)?.[1];
  return digits === undefined ? time : time + Number(`0.${digits}`);
}

/** An array, a JSON array in text, or text with commas. */
export function readTextList(value: AttributeValue | undefined): string[] | null {
  const list = typeof value === "string" ? (parseStructure(value) ?? value.split(",")) : value;
  if (!Array.isArray(list)) return null;
  const texts = list.flatMap((item) =>
    typeof item === "string" && item.trim() !== "" ? [cleanText(item.trim())] : [],
  );
  return texts.length === 0 ? null : [...new Set(texts)];
}

/** An object, or a JSON object in text. */
export function readObject(value: AttributeValue | undefined): Record<string, AttributeValue> | null {
  const parsed = typeof value === "string" ? parseStructure(value) : value;
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed) ? parsed : null;
}

/** Buckets of usage or cost. No provider has half as many; rows of lists and hourly sums carry them. */
const MAX_COUNTS = 100;
/** Of the name of one. */
const MAX_COUNT_NAME_CHARS = 200;

/** Finite, non-negative members only. `null` when none is left, more than {@link MAX_COUNTS} are, or a name is longer than {@link MAX_COUNT_NAME_CHARS}. */
export function readCounts(value: AttributeValue | undefined): Record<string, number> | null {
  const object = readObject(value);
  if (object === null) return null;
  const counts = Object.entries(object).flatMap(([key, member]): [string, number][] => {
    const count = readCount(member);
    return count === null ? [] : [[key, count]];
  });
  const isBounded = counts.length <= MAX_COUNTS && counts.every(([name]) => name.length <= MAX_COUNT_NAME_CHARS);
  return counts.length === 0 || !isBounded ? null : Object.fromEntries(counts);
}

/** Tokens or dollars of one observation; a number beyond is a sender's mistake, and would drown all others in the sums of its hour. */
const MAX_COUNT = 1e12;

/** `null` for what is no number, is negative or above {@link MAX_COUNT}. */
export function readCount(value: AttributeValue | undefined): number | null {
  const count = readNumber(value);
  return count !== null && count >= 0 && count <= MAX_COUNT ? count : null;
}

/** Reads a payload's attribute as JSON text; `null` where there is none. */
export type PayloadReader = (value: AttributeValue | undefined) => string | null;

/**
 * Langfuse's convention, and everybody's whom we do not know: scalars as they are and everything else as JSON in text. Text that is a
 * JSON object or array is taken for one and kept to the letter: large integers stay exact. Any other text stays a string.
 */
export const readLoosePayload: PayloadReader = (value) => {
  if (value === undefined) return null;
  if (typeof value === "string" && parseStructure(value) !== undefined) return value;
  return JSON.stringify(value);
};

/** Our SDK's convention: always JSON of any kind, so that `"42"` and `42` stay apart. Kept to the letter as well. */
export const readJsonPayload: PayloadReader = (value) => {
  if (typeof value === "string" && isJson(value)) return value;
  return readLoosePayload(value);
};

function isJson(text: string): boolean {
  if (isTooDeep(text)) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The scalar that the text is JSON of; any other text, that of an object or array included, stays what it is. */
export function parseScalar(text: string): AttributeValue {
  if (!/^(?:"|-?\d|true$|false$|null$)/.test(text)) return text;
  try {
    const value = JSON.parse(text) as AttributeValue;
    // A long integer would be rounded.
    return typeof value === "number" && !Number.isSafeInteger(value) && Number.isInteger(value) ? text : value;
  } catch {
    return text;
  }
}

/** Metadata values follow the same convention as payloads. */
export function unwrapStructure(value: AttributeValue): AttributeValue {
  return typeof value === "string" ? (parseStructure(value) ?? value) : value;
}

/** The object or array that the text is JSON of; `undefined` for all other text: JSON scalars, and what nests too deep. */
export function parseStructure(text: string): Exclude<AttributeValue, string | number | boolean | null> | undefined {
  if (!/^\s*[{[]/.test(text) || isTooDeep(text)) return undefined;
  try {
    return JSON.parse(text) as Exclude<AttributeValue, string | number | boolean | null>;
  } catch {
    // Text that only begins like JSON is text.
    return undefined;
  }
}
