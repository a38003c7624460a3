import type Database from "libsql";
import type { PayloadValue, SqlValue } from "../columns.ts";

/** Rows of one statement. A call into the database costs several microseconds, whatever it brings. */
const MAX_ROWS = 64;

/** Gathers rows of a table and inserts many with one statement. What is gathered is in the table after `flush`. */
export class BulkInsert {
  readonly #width: number;
  readonly #statements: readonly { rows: number; statement: Database.Statement }[];
  #values: (SqlValue | PayloadValue)[] = [];

  /**
   * @param into "INSERT INTO table (columns)", before the values.
   * @param width number of columns.
   * @param after what follows the values.
   */
  constructor(database: Database.Database, into: string, width: number, after = "") {
    this.#width = width;
    const row = `(${Array.from({ length: width }, () => "?").join(", ")})`;
    const sizes = [MAX_ROWS, 16, 4, 1];
    this.#statements = sizes.map((rows) => ({
      rows,
      statement: database.prepare(`${into} VALUES ${Array.from({ length: rows }, () => row).join(", ")} ${after}`),
    }));
  }

  add(...values: (SqlValue | PayloadValue)[]): void {
    this.#values.push(...values);
    if (this.#values.length === MAX_ROWS * this.#width) this.flush();
  }

  flush(): void {
    const values = this.#values;
    if (values.length === 0) return;
    this.#values = [];
    for (let at = 0; at < values.length;) {
      const left = (values.length - at) / this.#width;
      const fitting = this.#statements.find(({ rows }) => rows <= left);
      if (fitting === undefined) throw new Error("A row has the wrong number of values.");
      const end = at + fitting.rows * this.#width;
      fitting.statement.run(values.slice(at, end));
      at = end;
    }
  }

  /** After a rollback. */
  reset(): void {
    this.#values = [];
  }
}
