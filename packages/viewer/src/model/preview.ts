import { oneLine } from "./format.ts";
import { parseJson } from "./json.ts";
import { nameMediaTokens } from "./media.ts";
import { visibleText } from "./visible-text.ts";

/**
 * The preview of an input, made readable: of a cut-off chat JSON the last user text or the question, else the first field, else the text as it is. The server
 * cuts previews at 300 characters, so the JSON is often not parseable and is searched instead.
 */
export function readablePreview(preview: string | null): string | null {
  return preview === null ? null : visibleText(readable(preview));
}

function readable(preview: string): string {
  const text = nameMediaTokens(preview.trim());
  if (!text.startsWith("{") && !text.startsWith("[")) return unquote(oneLine(text));
  const first = FIRST_FIELD.exec(text);
  const found = lastMatch(text, USER_CONTENT) ?? lastMatch(text, QUESTION_FIELD);
  if (found !== undefined) return oneLine(unescapeJson(found));
  return first === null ? oneLine(text) : oneLine(`${first[1] ?? ""}: ${unescapeJson(first[2] ?? "")}`);
}

const FIRST_FIELD = /^\{\s*"([^"\\]+)"\s*:\s*"((?:[^"\\]|\\.)*)/;
const USER_CONTENT = /"role"\s*:\s*"user"\s*,\s*"content"\s*:\s*"((?:[^"\\]|\\.)*)/g;
const QUESTION_FIELD = /"(?:question|query|prompt|message|text|input|content)"\s*:\s*"((?:[^"\\]|\\.)*)/g;

function lastMatch(text: string, pattern: RegExp): string | undefined {
  return [...text.matchAll(pattern)].at(-1)?.[1];
}

function unescapeJson(text: string): string {
  try {
    const parsed = parseJson(`"${text}"`);
    return typeof parsed === "string" ? parsed : text;
  } catch {
    // Cut inside an escape sequence.
    return text;
  }
}

function unquote(text: string): string {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"') ? unescapeJson(text.slice(1, -1)) : text;
}
