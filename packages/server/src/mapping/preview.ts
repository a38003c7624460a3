import { MAX_PREVIEW_CHARS } from "../model/observation.ts";
import { cleanText } from "./values.ts";

/** Where the words a human wants to see sit in usual payloads, best first. */
const TEXT_KEYS = [
  "content",
  "text",
  "message",
  "messages",
  "parts",
  "answer",
  "output",
  "result",
  "response",
  "question",
  "query",
  "input",
  "prompt",
  "choices",
];

const MAX_DEPTH = 8;

/** One line of text for a list, from a payload's JSON text; at most {@link MAX_PREVIEW_CHARS} characters. */
export function previewOf(json: string | null): string | null {
  if (json === null) return null;
  const value: unknown = JSON.parse(json);
  if (value === null) return null;
  return lineOf(findText(value, 0) ?? (typeof value === "string" ? value : readable(json)));
}

/** Of JSON that was cut somewhere, or was not: the first text that says something, where the last cannot be known. */
export function previewOfHead(head: string): string | null {
  try {
    return previewOf(head);
  } catch {
    const [, found] = FIRST_TEXT.exec(head) ?? [];
    // The cut may be within an escape.
    return lineOf(
      found === undefined ? readable(head) : String(JSON.parse(`"${found.replace(/\\u[0-9a-f]{0,3}$/i, "")}"`)),
    );
  }
}

const FIRST_TEXT = new RegExp(`"(?:${TEXT_KEYS.join("|")})":\\s*"((?:[^"\\\\]|\\\\.)+)`);

/** Python writes all but ASCII as escapes: six characters for a letter. Quotes, backslashes and control characters stay escaped. */
function readable(json: string): string {
  return json
    .slice(0, MAX_PREVIEW_CHARS * 6)
    .replaceAll(/\\(?:u([0-9a-fA-F]{4})|.)/gs, (escape: string, code: string | undefined) => {
      const unit = code === undefined ? 0 : Number.parseInt(code, 16);
      return unit >= 0x80 ? String.fromCharCode(unit) : escape;
    });
}

function lineOf(text: string): string | null {
  // Cut before white space is collapsed, so that this works on little text.
  const line = text
    .slice(0, MAX_PREVIEW_CHARS * 2)
    .replaceAll(/\s+/g, " ")
    .trim();
  return line === "" ? null : cleanText(line, MAX_PREVIEW_CHARS);
}

function findText(value: unknown, depth: number): string | null {
  if (typeof value === "string") return value.trim() === "" ? null : value;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return null;
  if (Array.isArray(value)) {
    // The last message is what the turn is about.
    return value.length === 0 ? null : findText(value.at(-1), depth + 1);
  }
  for (const key of TEXT_KEYS) {
    if (!Object.hasOwn(value, key)) continue;
    const text = findText((value as Record<string, unknown>)[key], depth + 1);
    if (text !== null) return text;
  }
  return null;
}
