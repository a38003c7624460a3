import fc from "fast-check";
import Database from "libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import type { MetricsResponse } from "../../src/api/metrics.ts";
import { RECORD_RANK, type StoredObservation } from "../../src/model/observation.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { deleteTraces } from "../../src/store/retention.ts";
import { decodeObservation, type SqlValue } from "../../src/store/sqlite/columns.ts";
import { openForReading } from "../../src/store/sqlite/database.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { RollupWriter, rolledRow } from "../../src/store/sqlite/write/rollup-writer.ts";
import { ownValues } from "../../src/store/sqlite/write/trace-values.ts";
import type { Store } from "../../src/store/store.ts";
import { T0, batch, hexId, observation } from "./fixtures.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-rollups-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const HOUR = 3_600_000;
const FROM = Math.floor(T0 / HOUR) * HOUR;
const DIMENSIONS = ["environment", "release", "traceName"] as const;
const ALL = parseQuery("has:id", "observations");

const maybe = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 1 });

const row: fc.Arbitrary<StoredObservation> = fc
  .record({
    trace: fc.integer({ min: 1, max: 3 }),
    id: fc.integer({ min: 1, max: 5 }),
    parent: maybe(fc.integer({ min: 1, max: 5 })),
    type: fc.constantFrom("span", "generation", "agent") as fc.Arbitrary<StoredObservation["type"]>,
    level: fc.constantFrom("DEFAULT", "ERROR") as fc.Arbitrary<StoredObservation["level"]>,
    name: fc.constantFrom("step", "chat", ""),
    start: fc.constantFrom(0, 1, HOUR / 2, HOUR, HOUR + 5),
    isEnd: fc.boolean(),
    environment: maybe(fc.constantFrom("prod", "default")),
    release: maybe(fc.constantFrom("r1", "r2")),
    traceName: maybe(fc.constantFrom("chat", "research")),
    input: maybe(fc.integer({ min: 0, max: 20 })),
    cost: maybe(fc.constantFrom(0, 0.5, 2)),
    usageAggregate: fc.boolean(),
  })
  .map(({ trace, id, parent, start, isEnd, input, cost, ...given }) =>
    observation({
      ...given,
      traceId: hexId(trace, 32),
      id: hexId(id, 16),
      parentId: parent === null ? null : hexId(parent, 16),
      isRoot: parent === null,
      startTime: FROM + start,
      endTime: isEnd ? FROM + start + 100 * id : null,
      completionStartTime: input === null ? null : FROM + start + input,
      status: given.level === "ERROR" ? "error" : isEnd ? "ok" : "running",
      rank: isEnd ? RECORD_RANK.end : 0,
      model: input === null ? null : "m",
      usage: input === null ? null : { input, input_cached_tokens: 1 },
      cost: cost === null ? null : { total: cost },
    }),
  );

const rows = fc.array(row, { minLength: 1, maxLength: 5 });
type Step =
  | { kind: "write" | "writeBesideFailing"; rows: StoredObservation[] }
  | { kind: "delete"; trace: number }
  | { kind: "reopen" };
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("write" as const), rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("writeBesideFailing" as const), rows }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete" as const), trace: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.constant({ kind: "reopen" as const }) },
);

/** Costs were added and taken back in another order. */
function rounded({ groups, other, total }: MetricsResponse): unknown {
  return JSON.parse(
    JSON.stringify({ groups, other, total }, (_, value: unknown) =>
      typeof value === "number" ? Number(value.toFixed(6)) + 0 : value,
    ),
  );
}

/** Observations by hour and value, as the sums have them. */
function countsInFile(path: string, project: string, dimension: string): [hour: number, value: string, n: number][] {
  const database = openForReading(path);
  const found = database
    .prepare(
      `SELECT hour, value, data ->> '$[0][1]' AS n FROM rollups
       WHERE project_id = ? AND dimension = ? AND n <> 0 ORDER BY hour, value`,
    )
    .all([project, dimension]) as { hour: number; value: string; n: number }[];
  database.close();
  return found.map(({ hour, value, n }): [number, string, number] => [hour, value, n]);
}

async function countsInRows(store: Store, project: string, by: (typeof DIMENSIONS)[number]): Promise<unknown[]> {
  const counts: unknown[] = [];
  for (const hour of [0, 1]) {
    const from = FROM + hour * HOUR;
    const { groups } = await store.readMetrics(
      project,
      { from, to: from + HOUR, by, buckets: 1, top: 9 },
      { filter: ALL },
    );
    const sorted = groups.toSorted((a, b) => (a.value < b.value ? -1 : 1));
    counts.push(...sorted.map(({ value, values }) => [from / HOUR, value, values.observations]));
  }
  return counts;
}

