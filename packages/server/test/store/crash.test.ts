import Database from "libsql";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
  closeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, it } from "vitest";
import { StoreGoneError } from "../../src/store/errors.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { P, batch, hexId, observation, payload } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-crash-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PROGRAM = fileURLToPath(new URL("crash-writer.mjs", import.meta.url));
const KILLS = 3;

it("has every acknowledged observation after a kill in the middle of writing, and a sound file", async () => {
  const path = join(folder, "killed.db");
  const acknowledged: number[] = [];
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [PROGRAM, path, String(kill * 1_000_000)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const exited = once(child, "exit");
    const before = acknowledged.length;
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) acknowledged.push(Number(line));
      // At another place each time: some batches are acknowledged, others are on their way.
      if (acknowledged.length - before > 20 + kill * 7) child.kill("SIGKILL");
    });
    await exited;
    expect(acknowledged.length).toBeGreaterThan(before);
  }

  const store = await openSqliteStore({ path });
  for (const number of acknowledged) {
    const rows = await store.readRows(P, hexId(number + 1, 32));
    expect(rows.map((row) => row.payload.input)).toEqual([`"first of ${number}"`, `"second of ${number} in words"`]);
  }
  // What is computed from rows is as sound as they are.
  for (const page of [await store.listTraces(P, { limit: 200 })]) {
    for (const trace of page.data) expect(trace.observationCount).toBe(2);
  }
  expect(await store.checkIntegrity()).toEqual([]);
  await store.close();
  const database = new Database(path);
  database.exec("INSERT INTO search (search) VALUES ('integrity-check')");
  database.close();
}, 120_000);

it("says that the disk is full, stores nothing of what does not fit, and goes on when there is room", async () => {
  const path = join(folder, "full.db");
  const first = await openSqliteStore({ path });
  await first.writeBatch(P, batch([observation({ payload: payload('"before"') })]));
  await first.close();
  // As much as the file has now and a little more: SQLite answers as on a full disk.
  const pages = Math.ceil(statSync(path).size / 4096) + 40;
  const store = await openSqliteStore({ path, maxPages: pages });
  const large = Array.from({ length: 200 }, (_, index) =>
    observation({
      id: hexId(index + 10, 16),
      traceId: hexId(2, 32),
      payload: payload(JSON.stringify(randomText(index + 1, 5000))),
    }),
  );
  await expect(store.writeBatch(P, batch(large))).rejects.toThrow(/disk is full/);
  expect(await store.getTrace(P, hexId(2, 32))).toBeNull();
  expect((await store.getTrace(P, hexId(1, 32)))?.observations).toHaveLength(1);
  await store.writeBatch(P, batch([observation({ id: hexId(2, 16) })]));
  expect(await store.checkIntegrity()).toEqual([]);
  await store.close();

  const roomy = await openSqliteStore({ path });
  await roomy.writeBatch(P, batch(large));
  expect((await roomy.getTrace(P, hexId(2, 32)))?.observations).toHaveLength(200);
  expect((await roomy.getObservation(P, hexId(2, 32), hexId(10, 16)))?.payload.input).toBe(large[0]?.payload.input);
  await roomy.close();
});

it("says that a file is damaged, and leaves it as it is", async () => {
  const path = join(folder, "damaged.db");
  const store = await openSqliteStore({ path });
  const rows = Array.from({ length: 300 }, (_, index) =>
    observation({ id: hexId(index + 1, 16), name: `row ${index}` }),
  );
  await store.writeBatch(P, batch(rows));
  await store.close();
  const whole = readFileSync(path);

  // The schema's page: nothing can be done without it.
  const file = openSync(path, "r+");
  writeSync(file, Buffer.alloc(3000, 0x5a), 0, 3000, 100);
  closeSync(file);
  const damaged = readFileSync(path);
  await expect(openSqliteStore({ path })).rejects.toMatchObject({
    name: "StoreOpenError",
    message: expect.stringMatching(/damaged/),
  });
  expect(readFileSync(path).equals(damaged)).toBe(true);

  // Pages of rows only: it opens, tells what is wrong when it is asked, and an answer that needs them is an error and no lie.
  for (let at = 40 * 4096; at < whole.byteLength; at += 4096) whole.fill(0x5a, at, at + 4096);
  writeFileSync(path, whole);
  const part = await openSqliteStore({ path }).catch((error: unknown) => error);
  if (part instanceof Error) {
    expect(part.message).toMatch(/damaged/);
    return;
  }
  const opened = part as Awaited<ReturnType<typeof openSqliteStore>>;
  expect((await opened.checkIntegrity()).length).toBeGreaterThan(0);
  await opened.close();
});

it("says that a file is damaged whose index cannot be read", async () => {
  const path = join(folder, "no-index.db");
  await (await openSqliteStore({ path })).close();
  const database = new Database(path);
  database.exec("DROP TABLE search_data");
  database.close();
  await expect(openSqliteStore({ path })).rejects.toMatchObject({
    name: "StoreOpenError",
    message: expect.stringMatching(/no-index\.db is damaged/),
  });
});

it("takes nothing more in when its file was deleted or replaced: it would be lost with the process", async () => {
  const path = join(folder, "gone.db");
  const store = await openSqliteStore({ path });
  await store.writeBatch(P, batch([observation({})]));
  renameSync(path, `${path}.old`);
  const late = batch([observation({ traceId: hexId(2, 32) })]);
  await expect(store.writeBatch(P, late)).rejects.toThrow(StoreGoneError);
  writeFileSync(path, "");
  await expect(store.writeBatch(P, late)).rejects.toThrow(/gone\.db was deleted, moved or replaced/);
  // What was there before can still be read, and what was put back is written to again.
  expect(await store.getTrace(P, hexId(1, 32))).not.toBeNull();
  renameSync(`${path}.old`, path);
  await store.writeBatch(P, late);
  await store.close();
});

it("goes on refusing, and writing again, when a file stands where its folder was", async () => {
  const path = join(folder, "inner", "gone.db");
  const store = await openSqliteStore({ path });
  await store.writeBatch(P, batch([observation({})]));
  renameSync(join(folder, "inner"), join(folder, "moved"));
  writeFileSync(join(folder, "inner"), "");
  const late = batch([observation({ traceId: hexId(2, 32) })]);
  await expect(store.writeBatch(P, late)).rejects.toThrow(StoreGoneError);
  rmSync(join(folder, "inner"));
  renameSync(join(folder, "moved"), join(folder, "inner"));
  await store.writeBatch(P, late);
  expect(await store.getTrace(P, hexId(2, 32))).not.toBeNull();
  await store.close();
});

/** Not to be compressed away. */
function randomText(seed: number, length: number): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String.fromCharCode(33 + ((state >>> 16) % 90));
  }).join("");
}
