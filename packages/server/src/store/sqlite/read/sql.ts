import type Database from "libsql";
import { Lru } from "../payload/lru.ts";
import type { SqlValue } from "../columns.ts";

/** A piece of SQL with the values of its question marks. Values never become text of the statement. */
export interface Sql {
  text: string;
  params: SqlValue[];
}

export type Row = Record<string, SqlValue>;

export function sql(text: string, ...params: SqlValue[]): Sql {
  return { text, params };
}

export function join(parts: readonly Sql[], separator: string): Sql {
  return {
    text: parts.map((part) => part.text).join(separator),
    params: parts.flatMap((part) => part.params),
  };
}

/** Statements kept prepared: queries differ in their values, and less in their text. */
const MAX_STATEMENTS = 128;

/** Runs composed statements. */
export class Runner {
  readonly #database: Database.Database;
  readonly #statements = new Lru<string, Database.Statement>(MAX_STATEMENTS);

  constructor(database: Database.Database) {
    this.#database = database;
  }

  all<T = Row>({ text, params }: Sql): T[] {
    return this.#prepare(text).all(params) as T[];
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as `all`: the caller knows the columns it selects
  get<T = Row>({ text, params }: Sql): T | undefined {
    return this.#prepare(text).get(params) as T | undefined;
  }

  /** Rows as arrays of their columns. */
  raw<T extends unknown[]>(query: Sql): T[] {
    return [...this.iterateRaw<T>(query)];
  }

  /** To be walked to its end: one that is left in between keeps the file as it was then. */
  iterateRaw<T extends unknown[]>({ text, params }: Sql): IterableIterator<T> {
    return this.#database.prepare(text).raw().iterate(params) as IterableIterator<T>;
  }

  /** How the statement would be run, for tests. */
  plan({ text, params }: Sql): string[] {
    const rows = this.#database.prepare(`EXPLAIN QUERY PLAN ${text}`).all(params) as { detail: string }[];
    return rows.map((row) => row.detail);
  }

  #prepare(text: string): Database.Statement {
    let statement = this.#statements.get(text);
    if (statement === undefined) this.#statements.set(text, (statement = this.#database.prepare(text)));
    return statement;
  }
}
