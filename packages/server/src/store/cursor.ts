import type { QueryTarget } from "../query/language/ast.ts";
import { InvalidCursorError } from "./errors.ts";
import type { Sort } from "./observations.ts";

/** Where a page ends: the sort values of its last row. */
export type CursorKey = (string | number)[];

/**
 * @param list which list, and in which order: its values mean nothing in another one.
 */
export function encodeCursor(list: string, key: CursorKey): string {
  return Buffer.from(JSON.stringify([list, ...key])).toString("base64url");
}

/**
 * @param types what the key must hold, by place.
 * @throws {InvalidCursorError} when the text did not come from {@link encodeCursor} for the same list.
 */
export function decodeCursor(cursor: string, list: string, types: readonly ("string" | "number")[]): CursorKey {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString("utf8"));
    if (Array.isArray(parts) && parts[0] === list) {
      const key = parts.slice(1) as unknown[];
      const isOfTypes = key.every((part, index) => typeof part === types[index]);
      if (key.length === types.length && isOfTypes) return key as CursorKey;
    }
  } catch {
    // Not JSON: reported below as any other text that is no cursor of ours.
  }
  throw new InvalidCursorError("The cursor is not one this server gave out for this list in this order.");
}

/** Of the lists whose order is a choice. */
export function listOrder(target: QueryTarget, { field, descending }: Sort): string {
  return `${target} ${descending ? "-" : ""}${field}`;
}

/** What the key of such a list holds: the value, the start, then what tells rows of the same values apart. */
export function keyTypes(target: QueryTarget, { field }: Sort): ("string" | "number")[] {
  const last: ("string" | "number")[] = target === "traces" ? ["string"] : ["string", "number"];
  if (field === "start") return ["number", ...last];
  return [field === "name" ? "string" : "number", "number", ...last];
}
