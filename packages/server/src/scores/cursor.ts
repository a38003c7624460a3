import type { Score } from "../api/types.ts";
import { decodeCursor, encodeCursor } from "../store/cursor.ts";
import type { ScorePage } from "../store/scores.ts";

const LIST = "scores";

/** A page goes on after the last score that was given, and not after a number of them: newer ones come in front. */
export function readScoreCursor(cursor: string | undefined): ScorePage["after"] {
  if (cursor === undefined) return undefined;
  const [timestamp, id] = decodeCursor(cursor, LIST, ["number", "string"]);
  return { timestamp: Number(timestamp), id: String(id) };
}

export function writeScoreCursor({ timestamp, id }: Score): string {
  return encodeCursor(LIST, [timestamp, id]);
}