it("keeps sums by what a trace is called, whatever comes in which order", { timeout: 120_000 }, async () => {
  const path = join(folder, "random.db");
  let sqlite = await openSqliteStore({ path });
  let count = 0;
  const apply = async (memory: Store, project: string, given: Step): Promise<void> => {
    if (given.kind === "reopen") {
      // What the writer knew of its traces is read again.
      await sqlite.close();
      sqlite = await openSqliteStore({ path });
    } else if (given.kind === "delete") {
      for (const store of [memory, sqlite]) await deleteTraces(store, project, [hexId(given.trace, 32)]);
    } else {
      await memory.writeBatch(project, batch(given.rows));
      const broken = { ...observation(), startTime: Number.NaN };
      const bad = given.kind === "write" ? [] : [sqlite.writeBatch(project, batch([broken]))];
      // The first goes alone; what waits for it goes together.
      const settled = await Promise.allSettled([
        sqlite.writeBatch("other", batch([observation()])),
        ...given.rows.map(async (each) => sqlite.writeBatch(project, batch([each]))),
        ...bad,
      ]);
      expect(settled.filter(({ status }) => status === "rejected")).toHaveLength(bad.length);
    }
  };
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), fc.boolean(), async (steps, asWhole) => {
      const memory = createMemoryStore();
      const project = `p${++count}`;
      for (const given of steps) {
        if (asWhole && given.kind === "write") {
          for (const store of [memory, sqlite]) await store.writeBatch(project, batch(given.rows));
        } else await apply(memory, project, given);
        for (const by of DIMENSIONS) {
          const options = { from: FROM, to: FROM + 24 * HOUR, by, buckets: 2, top: 9 };
          const expected = rounded(await memory.readMetrics(project, options, {}));
          expect(rounded(await sqlite.readMetrics(project, options, {}))).toEqual(expected);
          expect(rounded(await sqlite.readMetrics(project, options, { filter: ALL }))).toEqual(expected);
          expect(countsInFile(path, project, by)).toEqual(await countsInRows(memory, project, by));
        }
      }
    }),
    { numRuns: Number(process.env["ROLLUP_RUNS"] ?? 25) },
  );
  await sqlite.close();
});

/** Makes of a file what the versions before 82 would have written: sums by what each row says itself. */
function makeOlder(path: string): void {
  const database = new Database(path);
  database.exec(`DELETE FROM rollups; DROP TABLE rollups_by_row; ALTER TABLE trace_summaries DROP COLUMN summed_as_trace;
    DELETE FROM migrations WHERE version = 82`);
  const rollups = new RollupWriter(database);
  for (const found of database.prepare("SELECT * FROM observation_rows").all() as Record<string, SqlValue>[]) {
    const said = decodeObservation(found);
    rollups.addRow(String(found["project_id"]), rolledRow(said, ownValues(said), found["repeats_usage"] === 1), 1);
  }
  const traces = database.prepare("SELECT project_id AS p, start_time AS s, duration AS d FROM trace_summaries").all();
  for (const { p, s, d } of traces as { p: string; s: number; d: number }[]) rollups.addTrace(p, s, d, 1);
  rollups.flush();
  database.close();
}

/** Rows of a trace do not contradict each other here: sums of earlier versions, where all rows say what they are of, are by what each says. */
const agreeing = row.map((given) => {
  const trace = Number(given.traceId);
  const keep = <T>(said: unknown, value: T): T | null => (said === null ? null : value);
  return {
    ...given,
    environment: keep(given.environment, ["prod", "default", "test"][trace - 1] ?? null),
    release: keep(given.release, trace === 1 ? null : `r${trace}`),
    traceName: keep(given.traceName, ["chat", "research", "step"][trace - 1] ?? null),
  };
});
const agreeingSteps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.array(agreeing, { minLength: 1, maxLength: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 3 }) },
  ),
  { minLength: 1, maxLength: 4 },
);

