/**
 * What full-text search sees of a JSON value: its strings and numbers, without keys. Both stores cut it into words in the same way,
 * that of SQLite's `unicode61` (https://sqlite.org/fts5.html#unicode61_tokenizer): letters and digits, without case and accents.
 */

/** UTF-16 units of one value (of one message in a conversation) that are indexed; what lies beyond is not found. 256 Ki. */
export const MAX_INDEXED_CHARS = 256 * 1024;

/** A run of text without a space beyond this length is data (base64, hashes), not words. */
const MAX_RUN_CHARS = 512;

/**
 * The index is told to forget a text by what this gives for it: a change of its answers needs a migration that indexes anew.
 *
 * @param json JSON text; a part of one will do.
 */
export function searchText(json: string): string {
  let text = "";
  const add = (leaf: string): void => {
    if (leaf.length > MAX_RUN_CHARS && !/\s/.test(leaf.slice(0, MAX_RUN_CHARS))) return;
    text += text === "" ? leaf : ` ${leaf}`;
  };
  for (let at = 0; at < json.length && text.length < MAX_INDEXED_CHARS;) {
    const quote = json.indexOf('"', at);
    for (const number of numbersIn(json.slice(at, quote === -1 ? json.length : quote))) add(number);
    if (quote === -1) break;
    const end = endOfString(json, quote);
    // A string before a colon is a key.
    if (!/^\s*:/.test(json.slice(end + 1, end + 9))) add(unescapeLeaf(json.slice(quote + 1, end)));
    at = end + 1;
  }
  return text.slice(0, MAX_INDEXED_CHARS);
}

function numbersIn(between: string): readonly string[] {
  // Mostly a comma or a colon.
  return between.length < 3 && !/\d/.test(between) ? [] : (between.match(/-?\d[\d.eE+-]*/g) ?? []);
}

/** Where the string that opens at `start` has its closing quote, or the text ends. */
export function endOfString(json: string, start: number): number {
  for (let at = start; ;) {
    at = json.indexOf('"', at + 1);
    if (at === -1) return json.length;
    let backslashes = 0;
    while (json[at - 1 - backslashes] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return at;
  }
}

/** Escapes are taken apart twice, since tool calls carry JSON inside of a string. */
function unescapeLeaf(leaf: string): string {
  if (!leaf.includes("\\")) return leaf;
  return unescapeOnce(unescapeOnce(leaf));
}

function unescapeOnce(text: string): string {
  if (!text.includes("\\")) return text;
  return text.replaceAll(/\\(u[0-9a-fA-F]{4}|.)/gs, (_, code: string) => {
    if (code.length === 5) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
    return "nrtbf".includes(code) ? " " : code;
  });
}

/** Words in order. */
export function tokenize(text: string): string[] {
  return (
    text
      .normalize("NFD")
      .replaceAll(/\p{M}+/gu, "")
      .toLowerCase()
      .match(/[\p{L}\p{N}\p{Co}]+/gu) ?? []
  );
}

/** What a search looks for: words that follow on each other, the last one perhaps only begun. */
export interface TextPattern {
  words: string[];
  /** True when the last word is only the beginning of one: `invo*`. */
  prefix: boolean;
}

/** @returns `null` where the text holds no word. */
export function parseTextPattern(text: string): TextPattern | null {
  const words = tokenize(text);
  if (words.length === 0) return null;
  return { words, prefix: /[\p{L}\p{N}\p{Co}]\*\s*$/u.test(text) };
}

export function matchesText(tokens: readonly string[], { words, prefix }: TextPattern): boolean {
  const last = words.length - 1;
  return tokens.some((_, start) =>
    words.every((word, index) => {
      const token = tokens[start + index];
      return token === word || (prefix && index === last && token?.startsWith(word) === true);
    }),
  );
}

/** The pattern as a query of FTS5. */
export function toFtsQuery({ words, prefix }: TextPattern): string {
  return `"${words.join(" ")}"${prefix ? " *" : ""}`;
}
