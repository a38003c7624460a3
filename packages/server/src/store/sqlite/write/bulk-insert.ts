import type Database from "libsql";
import type { PayloadValue, SqlValue } from "../columns.ts";

/** Rows of one statement. A call into the database costs several microseconds, whatever it brings. */
const MAX_ROWS = 64;

/**
 * Gathers rows of a table and inserts many with one statement. What is gathered is in the table after `flush`.
 *
 * Not for rows that a constraint may refuse: a statement that can fail half-way begins a savepoint, at which the full-text index writes out
 * what it has gathered. That costs more than all that is saved here. Hence OR IGNORE, or OR REPLACE.
 */
export class BulkInsert {
  readonly #width: number;
  readonly #statements: readonly { rows: number; statement: Database.Statement }[];
  #values: (SqlValue | PayloadValue)[] = [];

  /** @param conflict what becomes of a row whose key is there. */
  constructor(
    database: Database.Database,
    table: string,
    columns: readonly string[],
    conflict: "IGNORE" | "REPLACE" = "IGNORE",
  ) {
    this.#width = columns.length;
    const row = `(${columns.map(() => "?").join(", ")})`;
    const into = `INSERT OR ${conflict} INTO ${table} (${columns.join(", ")})`;
    this.#statements = [MAX_ROWS, 16, 4, 1].map((rows) => ({
      rows,
      statement: database.prepare(`${into} VALUES ${Array.from({ length: rows }, () => row).join(", ")}`),
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
