import type { TextPattern } from "../../search/text.ts";
import type { FieldName } from "./fields.ts";

/** Which list a query is for; the two differ in fields and in what a field speaks of. */
export type QueryTarget = "traces" | "observations";

/** A field, with the key that `metadata.` and `scores.` take. */
export interface FieldRef {
  name: FieldName;
  key: string | null;
}

/** A query, parsed and checked: every field is one of the target's, every value one of its field's. */
export type QueryNode =
  | { kind: "and" | "or"; nodes: QueryNode[] }
  | { kind: "not"; node: QueryNode }
  /** Words in name, input or output. */
  | { kind: "text"; pattern: TextPattern }
  | { kind: "has"; field: FieldRef }
  /** Text to the letter; `*` stands for any characters where `wildcard` is set. */
  | { kind: "match"; field: FieldRef; value: string; wildcard: boolean }
  /** Milliseconds, dollars, counts, epoch milliseconds; half-open where an end is left out: from <= x < to, or with `inclusive`. */
  | { kind: "range"; field: FieldRef; min: Bound | null; max: Bound | null }
  | { kind: "flag"; field: FieldRef; value: boolean };

export interface Bound {
  value: number;
  inclusive: boolean;
}

/** What is wrong with a query, and where, in UTF-16 units. */
export class QueryError extends Error {
  override readonly name = "QueryError";
  readonly start: number;
  readonly end: number;
  readonly suggestions: string[];

  constructor(message: string, start: number, end: number, suggestions: string[] = []) {
    super(message);
    this.start = start;
    this.end = end;
    this.suggestions = suggestions;
  }
}
