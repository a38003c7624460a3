import type { DatasetItemRow } from "../api/types.ts";
import { parseJson } from "./json.ts";
import { readablePreview } from "./preview.ts";

/** A line shows less; the rest is not looked at. */
const PREVIEW_CHARS = 4_000;

/**
 * A dataset item's value as text that can be edited: a text as it is, everything else as JSON. `null` is the empty text.
 * A text that would be read as JSON keeps its quotes, so that what is read back is what was there.
 */
export function itemText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  return value.trim() === "" || looksLikeJson(value) ? JSON.stringify(value) : value;
}

export type ItemValue = { value: unknown; error: null } | { value: null; error: string };

/** The value of an edited text. What begins like JSON has to be JSON: a bracket that was lost is not made a text silently. */
export function readItemText(text: string): ItemValue {
  const trimmed = text.trim();
  if (trimmed === "") return { value: null, error: null };
  if (!/^[[{"]/.test(trimmed)) {
    if (!looksLikeJson(trimmed)) return { value: text, error: null };
    return { value: JSON.parse(trimmed) as unknown, error: null };
  }
  try {
    return { value: JSON.parse(trimmed) as unknown, error: null };
  } catch (error) {
    return { value: null, error: `Not valid JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
}

function looksLikeJson(text: string): boolean {
  if (/^\s*[[{"]/.test(text)) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** As {@link itemPreview}, of a row of a list, whose long values are cut. */
export function rowPreview(row: DatasetItemRow, field: "input" | "expectedOutput"): string | null {
  const value = row[field];
  return itemPreview(row.truncated?.includes(field) === true ? textOfHead(String(value)) : value);
}

/** Of the beginning of JSON: what is there of the text, where it is one. */
function textOfHead(head: string): string {
  if (!head.startsWith('"')) return head;
  const inner = head.slice(1);
  for (const text of [inner, inner.replace(/\\u?[\da-f]{0,3}$/i, "")]) {
    try {
      return String(parseJson(`"${text}"`));
    } catch {
      // It was cut inside an escape sequence.
    }
  }
  return inner;
}

/** On one line: the last thing that was said, of a conversation, or the value itself. */
export function itemPreview(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return readablePreview(text.slice(0, PREVIEW_CHARS));
}
