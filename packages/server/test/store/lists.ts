import { expect, it } from "vitest";
import { parseQuery } from "../../src/query/language/parse.ts";
import type { QueryTarget } from "../../src/query/language/ast.ts";
import type { Store } from "../../src/store/store.ts";
import { sampleRows } from "./sample-rows.ts";
import { P, T0, batch, hexId, observation, payload, type WithStore } from "./fixtures.ts";

const TRACE_QUERIES: [query: string, traces: number[]][] = [
  ["", [1, 2, 3, 4, 5, 6]],
  ["level:error", [3]],
  ["-level:error", [1, 2, 4, 5, 6]],
  ["latency:>2", [5]],
  ["latency:<=1000ms", [1, 2]],
  ["latency:1s..1.5s", [2, 3]],
  ["NOT latency:>0", [6]],
  ["metadata.region:eu", [1, 2]],
  ["metadata.n:>=5", [5, 6]],
  ['metadata."n":4', [4]],
  ["user:u1", [1, 4]],
  ["user:u1 OR user:u2", [1, 2, 4, 5]],
  ["user:(u1 OR u2) model:gpt-4o", [1, 2]],
  ["-env:dev", [1, 2, 3, 4, 6]],
  ["env:dev", [5]],
  ["model:gpt*", [1, 2, 3]],
  ["model:nothing", []],
  ["-model:nothing", [1, 2, 3, 4, 5, 6]],
  ["provider:anthropic status:running", [6]],
  ["has:end", [1, 2, 3, 4, 5]],
  ["-has:endTime", [6]],
  ["has:release", [1]],
  ["has:metadata.region", [1, 2, 3, 4, 5, 6]],
  ["tag:a", [1, 2, 3]],
  ["tag:t*", [1, 2, 3]],
  ["type:tool", [1, 2, 3, 4, 5, 6]],
  ["type:retriever", []],
  ['scores."helpful":<0.5', [1]],
  ["scores.helpful:>=0.9", [2]],
  ["scores.mood:good", [3]],
  ["has:scores", [1, 2, 3]],
  ["-has:scores.helpful", [3, 4, 5, 6]],
  ['name:"support chat"', [2, 4, 6]],
  ["name:rep*", [1, 3, 5]],
  ["observation:answer", [1, 2, 3, 4, 5, 6]],
  ["session:s1", [1, 2]],
  ["cost:>$0.02", [3, 5, 6]],
  ["-cost:>0", [4]],
  ["tokens:>0.3k", [3, 4, 5, 6]],
  ["inputTokens:200..400", [2, 3, 4]],
  ["firstToken:<=140ms", [1, 2]],
  ["errors:>0", [3]],
  ["errors:0", [1, 2, 4, 5, 6]],
  ["observations:3", [1, 2, 3, 4, 5, 6]],
  ["message:Timeout*", [3]],
  ["zebra4", [4]],
  ["ZEBRA*", [1, 2, 3, 4, 5, 6]],
  ["uberweisungen", [1, 2, 3, 4, 5, 6]],
  ['"rare word zebra2"', [2]],
  ['"word rare"', []],
  ["quokka", [1, 2, 3, 4, 5, 6]],
  ['"turn 55"', [6]],
  ['"closing remark"', [1, 2, 3, 4, 5, 6]],
  ["role", []],
  ["search_docs level:error", [3]],
  ["-zebra1 -zebra2 needle*", [3, 4, 5, 6]],
  ["zebra1 OR user:u2 -session:s1", [1, 5]],
  [`start:>=${new Date(T0 + 5000).toISOString()}`, [5, 6]],
];

const OBSERVATION_QUERIES: [query: string, observations: number[]][] = [
  ["level:error", [31]],
  ["type:generation cost:>=0.05", [52, 62]],
  ["model:gpt-4o -user:u1", [22, 32]],
  ["zebra4", [41]],
  ["quokka session:s1", [12, 22]],
  ["root:true -has:end", [60]],
  ["metadata.region:eu", [10, 20]],
  ["metadata.n:>5", [60]],
  ["traceName:report name:answer", [12, 32, 52]],
  ["scores.mood:good", [32]],
  ["has:scores", [32]],
  ["firstToken:>100ms", [62]],
  ["answer user:u0", [32, 62]],
  ["tag:t1 type:tool", [11]],
];

