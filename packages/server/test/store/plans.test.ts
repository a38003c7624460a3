import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ObservationListRow, Page, SortField } from "../../src/api/lists.ts";
import type { TraceSummary } from "../../src/api/types.ts";
import type { QueryTarget } from "../../src/query/language/ast.ts";
import { parseQuery } from "../../src/query/language/parse.ts";
import { parseTextPattern } from "../../src/search/text.ts";
import { createMemoryStore } from "../../src/store/memory/memory-store.ts";
import { openForReading, type Database } from "../../src/store/sqlite/database.ts";
import { Runner, type Sql } from "../../src/store/sqlite/read/sql.ts";
import { createReads } from "../../src/store/sqlite/reads.ts";
import { openSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import type { ListOptions, Store, StoreReads, Sync } from "../../src/store/store.ts";
import { P, T0, batch, hexId } from "./fixtures.ts";
import { manyRows } from "./many-rows.ts";

const folder = mkdtempSync(join(tmpdir(), "spanwise-plans-"));
const path = join(folder, "plans.db");
let memory: Store;
let database: Database.Database;
let reads: Sync<StoreReads>;
let statements: Sql[] = [];

beforeAll(async () => {
  memory = createMemoryStore();
  const store = await openSqliteStore({ path });
  for (const each of [memory, store]) await each.writeBatch(P, batch(manyRows()));
  await store.close();
  database = openForReading(path);
  reads = createReads(database, path, (statement) => statements.push(statement));
});

afterAll(() => {
  database.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Tables with a row an observation, a trace, a text or more, by the names that statements give them. */
const LARGE =
  /^SCAN (o|a|c|r|g|p|t|x|s|observation_rows|observation_payloads|trace_summaries|trace_terms|blob_refs|packs|scores)\b/;

interface Planned {
  text: string;
  plan: string[];
}

const plans = new Map<string, string[]>();

/** Runs a read and tells how each of its statements was run. */
function plansOf(run: () => unknown): Planned[] {
  statements = [];
  run();
  const runner = new Runner(database);
  return statements.map((statement) => {
    const plan = plans.get(statement.text) ?? runner.plan(statement);
    plans.set(statement.text, plan);
    return { text: statement.text, plan };
  });
}

function scansOf(run: () => unknown): string[] {
  const scans = plansOf(run).flatMap(({ text, plan }) =>
    plan.filter((line) => LARGE.test(line)).map((line) => `${line} in ${text}`),
  );
  return [...new Set(scans)];
}

function optionsOf(target: QueryTarget, query: string, sort: string, limit: number): ListOptions {
  const field = sort.replace("-", "") as SortField;
  return { filter: parseQuery(query, target), sort: { field, descending: sort.startsWith("-") }, limit };
}

function list(target: QueryTarget, options: ListOptions): unknown[] {
  return target === "traces" ? reads.listTraces(P, options).data : reads.listObservations(P, options).data;
}

/** The statement that selects a page. */
function pageOf(target: QueryTarget, query: string, sort: string, limit: number): Planned {
  const plans = plansOf(() => list(target, optionsOf(target, query, sort, limit)));
  return plans.find(({ text }) => text.includes(" AS k0")) as Planned;
}

const SORTS = ["-start", "start", "-duration", "duration", "-cost", "-tokens", "-firstToken", "name"];
const QUERIES: Record<QueryTarget, string[]> = {
  traces: [
    "",
    "env:production errors:0",
    "level:error",
    "errors:>0 -user:everybody",
    "model:gpt-4o metadata.region:eu latency:>1",
    "model:rarest",
    "model:g*",
    "model:none",
    "user:everybody",
    "user:user-8",
    "session:session-4",
    "name:chat",
    "tag:seldom",
    "tag:often type:tool",
    "status:running",
    "quetzal7",
    "common",
    "quetzal7 OR quetzal8",
    "(model:rarest OR tag:seldom) env:production",
    "latency:>3",
    "cost:>1",
    `id:${hexId(12, 32)}`,
    "NOT level:error tokens:>900",
  ],
  observations: [
    "",
    "type:tool level:error",
    "level:error",
    "level:error model:gpt-4o",
    "level:error OR type:tool",
    "type:tool",
    "model:rarest",
    "model:gpt-4o cost:>0.9",
    "user:user-8",
    "traceName:chat",
    "name:plan",
    "quetzal7",
    "common type:agent",
    "quetzal7 OR model:rarest",
    "latency:>3",
    "metadata.region:eu",
    `trace:${hexId(12, 32)}`,
    "-type:tool",
  ],
};

describe.each(Object.entries(QUERIES) as [QueryTarget, string[]][])("the list of %s", (target, queries) => {
  // A page of one walks where a page of many gathers.
  const cases = queries.flatMap((query) => SORTS.flatMap((sort) => [1, 50].map((limit) => ({ query, sort, limit }))));

  it("scans no table", () => {
    for (const { query, sort, limit } of cases) {
      const scans = scansOf(() => list(target, optionsOf(target, query, sort, limit)));
      expect({ query, sort, limit, scans }).toEqual({ query, sort, limit, scans: [] });
    }
  });

  it("sorts only what it gathered, or where no index has the order", () => {
    for (const { query, sort, limit } of cases) {
      const { text, plan } = pageOf(target, query, sort, limit);
      const isGathered = /\b(rid|trace) IN \(SELECT rid FROM/.test(text);
      const isOrdered = target === "traces" || sort.endsWith("start");
      const sorts = plan.filter((line) => line.includes("TEMP B-TREE FOR ORDER BY"));
      if (!isGathered && isOrdered) expect({ query, sort, limit, sorts }).toEqual({ query, sort, limit, sorts: [] });
    }
  });

  it("answers as the store in memory does, on every page", async () => {
    // Every order and either limit with a part of the queries: the store in memory sums up all traces for each.
    for (const { query, sort, limit } of cases.filter((_, index) => index % 7 === 0)) {
      const options = optionsOf(target, query, sort, limit);
      let cursors: { ours?: string | undefined; theirs?: string | undefined } = {};
      for (let page = 0; page < 2; page++) {
        const ours = await readPage(reads, target, { ...options, cursor: cursors.ours });
        const theirs = await readPage(memory, target, { ...options, cursor: cursors.theirs });
        const about = { query, sort, limit, page };
        expect({ ...about, rows: idsOf(ours) }).toEqual({ ...about, rows: idsOf(theirs) });
        cursors = { ours: ours.nextCursor ?? undefined, theirs: theirs.nextCursor ?? undefined };
        if (cursors.ours === undefined || cursors.theirs === undefined) break;
      }
    }
  });
});

type Rows = Page<TraceSummary> | Page<ObservationListRow>;

async function readPage(
  store: Pick<Store, "listTraces" | "listObservations"> | Sync<StoreReads>,
  target: QueryTarget,
  options: ListOptions,
): Promise<Rows> {
  return target === "traces" ? store.listTraces(P, options) : store.listObservations(P, options);
}

function idsOf({ data }: Rows): string[] {
  return data.map((row) => ("id" in row ? `${row.traceId} ${row.id}` : row.traceId));
}

it.each<[target: QueryTarget, query: string, sort: string, limit: number, index: string]>([
  ["traces", "", "-cost", 50, "SEARCH t USING COVERING INDEX traces_by_cost"],
  ["traces", "env:production errors:0", "-duration", 50, "SEARCH t USING INDEX traces_by_duration"],
  ["traces", "model:gpt-4o metadata.region:eu latency:>1", "-start", 1, "SEARCH t USING INDEX traces_by_start_time"],
  ["traces", "level:error", "-start", 1, "SEARCH t USING INDEX traces_with_errors"],
  ["traces", "user:everybody", "-start", 1, "SEARCH t USING COVERING INDEX traces_by_user"],
  ["traces", "model:rarest", "-cost", 50, "SEARCH t USING INTEGER PRIMARY KEY"],
  ["traces", "quetzal7", "-start", 50, "SEARCH t USING INTEGER PRIMARY KEY"],
  ["observations", "", "-start", 50, "SEARCH o USING COVERING INDEX observations_by_start_time"],
  ["observations", "type:tool", "-start", 1, "SEARCH o USING COVERING INDEX observations_by_start_time"],
  ["observations", "level:error", "-start", 1, "SEARCH o USING COVERING INDEX observations_with_errors"],
  ["observations", "type:tool level:error", "-start", 1, "SEARCH o USING COVERING INDEX observations_with_errors"],
  ["observations", "", "-cost", 50, "SEARCH o USING COVERING INDEX observations_by_start_time"],
  ["observations", "quetzal7", "-start", 50, "SEARCH o USING INTEGER PRIMARY KEY"],
  ["observations", "model:rarest", "-start", 50, "SEARCH o USING INDEX observations_by_trace (trace=?)"],
  ["observations", "", "-duration", 1, "SEARCH o USING INDEX observations_by_trace (trace=?)"],
])("finds %s for %s by %s, %i a page, by an index", (target, query, sort, limit, index) => {
  expect(pageOf(target, query, sort, limit).plan.join("\n")).toContain(index);
});

const RANGE = { from: T0, to: T0 + 300_000 };
const filter = parseQuery("model:gpt-4o", "traces");

it.each<[name: string, run: () => unknown]>([
  ["facets of traces", () => reads.countFacets(P, "traces", {})],
  ["facets of traces, filtered", () => reads.countFacets(P, "traces", { filter })],
  ["facets of observations", () => reads.countFacets(P, "observations", {})],
  ["density", () => reads.density(P, "traces", RANGE, 60)],
  ["density without a range", () => reads.density(P, "traces", {}, 60)],
  ["density, filtered", () => reads.density(P, "traces", { ...RANGE, filter }, 60)],
  ["density of observations", () => reads.density(P, "observations", RANGE, 60)],
  ["sessions", () => reads.listSessions(P, { limit: 10 })],
  ["sessions, filtered", () => reads.listSessions(P, { limit: 10, filter })],
  ["users", () => reads.listUsers(P, { limit: 10 })],
  ["one session", () => reads.getSession(P, "session-4")],
  ["a trace", () => reads.getTrace(P, hexId(12, 32))],
  ["a skeleton", () => reads.readSkeleton(P, hexId(12, 32))],
  ["words in a trace", () => reads.findInTrace(P, hexId(12, 32), parseTextPattern("quetzal11"))],
  ["dashboard", () => reads.readMetrics(P, { ...RANGE, by: "model", buckets: 10, top: 10 }, {})],
  [
    "dashboard, filtered",
    () =>
      reads.readMetrics(
        P,
        { ...RANGE, by: "user", buckets: 10, top: 10 },
        { filter: parseQuery("type:tool", "observations") },
      ),
  ],
])("scans no table for %s", (_, run) => {
  expect(scansOf(run)).toEqual([]);
  expect(statements.length).toBeGreaterThan(0);
});
