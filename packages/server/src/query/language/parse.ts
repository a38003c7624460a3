import { parseTextPattern } from "../../search/text.ts";
import { QueryError, type FieldRef, type QueryNode, type QueryTarget } from "./ast.ts";
import { findField, namesFor, type FieldDefinition } from "./fields.ts";
import { Reader, type Span } from "./reader.ts";
import { suggest } from "./suggest.ts";
import { parseFieldValue } from "./values.ts";

/** UTF-16 units of a query. */
export const MAX_QUERY_CHARS = 4000;
/** Clauses in a query, and brackets inside of brackets: each clause is a part of a SQL statement. */
export const MAX_CLAUSES = 100;
const MAX_DEPTH = 20;

/**
 * Reads a query of `docs/query-language.md`. Nothing is passed over: what is not understood is an error that says where.
 *
 * @param now epoch milliseconds that relative times are counted from.
 * @returns `null` for a query that asks for everything.
 * @throws {QueryError}
 */
export function parseQuery(query: string, target: QueryTarget, now: number = Date.now()): QueryNode | null {
  if (query.length > MAX_QUERY_CHARS) {
    throw new QueryError(`A query has at most ${MAX_QUERY_CHARS} characters.`, MAX_QUERY_CHARS, query.length);
  }
  const parser = new Parser(new Reader(query), target, now);
  return parser.parse();
}

class Parser {
  readonly #reader: Reader;
  readonly #target: QueryTarget;
  readonly #now: number;
  #clauses = 0;
  #depth = 0;

  constructor(reader: Reader, target: QueryTarget, now: number) {
    this.#reader = reader;
    this.#target = target;
    this.#now = now;
  }

