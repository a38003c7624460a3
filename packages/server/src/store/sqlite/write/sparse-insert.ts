import type Database from "libsql";
import type { SqlValue } from "../columns.ts";
import { Recent } from "../payload/recent.ts";

/** Statements kept; rows of one kind have the same columns empty, and there are few kinds. */
const MAX_STATEMENTS = 64;

/** Inserts only the columns that have a value: half of a wide row is empty, and each value that is bound costs half a microsecond. */
export class SparseInsert {
  readonly #database: Database.Database;
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #statements = new Recent<string, Database.Statement>(MAX_STATEMENTS);

  constructor(database: Database.Database, table: string, columns: readonly string[]) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
  }

  /** @returns the new row's number. */
  run(values: readonly SqlValue[]): number {
    let mask = "";
    for (const value of values) mask += value === null ? "0" : "1";
    let statement = this.#statements.get(mask);
    if (statement === undefined) this.#statements.set(mask, (statement = this.#prepare(mask)));
    return Number(statement.run(values.filter((value) => value !== null)).lastInsertRowid);
  }

  #prepare(mask: string): Database.Statement {
    const columns = this.#columns.filter((_, index) => mask[index] === "1");
    return this.#database.prepare(
      `INSERT INTO ${this.#table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
  }
}
