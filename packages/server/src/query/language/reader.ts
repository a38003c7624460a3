import { QueryError } from "./ast.ts";

/** A piece of the query as it was written, and where. */
export interface Span {
  text: string;
  quoted: boolean;
  start: number;
  end: number;
}

/** A place in the query's text. */
export class Reader {
  readonly query: string;
  at = 0;

  constructor(query: string) {
    this.query = query;
  }

  get isAtEnd(): boolean {
    this.skipSpace();
    return this.at >= this.query.length;
  }

  skipSpace(): void {
    while (/\s/.test(this.query[this.at] ?? "")) this.at += 1;
  }

  peek(): string {
    return this.query[this.at] ?? "";
  }

  /** Takes the text if it comes next. */
  take(text: string): boolean {
    if (!this.query.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  /** Takes a word of the language (AND, OR, NOT) if it comes next and stands alone. */
  takeKeyword(word: string): boolean {
    this.skipSpace();
    const end = this.at + word.length;
    if (this.query.slice(this.at, end) !== word || !/^[\s()]?$/.test(this.query[end] ?? "")) return false;
    this.at = end;
    return true;
  }

  /** Up to white space, a bracket, a quote or one of `stops`. */
  plain(stops = ""): Span {
    const start = this.at;
    while (this.at < this.query.length && !/[\s()"]/.test(this.peek()) && !stops.includes(this.peek())) this.at += 1;
    return { text: this.query.slice(start, this.at), quoted: false, start, end: this.at };
  }

  /** A backslash keeps the character after it. */
  quotedText(): Span {
    const start = this.at;
    let text = "";
    for (this.at += 1; this.at < this.query.length; this.at++) {
      let char = this.peek();
      if (char === '"') {
        this.at += 1;
        return { text, quoted: true, start, end: this.at };
      }
      if (char === "\\" && this.at + 1 < this.query.length) {
        this.at += 1;
        char = this.peek();
      }
      text += char;
    }
    throw new QueryError("The quote is not closed.", start, this.query.length);
  }
}