it("goes on with the sums of a file of an earlier version", { timeout: 120_000 }, async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(agreeingSteps, agreeingSteps, async (before, after) => {
      const path = join(folder, `older-${++count}.db`);
      const memory = createMemoryStore();
      let sqlite = await openSqliteStore({ path });
      const apply = async (steps: typeof before): Promise<void> => {
        for (const given of steps) {
          for (const store of [memory, sqlite]) {
            if (typeof given === "number") await deleteTraces(store, "p", [hexId(given, 32)]);
            else await store.writeBatch("p", batch(given));
          }
          await compare();
        }
      };
      const compare = async (): Promise<void> => {
        for (const by of DIMENSIONS) {
          const options = { from: FROM, to: FROM + 24 * HOUR, by, buckets: 2, top: 9 };
          expect(rounded(await sqlite.readMetrics("p", options, {}))).toEqual(
            rounded(await memory.readMetrics("p", options, {})),
          );
        }
      };
      await apply(before);
      await sqlite.close();
      makeOlder(path);
      sqlite = await openSqliteStore({ path });
      await compare();
      await apply(after);
      // All of them are under what their trace has when something came for each.
      const all = [1, 2, 3].map((trace) =>
        observation({ traceId: hexId(trace, 32), id: hexId(9, 16), startTime: FROM + trace, traceName: `n${trace}` }),
      );
      await apply([all]);
      for (const by of DIMENSIONS) expect(countsInFile(path, "p", by)).toEqual(await countsInRows(memory, "p", by));
      await apply([1, 2, 3]);
      for (const by of DIMENSIONS) expect(countsInFile(path, "p", by)).toEqual([]);
      await sqlite.close();
    }),
    { numRuns: Number(process.env["ROLLUP_RUNS"] ?? 10) },
  );
});

it("takes what is one value too many for an hour out of where it went", async () => {
  const path = join(folder, "crowded.db");
  const sqlite = await openSqliteStore({ path });
  const memory = createMemoryStore();
  const traces = Array.from({ length: 600 }, (_, index) => hexId(index + 1, 32));
  const row = (traceId: string, name: string, parent: string | null): StoredObservation =>
    observation({ traceId, id: hexId(parent === null ? 1 : 2, 16), parentId: parent, isRoot: parent === null, name });
  const steps: StoredObservation[][] = [
    traces.map((traceId) => row(traceId, `step of ${traceId}`, hexId(1, 16))),
    // From names of their own to one without room, and from either to one that has its own.
    traces.slice(100, 300).map((traceId) => row(traceId, "chat", null)),
    [...traces.slice(0, 100), ...traces.slice(300)].map((traceId) => row(traceId, `step of ${traces[0]}`, null)),
  ];
  const compare = async (): Promise<void> => {
    for (const by of DIMENSIONS) {
      const options = { from: FROM, to: FROM + 24 * HOUR, by, buckets: 1, top: traces.length };
      expect(rounded(await sqlite.readMetrics("p", options, {}))).toEqual(
        rounded(await memory.readMetrics("p", options, {})),
      );
    }
  };
  for (const rows of steps) {
    for (const store of [memory, sqlite]) await store.writeBatch("p", batch(rows));
    await compare();
  }
  const inSums = countsInFile(path, "p", "traceName").map(([, value, n]) => [value, n]);
  expect(inSums).toEqual([
    ["", 400],
    [`step of ${traces[0]}`, 800],
  ]);
  for (const store of [memory, sqlite]) await deleteTraces(store, "p", traces);
  await compare();
  expect(countsInFile(path, "p", "traceName")).toEqual([]);
  await sqlite.close();
});

it("moves a large trace again and again, with what came and changed in between", async () => {
  const path = join(folder, "large.db");
  const sqlite = await openSqliteStore({ path });
  const memory = createMemoryStore();
  const below = (number: number, change: Partial<StoredObservation> = {}): StoredObservation =>
    observation({
      id: hexId(number, 16),
      parentId: hexId(1, 16),
      isRoot: false,
      name: "step",
      type: number % 2 === 0 ? "generation" : "agent",
      startTime: FROM + number * 5000,
      endTime: FROM + number * 5000 + number,
      usage: number % 3 === 0 ? { input: number, input_cached_tokens: 2 } : null,
      cost: number % 6 === 0 ? { total: 0.5 } : null,
      ...change,
    });
  const root = observation({ id: hexId(1, 16), name: "chat", environment: "prod", startTime: FROM });
  const numbers = Array.from({ length: 1200 }, (_, index) => index + 2);
  const steps = [
    numbers.map((number) => below(number)),
    [root],
    // One of them replaced, one repeated below it from now on, one new.
    [below(6, { usage: { input: 7 } }), below(5000, { parentId: hexId(9, 16), usage: { input: 1 } }), below(5001)],
    [{ ...root, name: "research", release: "r1" }, below(12, { level: "ERROR", startTime: FROM })],
    [{ ...root, traceName: "chat" }],
  ];
  for (const rows of steps) {
    for (const store of [memory, sqlite]) await store.writeBatch("p", batch(rows));
    for (const by of DIMENSIONS) {
      const options = { from: FROM, to: FROM + 24 * HOUR, by, buckets: 24, top: 9 };
      expect(rounded(await sqlite.readMetrics("p", options, {}))).toEqual(
        rounded(await memory.readMetrics("p", options, {})),
      );
    }
  }
  expect(new Set(countsInFile(path, "p", "traceName").map(([, value]) => value))).toEqual(new Set(["chat"]));
  await sqlite.close();
});
