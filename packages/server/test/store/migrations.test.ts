import Database from "libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseQuery } from "../../src/query/language/parse.ts";
import { MIGRATIONS } from "../../src/store/sqlite/migrations/index.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { hexId } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-migrations-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function makeDatabase(name: string, version: number, sql = ""): string {
  const path = join(folder, name);
  const database = new Database(path);
  for (const migration of MIGRATIONS.slice(0, version)) database.exec(migration.sql);
  database.exec(`${sql} PRAGMA user_version = ${version};`);
  database.close();
  return path;
}

it("brings a database of the first schema up to date and keeps its rows", async () => {
  const score = `INSERT INTO scores (project_id, id, name, data_type, value, source, trace_id, timestamp)
    VALUES ('default', 's1', 'old', 'NUMERIC', 1, 'API', '${hexId(1, 32)}', 1);`;
  const store = await openSqliteStore({ path: makeDatabase("old.db", 1, score) });
  expect(await store.listScores("default", hexId(1, 32))).toMatchObject([{ id: "s1", name: "old" }]);
  expect(await store.getMedia("default", "none")).toBeNull();
  await store.close();
});

it("brings over the rows of the first schema, with what is computed from them", async () => {
  const row = (id: string, parent: string | null, name: string): string => `
    INSERT INTO observations (project_id, trace_id, id, parent_id, is_root, type, name, start_time, end_time, level, status, rank,
      usage_aggregate, user_id, usage, has_input, has_output)
    VALUES ('default', '${hexId(1, 32)}', '${id}', ${parent === null ? "NULL" : `'${parent}'`}, ${parent === null ? 1 : 0}, 'span',
      '${name}', 10, 30, 'DEFAULT', 'ok', 2, 0, 'u1', '{"input":5}', 1, 0);
    INSERT INTO payloads (project_id, trace_id, id, input, metadata)
    VALUES ('default', '${hexId(1, 32)}', '${id}', '"the text of ${name}"', '{"region":"eu"}');`;
  const path = makeDatabase("rows.db", 2, row(hexId(1, 16), null, "root") + row(hexId(2, 16), hexId(1, 16), "child"));
  const store = await openSqliteStore({ path });
  const filter = parseQuery('"text of child" metadata.region:eu user:u1', "traces");
  expect((await store.listTraces("default", { filter, limit: 5 })).data).toMatchObject([
    // Both report five: the root is no model call, so its own are taken for a sum over what is below it.
    { name: "root", totalTokens: 5, durationMs: 20, observationCount: 2 },
  ]);
  expect((await store.getObservation("default", hexId(1, 32), hexId(2, 16)))?.payload.input).toBe(
    '"the text of child"',
  );
  await store.close();
  // Once: it is opened a second time as any other.
  const again = await openSqliteStore({ path });
  expect((await again.getTrace("default", hexId(1, 32)))?.observations).toHaveLength(2);
  await again.close();
});

it("refuses a database of a newer version and leaves it as it is", async () => {
  const path = makeDatabase("newer.db", 99);
  await expect(openSqliteStore({ path })).rejects.toThrow("newer version of Spanwise");
  const database = new Database(path);
  expect(database.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 99 });
  database.close();
});
