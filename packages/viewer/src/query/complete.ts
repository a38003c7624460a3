import type { QueryField } from "../api/types.ts";
import { parseClauses, quote } from "./clauses.ts";

/** What is being typed where the caret is, and which part of the query a suggestion replaces. */
export interface Typing {
  kind: "field" | "value";
  /** The field whose value is typed; `null` while the field itself is. */
  field: string | null;
  typed: string;
  start: number;
  end: number;
}

export interface Suggestion {
  label: string;
  detail: string;
  /** What is put into the query, the caret behind it. */
  text: string;
}

export const MAX_SUGGESTIONS = 12;

export function typingAt(query: string, caret: number): Typing {
  const clause = parseClauses(query).find(({ start, end }) => start <= caret && caret <= end);
  if (clause === undefined) return { kind: "field", field: null, typed: "", start: caret, end: caret };
  if (clause.field === null || caret < clause.valueStart) {
    const start = clause.start + (clause.isNegated ? 1 : 0);
    const from = Math.min(caret, start);
    return { kind: "field", field: null, typed: query.slice(from, caret), start: from, end: clause.end };
  }
  const typed = query.slice(clause.valueStart, caret);
  const isGroup = typed.startsWith("(");
  // In a group only the value under the caret is meant.
  const offset = isGroup ? Math.max(typed.lastIndexOf("("), typed.lastIndexOf(" ")) + 1 : 0;
  const start = clause.valueStart + offset;
  return {
    kind: "value",
    field: clause.field,
    typed: typed.slice(offset).replace(/^"/, ""),
    start,
    end: isGroup ? caret : clause.end,
  };
}

/** Fields by name, or values of a field: those that begin with what is typed first, then those that hold it. */
export function suggest(
  typing: Typing,
  fields: readonly QueryField[],
  known: Readonly<Record<string, readonly { value: string; count: number }[]>>,
): Suggestion[] {
  const typed = typing.typed.toLowerCase();
  if (typing.kind === "field") {
    return ranked(fields, (field) => field.name, typed).map((field) => ({
      label: field.name,
      detail: field.description,
      text: field.kind === "key" ? `${field.name.replace(/\.$/, "")}.` : `${field.name}:`,
    }));
  }
  const field = fields.find(({ name }) => name === typing.field);
  const counted = known[typing.field ?? ""] ?? [];
  const values = new Map<string, string>(counted.map(({ value, count }) => [value, String(count)]));
  for (const value of field?.values ?? []) if (!values.has(value)) values.set(value, "");
  if (field?.kind === "boolean") for (const value of ["true", "false"]) if (!values.has(value)) values.set(value, "");
  return ranked([...values], ([value]) => value, typed).map(([value, detail]) => ({
    label: value,
    detail,
    text: `${quote(value)} `,
  }));
}

/** The query with the suggestion in it, and where the caret goes. */
export function accept(query: string, typing: Typing, suggestion: Suggestion): { query: string; caret: number } {
  const before = query.slice(0, typing.start);
  const after = query.slice(typing.end);
  const text = after.startsWith(" ") ? suggestion.text.trimEnd() : suggestion.text;
  return { query: before + text + after, caret: before.length + text.length };
}

function ranked<T>(items: readonly T[], nameOf: (item: T) => string, typed: string): T[] {
  const starts = items.filter((item) => nameOf(item).toLowerCase().startsWith(typed));
  const holds = items.filter((item) => {
    const name = nameOf(item).toLowerCase();
    return typed !== "" && !name.startsWith(typed) && name.includes(typed);
  });
  return [...starts, ...holds].slice(0, MAX_SUGGESTIONS);
}
