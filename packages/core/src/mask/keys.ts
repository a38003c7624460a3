import { SpanwiseConfigError } from "../errors.ts";
import type { Found, MaskRule } from "./rule.ts";

/**
 * What {@link keys} looks for unless told otherwise. Words match a name that has them next to each other, however it is written: `api_key`
 * finds `apiKey`, `X-API-Key`, `OPENAI_API_KEYS` and `apikey`. `token` alone is a count of tokens too often, and so is found as a
 * whole name only.
 */
export const DEFAULT_KEYS: readonly (string | RegExp)[] = [
  "password",
  "passwd",
  "pwd",
  "passphrase",
  "passcode",
  "secret",
  "credential",
  "authorization",
  "cookie",
  "api_key",
  "access_key",
  "private_key",
  "secret_key",
  "signing_key",
  "encryption_key",
  "access_token",
  "refresh_token",
  "id_token",
  "auth_token",
  "session_token",
  "bearer_token",
  "csrf_token",
  "api_token",
  "connection_string",
  "card_number",
  "cvv",
  "cvc",
  "ssn",
  /^_*(?:token|auth|jwt|bearer|pin|otp|dsn)$/i,
];

export interface KeysOptions {
  /** Default `[masked]`. */
  replacement?: string | undefined;
  /** Also `name=value`, `name: value` and `"name": "value"` inside of texts. Default true. */
  text?: boolean | undefined;
}

/** Of a longer name in a text the end is looked at. */
const MAX_NAME_CHARS = 64;
const SIGN = /[:=]\s{0,3}/g;
/** What may stand between a name and its sign, from the sign backwards. */
const MAX_SPACES = 3;
const MAX_SLASHES = 3;
const NAME_CHAR = /[\w.-]/;
/** A text in quotes to its end or the line's, escaped quotes to the next, a word to what ends one. */
const VALUE = /"(?:[^"\\\n]|\\[^])*"?|'(?:[^'\\\n]|\\[^])*'?|\\{1,3}["'][^"'\\\n]*|[^\s&"'<>,;()[\]{}\\]+/y;
const SCHEME = /(?:bearer|basic|digest|token)\s{1,4}[^\s"'\\,;]+/iy;
/** They say whether there is one, not what it is. */
const TELLS_NOTHING = /^(?:true|false|null|undefined|none|nil)$/i;

/**
 * Fields by their name: whatever stands there is replaced whole, at any depth and in JSON inside of a text; empty texts, `null` and
 * booleans stay. `names` are words ({@link DEFAULT_KEYS} says how they match) or expressions for the name as it is written. Not
 * found: secrets under other names, and objects or arrays beside such a name inside of a text that is not JSON as a whole.
 *
 * @example
 * keys([...DEFAULT_KEYS, "employee_id"])
 */
export function keys(
  names: readonly (string | RegExp)[] = DEFAULT_KEYS,
  { replacement = "[masked]", text = true }: KeysOptions = {},
): MaskRule {
  const isNamed = matcherOf(names);
  const field = (name: string): string | undefined => (isNamed(name) ? replacement : undefined);
  if (!text) return { field };
  return {
    field,
    text: { maxChars: 2 * MAX_NAME_CHARS, find: (value, from) => findAssignment(value, from, isNamed, replacement) },
  };
}

function matcherOf(names: readonly (string | RegExp)[]): (name: string) => boolean {
  if (names.length === 0) throw new SpanwiseConfigError('keys() needs at least one name, such as keys(["password"])');
  const words = names.filter((name) => typeof name === "string").map((name) => wordsOf(name).split("_").join("_?"));
  const patterns = names
    .filter((name) => name instanceof RegExp)
    .map(({ source, flags }) => new RegExp(source, flags.replace(/[gy]/g, "")));
  const named = words.length > 0 ? new RegExp(`(?:^|_)(?:${words.join("|")})s?(?:_|$)`, "u") : undefined;
  return (name) => (named?.test(wordsOf(name)) ?? false) || patterns.some((pattern) => pattern.test(name));
}

/** `userAPIKey2` → `user_api_key2`. */
function wordsOf(name: string): string {
  return name
    .slice(0, MAX_NAME_CHARS * 4)
    .replace(/([\p{Ll}\p{N}])(?=\p{Lu})/gu, "$1_")
    .replace(/(\p{Lu})(?=\p{Lu}\p{Ll})/gu, "$1_")
    .replace(/[^\p{L}\p{N}]+/gu, "_")
    .toLowerCase();
}

function findAssignment(
  text: string,
  from: number,
  isNamed: (name: string) => boolean,
  replacement: string,
): Found | undefined {
  const sign = new RegExp(SIGN);
  sign.lastIndex = from;
  for (let match = sign.exec(text); match; match = sign.exec(text)) {
    const start = nameStart(text, match.index, from);
    if (start === undefined || !isNamed(readName(text, start))) continue;
    const value = readValue(text, sign.lastIndex, replacement);
    // From the name on, so that a value in the next slice of a long text is not parted from it.
    if (value) return { ...value, start, replacement: text.slice(start, value.start) + replacement };
  }
  return undefined;
}

/** Where the name before a sign begins; its quotes and the space behind it are passed over. */
function nameStart(text: string, sign: number, from: number): number | undefined {
  let end = sign;
  for (let i = 0; i < MAX_SPACES && /\s/.test(text[end - 1] ?? ""); i++) end--;
  if (text[end - 1] === '"' || text[end - 1] === "'") {
    end--;
    for (let i = 0; i < MAX_SLASHES && text[end - 1] === "\\"; i++) end--;
  }
  let start = end;
  while (start > from && end - start < MAX_NAME_CHARS && NAME_CHAR.test(text[start - 1]!)) start--;
  return start < end ? start : undefined;
}

function readName(text: string, start: number): string {
  let end = start;
  while (end - start < MAX_NAME_CHARS && NAME_CHAR.test(text[end] ?? "")) end++;
  return text.slice(start, end);
}

/** Only what stands inside of quotes is replaced, so that the text around it stays what it was. */
function readValue(text: string, start: number, replacement: string): Found | undefined {
  for (const pattern of [SCHEME, VALUE]) {
    const value = new RegExp(pattern);
    value.lastIndex = start;
    const whole = value.exec(text)?.[0];
    if (!whole) continue;
    const open = /^\\*["']/.exec(whole)?.[0] ?? "";
    const isClosed = open !== "" && whole.length > open.length && whole.endsWith(open) && !open.startsWith("\\");
    const inner = whole.slice(open.length, whole.length - (isClosed ? open.length : 0));
    if (inner === "" || inner === replacement || TELLS_NOTHING.test(inner)) return undefined;
    if (open === "" && text.startsWith(replacement, start)) return undefined;
    return { start: start + open.length, end: start + open.length + inner.length, replacement };
  }
  return undefined;
}
