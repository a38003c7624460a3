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

  readonly #watch: ((statement: Sql) => void) | undefined;

  /** @param watch is told of each statement that is run: for tests of their plans. */
  constructor(database: Database.Database, watch?: (statement: Sql) => void) {
    this.#database = database;
    this.#watch = watch;
  }

  all<T = Row>(statement: Sql): T[] {
    this.#watch?.(statement);
    return this.#prepare(statement.text).all(statement.params) as T[];
  }

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as `all`: the caller knows the columns it selects
  get<T = Row>(statement: Sql): T | undefined {
    this.#watch?.(statement);
    return this.#prepare(statement.text).get(statement.params) as T | undefined;
  }

  /** Rows as arrays of their columns. */
  raw<T extends unknown[]>(query: Sql): T[] {
    return [...this.iterateRaw<T>(query)];
  }

  /** To be walked to its end: one that is left in between keeps the file as it was then. */
  iterateRaw<T extends unknown[]>(statement: Sql): IterableIterator<T> {
    this.#watch?.(statement);
    return this.#database.prepare(statement.text).raw().iterate(statement.params) as IterableIterator<T>;
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
