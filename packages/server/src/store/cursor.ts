import { InvalidCursorError } from "./errors.ts";

/** Where a page ends: the sort values of its last row. */
export type CursorKey = (string | number)[];

export function encodeCursor(key: CursorKey): string {
  return Buffer.from(JSON.stringify(key)).toString("base64url");
}

/**
 * @param types what the key must hold, by place.
 * @throws {InvalidCursorError} when the text did not come from {@link encodeCursor} for the same sort.
 */
export function decodeCursor(cursor: string, types: readonly ("string" | "number")[]): CursorKey {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts.length === types.length) {
      const key = parts as unknown[];
      if (key.every((part, index) => typeof part === types[index])) return key as CursorKey;
    }
  } catch {
    // Not JSON: reported below as any other text that is no cursor of ours.
  }
  throw new InvalidCursorError("The cursor is not one this server gave out for this list.");
}
