/** Bytes from `start` to before `end`. */
export interface ByteRange {
  start: number;
  end: number;
}

/**
 * Reads a Range header with one range: what players of audio and video send.
 *
 * @returns `null` for a header that is to be ignored: none, another unit, several ranges, or not well formed (RFC 9110, section 14.2).
 */
export function parseRange(header: string | undefined, size: number): ByteRange | "unsatisfiable" | null {
  const match = /^bytes=(\d*)-(\d*)$/i.exec(header?.trim() ?? "");
  if (match === null) return null;
  const [, first = "", last = ""] = match;
  if (first === "") {
    if (last === "") return null;
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : "unsatisfiable";
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return null;
  if (start >= size) return "unsatisfiable";
  return { start, end: last === "" ? size : Math.min(size, Number(last) + 1) };
}
