import type Database from "libsql";
import type { SqlValue } from "../columns.ts";
import { Recent } from "../payload/recent.ts";

/** Statements kept, at about 15 KB; rows of one kind have the same columns empty and the same words, and there are few kinds. */
const MAX_STATEMENTS = 256;

/** Of a column that has few values, which stand in the statement: short, and nothing that SQL could read as something else. */
const WORD = /^[A-Za-z]{1,24}$/;

/**
 * Inserts only the columns that have a value, and binds only those of which there are many: half of a wide row is empty, and each value that
 * is bound costs half a microsecond.
 */
export class SparseInsert {
  readonly #database: Database.Database;
  readonly #table: string;
  readonly #columns: readonly string[];
  readonly #isWord: readonly boolean[];
  readonly #statements = new Recent<string, Database.Statement>(MAX_STATEMENTS);

  /** @param words columns with few values, of letters only. -1, 0 and 1 count as words in any column. */
  constructor(database: Database.Database, table: string, columns: readonly string[], words: readonly string[]) {
    this.#database = database;
    this.#table = table;
    this.#columns = columns;
    this.#isWord = columns.map((column) => words.includes(column));
  }

  /** @returns the new row's number. */
  run(values: readonly SqlValue[]): number {
    let shape = "";
    const bound: SqlValue[] = [];
    for (let index = 0; index < values.length; index++) {
      const value = values[index] ?? null;
      if (value === null) shape += ",";
      else if (value === 0) shape += "0,";
      else if (value === 1) shape += "1,";
      else if (value === -1) shape += "-1,";
      else if (this.#isWord[index] === true && WORD.test(String(value))) shape += `'${value}',`;
      else {
        shape += "?,";
        bound.push(value);
      }
    }
    let statement = this.#statements.get(shape);
    if (statement === undefined) this.#statements.set(shape, (statement = this.#prepare(shape)));
    return Number(statement.run(bound).lastInsertRowid);
  }

  #prepare(shape: string): Database.Statement {
    const terms = shape.split(",").slice(0, -1);
    const columns = this.#columns.filter((_, index) => terms[index] !== "");
    return this.#database.prepare(
      `INSERT INTO ${this.#table} (${columns.join(", ")}) VALUES (${terms.filter((term) => term !== "").join(", ")})`,
    );
  }
}
