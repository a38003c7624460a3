import { StoreGoneError, carryError } from "../errors.ts";
import type { Database } from "./database.ts";
import type { Call, CallResult, WriteRequest, WriteResponse } from "./protocol.ts";
import type { Writes } from "./writes.ts";

type Methods = Record<string, (...args: never[]) => unknown>;

/**
 * Runs the calls in one transaction. Where one of them fails, all are taken back and run again, each in a transaction of its own, so that
 * it takes nothing of the others with it. (Savepoints would do that too, but at each the full-text index writes out what it has gathered.)
 */
export function commitGroup(database: Database.Database, writes: Writes, { calls }: WriteRequest): WriteResponse {
  const whole = commit(database, writes, calls);
  if (Array.isArray(whole)) return { results: whole };
  if (calls.length === 1) return { results: [{ ok: false, error: carryError(whole.error) }] };
  return { results: calls.flatMap((call) => commitGroup(database, writes, { calls: [call] }).results) };
}

/** What becomes of the calls where the file is no more. */
export function refuseGroup(path: string, { calls }: WriteRequest): WriteResponse {
  const message = `${path} was deleted, moved or replaced: nothing of this was stored. Restart the server.`;
  const error = carryError(new StoreGoneError(message));
  return { results: calls.map(() => ({ ok: false, error })) };
}

function commit(
  database: Database.Database,
  writes: Writes,
  calls: readonly Call[],
): CallResult[] | { error: unknown } {
  try {
    database.exec("BEGIN IMMEDIATE");
    writes.hooks.groupBegins();
    const results = calls.map((call): CallResult => {
      const value = runCall(writes.methods, call);
      writes.hooks.callEnds();
      return { ok: true, value };
    });
    writes.hooks.groupEnds();
    database.exec("COMMIT");
    return results;
  } catch (error) {
    try {
      // A full disk can already have rolled back.
      if (database.inTransaction) database.exec("ROLLBACK");
      writes.hooks.groupFailed();
    } catch {
      // The file cannot even be read: the next call says so.
    }
    return { error };
  }
}

export function runCall(methods: Methods, { method, args }: Call): unknown {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (run === undefined) throw new Error(`The store has no method ${method}.`);
  return run(...(args as never[]));
}
