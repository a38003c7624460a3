import Database from "libsql";
import { existsSync } from "node:fs";
import { StoreOpenError } from "../errors.ts";

/**
 * Writes a copy of the database to a new file, compacted: what was committed when it began, while a server goes on writing.
 *
 * @throws {StoreOpenError} when the database cannot be read, or the file is there already.
 */
export function backUp(path: string, target: string): void {
  if (!existsSync(path)) throw new StoreOpenError(`there is no file ${path}: name it with --db.`);
  if (existsSync(target)) throw new StoreOpenError(`${target} is there already: choose another name.`);
  const database = new Database(path, { readonly: true });
  try {
    database.prepare("SELECT version FROM migrations LIMIT 1").get();
    database.prepare("VACUUM INTO ?").run([target]);
  } catch (error) {
    throw new StoreOpenError(`${path} cannot be copied to ${target}: ${(error as Error).message}.`);
  } finally {
    database.close();
  }
}