  parse(): QueryNode | null {
    if (this.#reader.isAtEnd) return null;
    const node = this.#any(() => this.#clause());
    if (!this.#reader.isAtEnd) {
      const { at } = this.#reader;
      throw new QueryError("There is no bracket that this one closes.", at, at + 1);
    }
    return node;
  }

  /** `a OR b`; AND binds more closely. */
  #any(clause: () => QueryNode): QueryNode {
    const nodes = [this.#all(clause)];
    while (this.#reader.takeKeyword("OR")) nodes.push(this.#all(clause));
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: "or", nodes };
  }

  /** `a AND b`, and `a b`. */
  #all(clause: () => QueryNode): QueryNode {
    const nodes = [this.#negated(clause)];
    for (;;) {
      const hasAnd = this.#reader.takeKeyword("AND");
      if (!hasAnd && (this.#reader.isAtEnd || this.#reader.peek() === ")" || this.#isOr())) break;
      nodes.push(this.#negated(clause));
    }
    return nodes.length === 1 && nodes[0] !== undefined ? nodes[0] : { kind: "and", nodes };
  }

  #isOr(): boolean {
    const { at } = this.#reader;
    const found = this.#reader.takeKeyword("OR");
    this.#reader.at = at;
    return found;
  }

  #negated(clause: () => QueryNode): QueryNode {
    const reader = this.#reader;
    reader.skipSpace();
    const isNegated =
      reader.takeKeyword("NOT") || ((reader.peek() === "-" || reader.peek() === "!") && this.#startsClause());
    if (isNegated) {
      if (reader.peek() === "-" || reader.peek() === "!") reader.at += 1;
      return { kind: "not", node: this.#nested(() => this.#negated(clause)) };
    }
    if (reader.take("(")) return this.#group(clause);
    return clause();
  }

  #group(clause: () => QueryNode): QueryNode {
    const start = this.#reader.at - 1;
    if (this.#reader.isAtEnd) throw new QueryError("The bracket is not closed.", start, start + 1);
    if (this.#reader.peek() === ")")
      throw new QueryError("There is nothing in the brackets.", start, this.#reader.at + 1);
    const node = this.#nested(() => this.#any(clause));
    this.#reader.skipSpace();
    if (!this.#reader.take(")")) throw new QueryError("The bracket is not closed.", start, start + 1);
    return node;
  }

  #nested<T>(read: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new QueryError(`Brackets may be ${MAX_DEPTH} deep.`, this.#reader.at - 1, this.#reader.at);
    }
    const result = read();
    this.#depth -= 1;
    return result;
  }

  /** A minus that stands before something; alone it is a mistake. */
  #startsClause(): boolean {
    return /[^\s)]/.test(this.#reader.query[this.#reader.at + 1] ?? "");
  }

  #clause(): QueryNode {
    const reader = this.#reader;
    reader.skipSpace();
    this.#count();
    const { at: start } = reader;
    if (reader.isAtEnd || reader.peek() === ")") {
      throw new QueryError("Something is missing here.", start, Math.min(start + 1, reader.query.length));
    }
    if (reader.peek() === '"') return textNode(reader.quotedText());
    const word = reader.plain(":.");
    if (reader.peek() === "." && findField(word.text, this.#target)?.kind === "key") return this.#keyClause(word);
    const rest = reader.plain(":");
    const whole: Span = { text: word.text + rest.text, quoted: false, start, end: reader.at };
    if (!reader.take(":")) {
      if (whole.text === "OR" || whole.text === "AND") {
        throw new QueryError(
          `Something is missing before ${whole.text}; the word is written in quotes.`,
          start,
          whole.end,
        );
      }
      return textNode(whole);
    }
    if (whole.text.toLowerCase() === "has") return { kind: "has", field: this.#hasField() };
    const definition = this.#field(whole);
    if (definition.kind === "key") {
      throw new QueryError(`${definition.name} takes a key: ${definition.name}.key:value.`, start, whole.end, [
        `${definition.name}.`,
      ]);
    }
    return this.#values({ name: definition.name, key: null }, definition);
  }

  #keyClause(word: Span): QueryNode {
    const definition = this.#field(word);
    const key = this.#key(word.start);
    if (!this.#reader.take(":")) {
      throw new QueryError("A colon and a value are missing.", word.start, this.#reader.at);
    }
    return this.#values({ name: definition.name, key }, definition);
  }

  /** After `metadata` or `scores`: `.key` or `."a key"`. */
  #key(start: number): string {
    this.#reader.take(".");
    const key = this.#reader.peek() === '"' ? this.#reader.quotedText() : this.#reader.plain(":");
    if (key.text === "") throw new QueryError("The key is missing.", start, this.#reader.at);
    return key.text;
  }

  #hasField(): FieldRef {
    const word = this.#reader.plain(":.");
    const definition = this.#field(word);
    if (definition.kind !== "key") return { name: definition.name, key: null };
    if (this.#reader.peek() === ".") return { name: definition.name, key: this.#key(word.start) };
    return { name: definition.name, key: null };
  }

  #field(word: Span): FieldDefinition {
    const definition = findField(word.text, this.#target);
    if (definition !== undefined) return definition;
    const suggestions = suggest(word.text, namesFor(this.#target));
    const hint = suggestions[0] === undefined ? "" : ` Did you mean ${suggestions[0]}?`;
    throw new QueryError(`There is no field "${word.text}".${hint}`, word.start, word.end, suggestions);
  }

  /** One value, or several in brackets: `model:(a OR b)`. */
  #values(field: FieldRef, definition: FieldDefinition): QueryNode {
    const readOne = (): QueryNode => {
      this.#count();
      return parseFieldValue(field, definition, this.#value(), this.#now);
    };
    if (this.#reader.take("(")) return this.#group(readOne);
    return parseFieldValue(field, definition, this.#value(), this.#now);
  }

  /** A value with its comparison; colons belong to it (times, model names). */
  #value(): { operator: string; value: Span } {
    const reader = this.#reader;
    const { at: start } = reader;
    const operator = [">=", "<=", ">", "<", "="].find((candidate) => reader.take(candidate)) ?? "";
    const value = reader.peek() === '"' ? reader.quotedText() : reader.plain();
    if (value.text === "" && !value.quoted) {
      throw new QueryError("A value is missing.", start, Math.max(start, reader.at));
    }
    return { operator, value };
  }

  #count(): void {
    this.#clauses += 1;
    if (this.#clauses > MAX_CLAUSES) {
      throw new QueryError(`A query has at most ${MAX_CLAUSES} clauses.`, this.#reader.at, this.#reader.query.length);
    }
  }
}

function textNode(span: Span): QueryNode {
  const star = span.quoted ? -1 : span.text.indexOf("*");
  if (star !== -1 && star !== span.text.length - 1) {
    throw new QueryError("In free text a * may only end a word.", span.start + star, span.start + star + 1);
  }
  const pattern = parseTextPattern(span.quoted ? span.text.replaceAll("*", " ") : span.text);
  if (pattern === null) throw new QueryError("There is no word in this text to look for.", span.start, span.end);
  return { kind: "text", pattern };
}
