import Database from "libsql";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { parseQuery } from "../../src/query/language/parse.ts";
import { MIGRATIONS } from "../../src/store/sqlite/migrations/index.ts";
import { encodePack } from "../../src/store/sqlite/payload/pack.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { deleteTraces } from "../../src/store/retention.ts";
import { batch, hexId, observation, payload } from "./fixtures.ts";

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

/** What the versions before 70 wrote: every hash in its tree, and no log of hashes. */
function fillBefore70(database: Database.Database): void {
  const texts: [kind: "text" | "data", text: string][] = [
    ["text", '"zebras that two traces have in common"'],
    ["text", '"a quokka alone, with some words of its own"'],
    ["data", JSON.stringify({ attribute: "of the first trace, ".repeat(12) })],
  ];
  database
    .prepare("INSERT INTO packs (first_id, count, data) VALUES (1, ?, ?)")
    .run([texts.length, encodePack(texts.map(([, text]) => Buffer.from(text)))]);
  for (const [index, [kind, text]] of texts.entries()) {
    const hash = createHash("sha256").update(`${kind} default\n${text}`).digest().subarray(0, 16);
    database.prepare("INSERT INTO blob_hashes (hash, id) VALUES (?, ?)").run([hash, index + 1]);
    if (kind !== "text") continue;
    database.prepare("INSERT INTO search (rowid, text) VALUES (?, ?)").run([index + 1, JSON.parse(text) as string]);
  }
  const refs = new Map([
    [1, [1, 3]],
    [2, [2, 1]],
  ]);
  for (const [number, blobs] of refs) {
    const [traceId, id] = [hexId(number, 32), hexId(number, 16)];
    database.exec(`
      INSERT INTO trace_summaries (rid, project_id, trace_id, root, start_time, end_time, duration, cost, cost_incomplete, tokens, first_token,
        observations, errors, status, name, environment, public)
      VALUES (${number}, 'default', '${traceId}', ${number}, ${number}, 30, 20, -1, 0, -1, -1, 1, 0, 'ok', 'root', 'default', 0);
      INSERT INTO observation_rows (rid, trace, project_id, trace_id, id, is_root, type, name, start_time, end_time, level, status, rank,
        usage_aggregate, has_input, has_output, duration, first_token, total_cost, tokens)
      VALUES (${number}, ${number}, 'default', '${traceId}', '${id}', 1, 'span', 'root', ${number}, 30, 'DEFAULT', 'ok', 2, 0, 1, 0, 20, -1, -1, -1);`);
    const [input, other] = blobs.map((blob) => Buffer.from(`[${blob}]`));
    const second = number === 1 ? "attributes" : "output";
    database
      .prepare(`INSERT INTO observation_payloads (obs, input, ${second}) VALUES (?, ?, ?)`)
      .run([number, input, other]);
    for (const blob of blobs) database.prepare("INSERT INTO blob_refs (owner, blob) VALUES (?, ?)").run([number, blob]);
  }
}

it("goes on with the texts of a file from before hashes had a log: they are found, kept once, and deleted", async () => {
  const path = join(folder, "hashes.db");
  const old = new Database(path);
  old.exec("CREATE TABLE migrations (version INTEGER PRIMARY KEY) WITHOUT ROWID");
  for (const { version, sql, run } of MIGRATIONS.filter((migration) => migration.version <= 62)) {
    old.exec(sql);
    run?.(old);
    old.prepare("INSERT INTO migrations (version) VALUES (?)").run([version]);
  }
  old.exec("PRAGMA user_version = 62");
  fillBefore70(old);
  expect(old.prepare("SELECT 1 FROM sqlite_master WHERE name = 'hash_log'").get()).toBeUndefined();
  old.close();

  const count = (sql: string): unknown => {
    const database = new Database(path, { readonly: true });
    const row = database.prepare(sql).get() as Record<string, unknown> | undefined;
    database.close();
    return Object.values(row ?? {})[0];
  };
  const store = await openSqliteStore({ path });
  expect(count("SELECT v FROM search_config WHERE k = 'crisismerge'")).toBe(64);
  const find = async (q: string): Promise<string[]> =>
    (await store.listTraces("default", { filter: parseQuery(q, "traces"), limit: 9 })).data.map((row) => row.traceId);
  expect([await find("zebras"), await find("quokka")]).toEqual([[hexId(2, 32), hexId(1, 32)], [hexId(2, 32)]]);
  const read = await store.getObservation("default", hexId(1, 32), hexId(1, 16));
  expect(read?.payload.attributes).toContain("of the first trace, of the first");

  // A text that was there is not kept again, before and after a start.
  const again = (number: number): ReturnType<typeof batch> =>
    batch([
      observation({
        traceId: hexId(number, 32),
        payload: payload('"zebras that two traces have in common"'),
      }),
    ]);
  await store.writeBatch("default", again(3));
  await store.close();
  const second = await openSqliteStore({ path });
  await second.writeBatch("default", again(4));
  await second.writeBatch("default", batch([observation({ traceId: hexId(5, 32), payload: payload('"a wombat"') })]));
  expect(count("SELECT sum(count) FROM packs")).toBe(4);
  expect(count("SELECT count(*) FROM blob_refs WHERE blob = 1")).toBe(4);

  const findNow = async (q: string): Promise<string[]> =>
    (await second.listTraces("default", { filter: parseQuery(q, "traces"), limit: 9 })).data.map((row) => row.traceId);
  expect(await deleteTraces(second, "default", [hexId(1, 32), hexId(2, 32)])).toBe(2);
  expect((await findNow("zebras")).toSorted()).toEqual([hexId(3, 32), hexId(4, 32)]);
  expect(await findNow("quokka")).toEqual([]);
  expect(await deleteTraces(second, "default", [hexId(3, 32), hexId(4, 32)])).toBe(2);
  expect([await findNow("zebras"), await findNow("wombat")]).toEqual([[], [hexId(5, 32)]]);
  // The hash of the one text that is left, in the tree or in the log.
  expect(count("SELECT count(*) FROM blob_refs")).toBe(1);
  expect(count("SELECT count(*) FROM blob_hashes")).toBe(1);
  await second.writeBatch("default", again(6));
  expect(await findNow("zebras")).toEqual([hexId(6, 32)]);
  expect(await second.checkIntegrity()).toEqual([]);
  await second.close();
  const checked = new Database(path);
  checked.exec("INSERT INTO search (search) VALUES ('integrity-check')");
  checked.close();
});
