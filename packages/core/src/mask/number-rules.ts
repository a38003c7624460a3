import type { Found, MaskRule } from "./rule.ts";

const MIN_CARD = 13;
const MAX_CARD = 19;
const FIRST_DIGIT = /\d/g;
const MAX_CARD_CHARS = MAX_CARD * 2;

/**
 * Payment card numbers of 13 to 19 digits that pass the Luhn check and begin as those of a card network do (2 to 6): `[card]`. In one run of
 * digits, or in groups with a space or a dash between. A number of a card in a field of its own is found too. Not found:
 * numbers with other characters between, inside a longer run of digits, and behind a decimal point.
 */
export function cards(replacement = "[card]"): MaskRule {
  return { text: { maxChars: MAX_CARD_CHARS, find: (text, from) => findCard(text, from, replacement) } };
}

function findCard(text: string, from: number, replacement: string): Found | undefined {
  const digit = new RegExp(FIRST_DIGIT);
  digit.lastIndex = from;
  for (let match = digit.exec(text); match; match = digit.exec(text)) {
    const start = match.index;
    const group = groupEnd(text, start);
    digit.lastIndex = group;
    if (isInside(text, start)) continue;
    const end = cardEnd(text, start);
    if (end !== undefined) return { start, end, replacement };
  }
  return undefined;
}

/** Behind another digit, or a fraction of a number: `0.4111111111111111` is no card. */
function isInside(text: string, start: number): boolean {
  const before = text[start - 1];
  return before !== undefined && (isDigit(before) || (before === "." && isDigit(text[start - 2])));
}

/** Where the longest card number that begins at `start`, with a group, ends. */
function cardEnd(text: string, start: number): number | undefined {
  let digits = "";
  let end: number | undefined;
  for (let at = start; ; at++) {
    const groupStart = at;
    at = groupEnd(text, at, MAX_CARD);
    digits += text.slice(groupStart, at);
    if (digits.length > MAX_CARD || isDigit(text[at])) return end;
    if (digits.length >= MIN_CARD && digits[0]! >= "2" && digits[0]! <= "6" && isLuhn(digits)) end = at;
    // Cards are printed in groups of three or more; the last may be shorter. Lists of small numbers are not cards.
    if (at - groupStart < 3 || !isCardSeparator(text[at]) || !isDigit(text[at + 1])) return end;
  }
}

function isCardSeparator(char: string | undefined): boolean {
  return char === " " || char === "-" || char === "\u00a0";
}

function groupEnd(text: string, from: number, max = Number.POSITIVE_INFINITY): number {
  let end = from;
  while (end - from < max && isDigit(text[end])) end++;
  return end;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= "0" && char <= "9";
}

export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

const MIN_PHONE = 8;
/** E.164. */
const MAX_PHONE = 15;
/** A number with its separators is not longer. */
const MAX_PHONE_CHARS = 40;
const PHONE_START = /\+|\(?\d+/g;
/** Digits, and up to two separators before them. */
const PHONE_GROUP = /([ \u00a0./()-]{0,2})(\d+)\)?/y;
const DATE = /^\d{4}-\d{2}-\d{2}/;

/**
 * Telephone numbers, `[phone]`: international ones that begin with `+`, of North America in three groups (`(555) 010-9999`), and such
 * that begin with `0` and have groups (`030 1234567`, `06 12 34 56 78`). Not found: numbers in one run of digits without a `+`,
 * which cannot be told from any other number, and national ones of other forms.
 */
export function phones(replacement = "[phone]"): MaskRule {
  return { text: { maxChars: MAX_PHONE_CHARS, find: (text, from) => findPhone(text, from, replacement) } };
}

function findPhone(text: string, from: number, replacement: string): Found | undefined {
  const begin = new RegExp(PHONE_START);
  begin.lastIndex = from;
  for (let match = begin.exec(text); match; match = begin.exec(text)) {
    const start = match.index;
    const before = text[start - 1];
    if (before !== undefined && (match[0] === "+" ? /[\w+]/ : /[\w.:+-]/).test(before)) continue;
    if (!mayBePhone(match[0])) continue;
    const end = phoneEnd(text, start);
    if (end !== undefined) return { start, end, replacement };
  }
  return undefined;
}

/** Told from how it begins: most digits are of no telephone number, and are not read any further. */
function mayBePhone(begin: string): boolean {
  const digits = begin[0] === "(" ? begin.length - 1 : begin.length;
  return begin === "+" || digits === 3 || begin[begin.length - digits] === "0";
}

interface Group {
  readonly separator: string;
  readonly digits: string;
  readonly end: number;
}

function phoneEnd(text: string, start: number): number | undefined {
  const isInternational = text[start] === "+";
  const part = text.slice(start, start + MAX_PHONE_CHARS + 1);
  if (DATE.test(part)) return undefined;
  const groups = groupsOf(part, isInternational ? 1 : 0);
  const isCut = groups.at(-1)?.end === part.length && isDigit(text[start + part.length]);
  const whole = isCut ? groups.slice(0, -1) : groups;
  const length = isInternational
    ? longest(whole, MIN_PHONE)
    : (northAmerican(part, whole) ?? (/^\(?0/.test(part) ? leadingZero(whole) : undefined));
  return length === undefined ? undefined : start + length;
}

function groupsOf(text: string, from: number): Group[] {
  const group = new RegExp(PHONE_GROUP);
  group.lastIndex = from;
  const groups: Group[] = [];
  let digits = 0;
  for (let match = group.exec(text); match && digits <= MAX_PHONE; match = group.exec(text)) {
    digits += match[2]!.length;
    groups.push({ separator: match[1]!, digits: match[2]!, end: group.lastIndex });
  }
  return groups;
}

/** The most groups that are not more digits than a telephone number has. */
function longest(groups: readonly Group[], least: number): number | undefined {
  let digits = 0;
  let end: number | undefined;
  for (const group of groups) {
    digits += group.digits.length;
    if (digits > MAX_PHONE) break;
    if (digits >= least) end = group.end;
  }
  return end;
}

function northAmerican(text: string, groups: readonly Group[]): number | undefined {
  const [area, exchange, line] = groups;
  if (!area || !exchange || !line) return undefined;
  const isShape = area.digits.length === 3 && exchange.digits.length === 3 && line.digits.length === 4;
  const isSeparated = /^(?:\) ?|[-. \u00a0])$/.test(text.slice(area.end - (text[0] === "(" ? 1 : 0), exchange.end - 3));
  const isOver = !/^[\w-]/.test(text.slice(line.end));
  return isShape && isSeparated && /^[-. \u00a0]$/.test(line.separator) && isOver ? line.end : undefined;
}

function leadingZero(groups: readonly Group[]): number | undefined {
  const [first, ...rest] = groups;
  if (!first || first.digits.length > 6) return undefined;
  const isOther = rest.findIndex(({ separator, digits }) => !/^[ \u00a0/-]{1,2}$/.test(separator) || digits.length < 2);
  const own = isOther < 0 ? rest : rest.slice(0, isOther);
  return own.length === 0 ? undefined : longest([first, ...own], MIN_PHONE + 1);
}
