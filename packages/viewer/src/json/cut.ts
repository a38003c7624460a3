import { decodeHead, type JsonIndex, KIND, keyOf, sourceOf } from "./json-index.ts";
import { parseExact } from "./exact.ts";

/** Of one string. A conversation's message is readable with it; the whole is in the JSON view. */
const MAX_STRING_CHARS = 20_000;

/** Media in the payload are shown whole up to here: cut, they would be nothing. */
const MAX_MEDIA_CHARS = 12_000_000;

/** First and last items kept of a longer array. */
const MAX_ITEMS = 400;

/** All that is kept. Beyond it values become a note of their size. */
const MAX_TOTAL_CHARS = 2_000_000;

/** A large value small enough to be drawn as a conversation: long strings and arrays are cut and say so. */
export function cutValue(index: JsonIndex, top: number): unknown {
  let left = MAX_TOTAL_CHARS;
  const read = (entry: number): unknown => {
    const size = (index.ends[entry] ?? 0) - (index.starts[entry] ?? 0);
    const kind = index.kinds[entry];
    if (kind === KIND.string) {
      const isMedia = index.text.startsWith('"data:', index.starts[entry]);
      const most = isMedia ? MAX_MEDIA_CHARS : Math.min(MAX_STRING_CHARS, Math.max(0, left));
      const { text, isCut } = decodeHead(index, entry, most);
      if (!isMedia) left -= text.length;
      return isCut ? `${text}… [${size - 2 - text.length} more characters: see the JSON tab]` : text;
    }
    if (kind !== KIND.object && kind !== KIND.array) {
      left -= size;
      return parseExact(sourceOf(index, entry));
    }
    if (left <= 0) return `[${size} characters: see the JSON tab]`;
    const entries = childEntries(index, entry);
    if (kind === KIND.object) {
      return Object.fromEntries(
        entries.slice(0, MAX_ITEMS * 2).map((child) => [keyOf(index, child) ?? "", read(child)]),
      );
    }
    if (entries.length <= MAX_ITEMS && size <= left) return entries.map(read);
    // Both ends are kept, as far as there is room: the newest end of a conversation is what one looks for.
    const half = left / 2;
    const tail: unknown[] = [];
    for (const child of entries.toReversed()) {
      if (tail.length >= MAX_ITEMS / 2 || left <= half) break;
      tail.unshift(read(child));
    }
    const head: unknown[] = [];
    for (const child of entries.slice(0, entries.length - tail.length)) {
      // Room for a whole text: half a message would be taken for one.
      if (head.length >= MAX_ITEMS / 2 || left <= MAX_STRING_CHARS) break;
      head.push(read(child));
    }
    return [...head, ...tail];
  };
  return read(top);
}

function childEntries(index: JsonIndex, entry: number): number[] {
  const entries: number[] = [];
  for (let at = entry + 1; at < (index.nexts[entry] ?? 0); at = index.nexts[at] ?? at + 1) entries.push(at);
  return entries;
}
