import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createServer } from "../../src/index.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { deleteProject, finishDeletions } from "../../src/store/retention.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../src/store/store.ts";
import { P, T0, batch, hexId, observation, payload, score } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-large-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const ROWS = 1200;
const SCORES = 2500;
const LARGE = hexId(1, 32);
const SMALL = hexId(2, 32);

async function fill(store: Store, project = P): Promise<void> {
  const rows = Array.from({ length: ROWS }, (_, index) =>
    observation({
      id: hexId(index + 1, 16),
      parentId: index === 0 ? null : hexId(1, 16),
      isRoot: index === 0,
      // Running ones of a process that is looked after.
      ...(index % 2 === 0 ? {} : { endTime: null, status: "running" as const, rank: 0, instanceId: "process" }),
      startTime: T0 + index,
      payload: { ...payload(`"zebra ${index} of many words"`), metadata: `{"number":"n${index}"}` },
    }),
  );
  const small = observation({ traceId: SMALL, payload: payload('"zebra that stays"') });
  const scores = Array.from({ length: SCORES }, (_, index) => score({ id: `s${index}`, traceId: LARGE }));
  await store.writeBatch(project, {
    ...batch([...rows, small]),
    scores: scores.map((s) => ({ ...s, projectId: project })),
  });
}

const find = async (store: Store, q: string): Promise<string[]> =>
  (await store.listTraces(P, { filter: parseQuery(q, "traces"), limit: 9 })).data.map((row) => row.traceId);

async function counts(store: Store): Promise<{ traces: number; observations: number }> {
  const HOUR = 3_600_000;
  const from = Math.floor(T0 / HOUR) * HOUR;
  const options = { from, to: from + 24 * HOUR, by: "traceName", buckets: 1, top: 9 } as const;
  const { total, groups } = await store.readMetrics(P, options, {});
  // By what the trace is called, too, which no row says itself.
  expect(groups.map(({ value, values }) => [value, values.observations])).toEqual(
    total.observations === 0 ? [] : [["root", total.observations]],
  );
  return { traces: total.traces, observations: total.observations };
}

/** Of the file, whoever they belong to; of terms those of no trace. */
function rowsIn(path: string): number[] {
  const database = openForReading(path);
  const lost = "trace_terms WHERE trace NOT IN (SELECT rid FROM trace_summaries)";
  const tables = ["observation_rows", "observation_payloads", "trace_summaries", lost, "scores"];
  const found = tables.map(
    (table) => (database.prepare(`SELECT count(*) AS n FROM ${table}`).get() as { n: number }).n,
  );
  database.close();
  return found;
}

it("deletes a large trace in steps: it is whole, then nowhere to be found, and its rows go one part after the other", async () => {
  const path = join(folder, "steps.db");
  const store = await openSqliteStore({ path });
  await fill(store);
  const seen: [isThere: boolean, scores: number, observations: number][] = [];
  let deleted = 0;
  for (let isDone = false; !isDone;) {
    const step = await store.deleteTracesStep(P, [LARGE]);
    ({ isDone } = step);
    deleted += step.deletedTraces;
    const trace = await store.getTrace(P, LARGE);
    const { traces, observations } = await counts(store);
    expect([traces, (await store.countStored(P)).traces]).toEqual(trace === null ? [1, 1] : [2, 2]);
    expect((await store.countStored(P)).observations).toBe(observations);
    if (trace !== null) expect(trace.observations).toHaveLength(ROWS);
    expect(await find(store, "zebra")).toEqual(trace === null ? [SMALL] : [SMALL, LARGE]);
    expect(await find(store, "metadata.number:n3")).toEqual(trace === null ? [] : [LARGE]);
    // Whoever looks after running observations finds none of a trace that is gone.
    if (trace === null) expect((await store.markSilent(P, "process", T0)).traceIds).toEqual([]);
    const listed = await store.listObservations(P, { limit: 5 });
    expect(listed.data.length).toBe(Math.min(5, observations));
    seen.push([trace !== null, (await store.listScores(P, LARGE)).length, observations]);
  }
  expect(deleted).toBe(1);
  expect(seen[0]).toEqual([true, SCORES - 2000, ROWS + 1]);
  expect(seen[1]).toEqual([false, 0, ROWS + 1]);
  const parts = seen.slice(1).map(([, , observations], index) => (seen[index]?.[2] ?? 0) - observations);
  expect(parts.filter((part) => part > 0).length).toBeGreaterThan(1);
  expect(seen.at(-1)).toEqual([false, 0, 1]);
  expect(await store.checkIntegrity()).toEqual([]);
  await store.close();
  expect(rowsIn(path)).toEqual([1, 1, 1, 0, 0]);
});

it("takes what comes for the trace meanwhile as a new one, and goes on after a kill between two steps", async () => {
  const path = join(folder, "killed.db");
  const first = await openSqliteStore({ path });
  await fill(first);
  while ((await first.getTrace(P, LARGE)) !== null) await first.deleteTracesStep(P, [LARGE]);
  await first.writeBatch(P, batch([observation({ id: hexId(5, 16), payload: payload('"quokka"') })]));
  await first.close();
  expect(rowsIn(path)[0]).toBe(ROWS + 2);

  const second = await openSqliteStore({ path });
  expect((await second.getTrace(P, LARGE))?.observations).toHaveLength(1);
  await finishDeletions(second);
  expect((await second.getTrace(P, LARGE))?.observations).toHaveLength(1);
  expect(await counts(second)).toEqual({ traces: 2, observations: 2 });
  expect(await find(second, "quokka")).toEqual([LARGE]);
  expect(await second.deleteTracesStep(P, [LARGE])).toEqual({ deletedTraces: 1, isDone: false });
  while (!(await second.deleteTracesStep(P, [LARGE])).isDone);
  expect(await find(second, "zebra")).toEqual([SMALL]);
  expect(await second.checkIntegrity()).toEqual([]);
  await second.close();
  expect(rowsIn(path).slice(0, 3)).toEqual([1, 1, 1]);
});

it("a server goes on with it when it starts", async () => {
  const path = join(folder, "server.db");
  const store = await openSqliteStore({ path });
  await fill(store);
  while ((await store.getTrace(P, LARGE)) !== null) await store.deleteTracesStep(P, [LARGE]);
  await store.close();
  const server = await createServer({ port: 0, db: path });
  await expect.poll(() => rowsIn(path).slice(0, 3)).toEqual([1, 1, 1]);
  await server.close();
});

it("a project goes with its large traces", async () => {
  const path = join(folder, "project.db");
  const store = await openSqliteStore({ path });
  await store.createProject({ id: "shop", name: "Shop", createdAt: T0 });
  await fill(store, "shop");
  expect(await deleteProject(store, "shop")).toBe(2);
  await store.close();
  expect(rowsIn(path)).toEqual([0, 0, 0, 0, 0]);
});
