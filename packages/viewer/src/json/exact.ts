/**
 * JSON with integers beyond 2^53 as they are written. Ids of other systems are such numbers, and the wrong last digits of one cost
 * somebody an afternoon. They are read as `bigint`, which prints its digits.
 */

/** Where numbers this long occur, a look at each is worth it; other texts take the fast way. */
const LONG_DIGITS = /\d{16}/;

/** Strings are matched to be skipped. No alternative can match in two ways, so hostile text cannot make this slow. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

const MARK = "\u0000bigint:";

export function parseExact(text: string): unknown {
  if (!LONG_DIGITS.test(text)) return JSON.parse(text);
  let hasBig = false;
  const marked = text.replaceAll(TOKEN, (token) => {
    if (token.startsWith('"') || !/^-?\d{16,}$/.test(token) || String(Number(token)) === token) return token;
    hasBig = true;
    return `"\\u0000bigint:${token}"`;
  });
  if (!hasBig) return JSON.parse(text);
  const revived: unknown = JSON.parse(marked, (_, value: unknown) =>
    typeof value === "string" && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
  return revived;
}

/** As `JSON.stringify`, big integers as digits. `undefined` becomes null. */
export function writeExact(value: unknown, indent?: number): string {
  let hasBig = false;
  const text = JSON.stringify(
    value,
    (_, member: unknown) => {
      if (typeof member !== "bigint") return member;
      hasBig = true;
      return MARK + String(member);
    },
    indent,
  ) as string | undefined;
  if (text === undefined) return "null";
  return hasBig ? text.replaceAll(/"\\u0000bigint:(-?\d+)"/g, "$1") : text;
}
