import { splitJson, type Segment } from "../../../search/chunks.ts";
import { searchText } from "../../../search/text.ts";
import type { BlobKind, PreparedValue } from "./prepared.ts";
import type { TextTable } from "./text-table.ts";

/** A text up to this length stands in the row itself: naming a blob, and the row that counts its use, would take as much. */
const MAX_INLINE_CHARS = 160;
/** Where naming a common text is shorter. */
const MIN_COMMON_CHARS = 24;

/**
 * A payload's text as literals and texts that are kept once.
 *
 * @param repeats in parts; otherwise it is one text.
 */
export function cutPayload(kind: BlobKind, text: string | null, table: TextTable, repeats = true): PreparedValue {
  if (text === null) return null;
  // What is searched is always a blob: the index is over blobs.
  if (kind === "common") return text.length <= MIN_COMMON_CHARS ? text : [table.add(kind, text)];
  if (text.length <= MAX_INLINE_CHARS && (kind === "data" || !/[\p{L}\p{N}]/u.test(text))) return text;
  if (!repeats) return [table.add(kind, text)];
  const segments = splitJson(text);
  const pieces: (string | number)[] = [];
  for (const [index, { text: part, isChunk }] of segments.entries()) {
    const stands = isChunk || part.length > MAX_INLINE_CHARS || (kind === "text" && searchText(part) !== "");
    if (stands) pieces.push(table.add(kind, part) * (isChunk ? 1 : -1));
    else if (part !== "," || !isBetweenChunks(segments, index)) pieces.push(part);
  }
  return pieces;
}

function isBetweenChunks(segments: readonly Segment[], index: number): boolean {
  return segments[index - 1]?.isChunk === true && segments[index + 1]?.isChunk === true;
}