export function listContract(withStore: WithStore): void {
  const withRows: WithStore = (use) =>
    withStore(async (store) => {
      const { observations, scores } = sampleRows();
      await store.writeBatch(P, batch(observations, scores));
      await use(store);
    });
  const find = async (store: Store, target: QueryTarget, q: string): Promise<number[]> => {
    const filter = parseQuery(q, target, T0);
    if (target === "traces") {
      return (await store.listTraces(P, { filter, limit: 50 })).data
        .map((row) => Number.parseInt(row.traceId, 16))
        .sort((a, b) => a - b);
    }
    const page = await store.listObservations(P, { filter, limit: 50 });
    return page.data.map((row) => Number.parseInt(row.id, 16)).sort((a, b) => a - b);
  };

  it("selects traces by a query", () =>
    withRows(async (store) => {
      for (const [q, traces] of TRACE_QUERIES) expect([q, await find(store, "traces", q)]).toEqual([q, traces]);
    }));

  it("selects observations by a query", () =>
    withRows(async (store) => {
      for (const [q, ids] of OBSERVATION_QUERIES)
        expect([q, await find(store, "observations", q)]).toEqual([
          q,
          ids.map((id) => Number.parseInt(String(id), 10)),
        ]);
    }));

  it("selects by time, half-open", () =>
    withRows(async (store) => {
      const page = await store.listTraces(P, { from: T0 + 2000, to: T0 + 4000, limit: 50 });
      expect(page.data.map((row) => row.traceId)).toEqual([hexId(3, 32), hexId(2, 32)]);
    }));

  for (const field of [
    "start",
    "duration",
    "cost",
    "tokens",
    "firstToken",
    "name",
    "errors",
    "observations",
  ] as const) {
    it(`sorts traces by ${field} both ways, page by page`, () =>
      withRows(async (store) => {
        const read = async (descending: boolean): Promise<string[]> => {
          const ids: string[] = [];
          for (let cursor: string | undefined; ;) {
            const page = await store.listTraces(P, { sort: { field, descending }, limit: 2, cursor });
            ids.push(...page.data.map((row) => row.traceId));
            if (page.nextCursor === null) return ids;
            cursor = page.nextCursor;
          }
        };
        const down = await read(true);
        expect(new Set(down).size).toBe(6);
        expect(await read(false)).toEqual(down.toReversed());
        const key = { start: 6, duration: 5, cost: 6, tokens: 6, firstToken: 6, name: 6, errors: 3, observations: 6 };
        expect(down[0]).toBe(hexId(key[field], 32));
      }));
  }

  it("lists observations with what their trace says", () =>
    withRows(async (store) => {
      const { data, nextCursor } = await store.listObservations(P, {
        limit: 2,
        sort: { field: "cost", descending: true },
      });
      expect(nextCursor).not.toBeNull();
      expect(data[0]).toMatchObject({
        id: hexId(62, 16),
        traceName: "support chat",
        userId: "u0",
        environment: "prod",
        durationMs: 300,
        totalTokens: 610,
        totalCost: 0.06,
        inputPreview: expect.stringContaining("Turn"),
      });
      await expect(
        store.listObservations(P, { limit: 2, sort: { field: "errors", descending: true } }),
      ).rejects.toThrow("sorted");
    }));

  it("counts the values of fields, each without its own clause", () =>
    withRows(async (store) => {
      const filter = parseQuery("user:u1 level:default", "traces");
      const facets = new Map(
        (await store.countFacets(P, "traces", { filter })).map((facet) => [facet.field, facet.values]),
      );
      expect(facets.get("user")).toEqual([0, 1, 2].map((n) => ({ value: `u${n}`, count: 2 })));
      expect(facets.get("model")).toEqual([
        { value: "claude-3", count: 1 },
        { value: "gpt-4o", count: 1 },
      ]);
      expect(facets.get("tag")).toEqual([
        { value: "a", count: 1 },
        { value: "t1", count: 1 },
      ]);
      const own = new Map((await store.countFacets(P, "observations", {})).map((facet) => [facet.field, facet.values]));
      expect(own.get("level")).toEqual([
        { value: "DEFAULT", count: 17 },
        { value: "ERROR", count: 1 },
      ]);
    }));

  it("measures how dense a range is, and what stands out", () =>
    withRows(async (store) => {
      const density = await store.density(P, "traces", { from: T0, to: T0 + 10_000 }, 5);
      expect(density).toMatchObject({ from: T0, to: T0 + 10_000, bucketMs: 2000 });
      expect(density.buckets.map((bucket) => bucket.count)).toEqual([1, 2, 2, 1, 0]);
      expect(density.buckets[1]).toMatchObject({ errors: 1, cost: expect.closeTo(0.05, 9), maxDurationMs: 1500 });
      expect(density.outliers[0]).toMatchObject({
        kind: "duration",
        traceId: hexId(5, 32),
        value: 2500,
        observationId: null,
      });
      const observations = await store.density(
        P,
        "observations",
        { filter: parseQuery("type:generation", "observations") },
        3,
      );
      expect(observations.buckets.reduce((sum, bucket) => sum + bucket.count, 0)).toBe(6);
      expect(observations.outliers.find((each) => each.kind === "cost")?.observationId).toBe(hexId(62, 16));
    }));

  it("has what stands out in the order of the list, where all but the trace is the same", () =>
    withStore(async (store) => {
      const same = (trace: number, id: number) =>
        observation({ traceId: hexId(trace, 32), id: hexId(id, 16), startTime: T0, endTime: T0 + 10 });
      await store.writeBatch(P, batch([same(1, 2), same(2, 1), same(1, 1), same(2, 2)]));
      const { outliers } = await store.density(P, "observations", {}, 3);
      const { data } = await store.listObservations(P, { sort: { field: "duration", descending: true }, limit: 4 });
      const newestFirst = [`${hexId(2, 32)} 2`, `${hexId(1, 32)} 2`, `${hexId(1, 32)} 1`, `${hexId(2, 32)} 1`];
      expect(outliers.map(({ traceId, observationId }) => `${traceId} ${Number(observationId)}`)).toEqual(newestFirst);
      expect(data.map(({ traceId, id }) => `${traceId} ${Number(id)}`)).toEqual(newestFirst);
    }));

  it("answers for what a row says now", () =>
    withStore(async (store) => {
      const start = observation({ endTime: null, status: "running", rank: 0, name: "before", level: "WARNING" });
      await store.writeBatch(P, batch([start]));
      expect(await find(store, "traces", "observation:before level:warning")).toEqual([1]);
      await store.writeBatch(P, batch([observation({ name: "after", payload: payload('"aardvark"') })]));
      expect(await find(store, "traces", "observation:before")).toEqual([]);
      expect(await find(store, "traces", "level:warning")).toEqual([]);
      expect(await find(store, "traces", "observation:after aardvark")).toEqual([1]);
    }));
}
