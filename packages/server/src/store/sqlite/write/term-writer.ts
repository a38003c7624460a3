import type Database from "libsql";
import { BulkInsert } from "./bulk-insert.ts";
import { Recent } from "../payload/recent.ts";

/** Terms whose number is known without asking the database; about 150 bytes each. */
const MAX_KNOWN_TERMS = 32_768;

/** The index from values to traces. */
export class TermWriter {
  readonly #find;
  readonly #insert;
  readonly #link;
  readonly #unlink;
  readonly #known = new Recent<string, number>(MAX_KNOWN_TERMS);

  constructor(database: Database.Database) {
    this.#find = database.prepare("SELECT id FROM terms WHERE project_id = ? AND field = ? AND value = ?");
    this.#insert = database.prepare("INSERT INTO terms (project_id, field, value) VALUES (?, ?, ?)");
    this.#link = new BulkInsert(database, "trace_terms", ["trace", "term"]);
    this.#unlink = database.prepare("DELETE FROM trace_terms WHERE trace = ? AND term = ?");
  }

  idOf(projectId: string, field: string, value: string): number {
    const key = `${projectId}\n${field}\n${value}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const row = this.#find.get([projectId, field, value]) as { id: number } | undefined;
    const id = row?.id ?? Number(this.#insert.run([projectId, field, value]).lastInsertRowid);
    this.#known.set(key, id);
    return id;
  }

  link(trace: number, term: number): void {
    this.#link.add(trace, term);
  }

  unlink(trace: number, term: number): void {
    this.#unlink.run([trace, term]);
  }

  flush(): void {
    this.#link.flush();
  }

  /** After a rollback: some of what is known may be gone. */
  reset(): void {
    this.#known.clear();
    this.#link.reset();
  }
}
