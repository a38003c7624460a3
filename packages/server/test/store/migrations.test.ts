import Database from "libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
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

it("refuses a database of a newer version and leaves it as it is", async () => {
  const path = makeDatabase("newer.db", 99);
  await expect(openSqliteStore({ path })).rejects.toThrow("newer version of Spanwise");
  const database = new Database(path);
  expect(database.prepare("PRAGMA user_version").get()).toMatchObject({ user_version: 99 });
  database.close();
});
