import { statSync } from "node:fs";
import { dirname } from "node:path";
import { StoreOpenError } from "../errors.ts";

const CHOOSE = "choose another file with --db";

/** Says in one line what is wrong with a path and what to do about it. */
export function explainOpenError(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  return new StoreOpenError(explain(path, error), { cause: error });
}

function explain(path: string, error: unknown): string {
  const { code, syscall } = error as { code?: unknown; syscall?: unknown };
  const message = error instanceof Error ? error.message : String(error);
  const folder = dirname(path);
  const info = statOrUndefined(path);
  if (info?.isDirectory() === true) return `${path} is a folder: name a file in it with --db.`;
  if (statOrUndefined(folder)?.isDirectory() === false) return `${folder} is a file and not a folder: ${CHOOSE}.`;
  if (syscall === "mkdir") return `the folder ${folder} cannot be made (${String(code)}): ${CHOOSE}.`;
  if (code === "SQLITE_NOTADB") return `${path} is not a SQLite database: ${CHOOSE}.`;
  // The full-text index's own tables cannot be read.
  if (/malformed|vtable constructor failed/i.test(message))
    return `${path} is damaged: bring back a copy of it, or ${CHOOSE}.`;
  if (/database or disk is full/i.test(message)) return `there is no room left for ${path}: free some, or ${CHOOSE}.`;
  if (/locked|busy/i.test(message)) return `${path} is locked by another program: stop it, or ${CHOOSE}.`;
  if (/readonly|unable to open/i.test(message)) {
    return `${path} cannot be opened for writing: check the permissions of it and its folder, or ${CHOOSE}.`;
  }
  return `${path} cannot be opened as a database: ${message}`;
}

function statOrUndefined(path: string): ReturnType<typeof statSync> | undefined {
  try {
    return statSync(path);
  } catch {
    // Not there, or behind a folder that may not be entered: there is nothing to say about it.
    return undefined;
  }
}
