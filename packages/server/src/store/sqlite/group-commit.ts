import { carryError } from "../errors.ts";
import type { Database } from "./database.ts";
import type { Writes } from "./writes.ts";
import type { Call, CallResult, WriteRequest, WriteResponse } from "./protocol.ts";

type Methods = Record<string, (...args: never[]) => unknown>;

/** Runs the calls in one transaction, each in a savepoint: one that fails takes nothing of the others with it. */
export function commitGroup(database: Database.Database, writes: Writes, { calls }: WriteRequest): WriteResponse {
  try {
    database.exec("BEGIN IMMEDIATE");
    writes.hooks.groupBegins();
    const results = calls.map((call) => runInSavepoint(database, writes, call));
    writes.hooks.groupEnds();
    database.exec("COMMIT");
    return { results };
  } catch (error) {
    // A full disk can already have rolled back: a second ROLLBACK then fails and says nothing new.
    try {
      database.exec("ROLLBACK");
    } catch {}
    try {
      writes.hooks.groupFailed();
    } catch {
      // The file cannot even be read: the next call says so.
    }
    const failed: CallResult = { ok: false, error: carryError(error) };
    return { results: calls.map(() => failed) };
  }
}

function runInSavepoint(database: Database.Database, { methods, hooks }: Writes, call: Call): CallResult {
  database.exec("SAVEPOINT call");
  const mark = hooks.callBegins();
  let result: CallResult;
  try {
    result = { ok: true, value: runCall(methods, call) };
    hooks.callEnds();
  } catch (error) {
    database.exec("ROLLBACK TO call");
    hooks.callFailed(mark);
    result = { ok: false, error: carryError(error) };
  }
  database.exec("RELEASE call");
  return result;
}

export function runCall(methods: Methods, { method, args }: Call): unknown {
  const run = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (run === undefined) throw new Error(`The store has no method ${method}.`);
  return run(...(args as never[]));
}
