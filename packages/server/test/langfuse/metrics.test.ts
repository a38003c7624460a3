import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createServer, type SpanwiseServer } from "../../src/index.ts";
import { call, type Answer } from "./call.ts";

const T0 = Date.parse("2026-11-02T10:00:00.000Z");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const at = (ms: number): string => new Date(T0 + ms).toISOString();

function event(id: string, type: string, body: object): object {
  return { id, type, timestamp: at(0), body };
}

/** A trace with an agent that repeats the sums of its calls. */
function trace(id: string, start: number, calls: { ms: number; model: string; cost: number }[]): object[] {
  const user = id === "a" ? "ann" : "ben";
  return [
    event(`${id}-t`, "trace-create", {
      id,
      name: `chat ${id}`,
      userId: user,
      tags: ["all", user],
      environment: id === "a" ? "prod" : "test",
      release: "r1",
      timestamp: at(start),
    }),
    event(`${id}-s`, "agent-create", {
      id: `${id}-agent`,
      traceId: id,
      name: "agent",
      startTime: at(start),
      endTime: at(start + 5000),
      usageDetails: { input: 999, output: 999 },
    }),
    ...calls.map(({ ms, model, cost }, index) =>
      event(`${id}-${index}`, "generation-create", {
        id: `${id}-call-${index}`,
        traceId: id,
        parentObservationId: `${id}-agent`,
        name: "call",
        model,
        startTime: at(start + index),
        completionStartTime: at(start + index + ms / 2),
        endTime: at(start + index + ms),
        usageDetails: { input: 10, output: 5 },
        costDetails: { input: cost / 2, output: cost / 2 },
      }),
    ),
  ];
}

const BATCH = [
  ...trace("a", 0, [
    { ms: 100, model: "m1", cost: 1 },
    { ms: 300, model: "m2", cost: 2 },
  ]),
  ...trace("b", 3 * HOUR, [{ ms: 500, model: "m1", cost: 4 }]),
  event("s1", "score-create", { id: "s1", traceId: "a", name: "good", value: 0.5 }),
  event("s2", "score-create", { id: "s2", traceId: "a", observationId: "a-call-0", name: "good", value: 1 }),
  event("s3", "score-create", { id: "s3", traceId: "b", name: "ok", value: 1, dataType: "BOOLEAN" }),
  event("s4", "score-create", { id: "s4", traceId: "b", name: "ok", value: 0, dataType: "BOOLEAN" }),
  event("s5", "score-create", { id: "s5", traceId: "b", name: "tone", value: "kind" }),
];

describe.each(["memory", "sqlite"])("Langfuse's metrics, %s store", (kind) => {
  const folder = mkdtempSync(join(tmpdir(), "spanwise-metrics-"));
  let server: SpanwiseServer;
  beforeAll(async () => {
    server = await createServer({ port: 0, db: kind === "memory" ? ":memory:" : join(folder, "test.db") });
    expect((await call(server, "POST", "/api/public/ingestion", { batch: BATCH })).body.errors).toEqual([]);
  });
  afterAll(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const RANGE = { fromTimestamp: at(-HOUR), toTimestamp: at(4 * HOUR) };
  const ask = (query: object): Promise<Answer> =>
    call(server, "GET", `/api/public/v2/metrics?query=${encodeURIComponent(JSON.stringify({ ...RANGE, ...query }))}`);
  const metrics = (...words: string[]): object[] =>
    words.map((word) => {
      const [aggregation, measure] = word.split("_");
      return { aggregation, measure };
    });
  const equals = (column: string, value: unknown, type = "string"): object => ({ column, value, type, operator: "=" });

  it("sum up observations, without usage that an agent repeats", async () => {
    const answer = await ask({
      view: "observations",
      metrics: metrics(
        "count_count",
        "sum_totalTokens",
        "sum_inputTokens",
        "sum_totalCost",
        "sum_outputCost",
        "sum_countScores",
      ),
    });
    expect(answer).toMatchObject({ status: 200 });
    // The rows that stand for the two traces count, as they do with Langfuse 4.
    expect(answer.body).toEqual({
      data: [
        {
          count_count: 7,
          sum_totalTokens: 45,
          sum_inputTokens: 30,
          sum_totalCost: 7,
          sum_outputCost: 3.5,
          sum_countScores: 1,
        },
      ],
    });
  });

  it("group by dimensions, the first metric's largest first, and sort as asked", async () => {
    const query = {
      view: "observations",
      dimensions: [{ field: "providedModelName" }],
      metrics: metrics("sum_totalCost", "avg_latency", "p50_latency", "max_timeToFirstToken", "count_latency"),
      filters: [equals("type", "GENERATION")],
    };
    const m1 = {
      providedModelName: "m1",
      sum_totalCost: 5,
      avg_latency: 300,
      p50_latency: 300,
      max_timeToFirstToken: 250,
      count_latency: 2,
    };
    const m2 = {
      providedModelName: "m2",
      sum_totalCost: 2,
      avg_latency: 300,
      p50_latency: 300,
      max_timeToFirstToken: 150,
      count_latency: 1,
    };
    expect((await ask(query)).body.data).toEqual([m1, m2]);
    expect((await ask({ ...query, config: { row_limit: 1 } })).body.data).toEqual([m1]);
    const orderBy = [{ field: "providedModelName", direction: "desc" }];
    expect((await ask({ ...query, orderBy })).body.data).toEqual([m2, m1]);
    const ofTrace = await ask({
      ...query,
      dimensions: [{ field: "traceName" }, { field: "environment" }, { field: "userId" }],
      metrics: metrics("count_count"),
    });
    expect(ofTrace.body.data).toEqual([
      { traceName: "chat a", environment: "prod", userId: "ann", count_count: 2 },
      { traceName: "chat b", environment: "test", userId: "ben", count_count: 1 },
    ]);
    const byTag = await ask({ ...query, dimensions: [{ field: "tags" }], metrics: metrics("count_count") });
    expect(byTag.body.data).toEqual([
      { tags: "all", count_count: 3 },
      { tags: "ann", count_count: 2 },
      { tags: "ben", count_count: 1 },
    ]);
    const roots = await ask({
      view: "observations",
      metrics: metrics("count_count"),
      filters: [{ column: "isRootObservation", operator: "=", value: true, type: "boolean" }],
    });
    expect(roots.body.data).toEqual([{ count_count: 2 }]);
  });

  it("go by time, with the steps in which there is nothing", async () => {
    const query = {
      view: "observations",
      metrics: metrics("count_count", "avg_latency"),
      filters: [equals("name", "call")],
    };
    const byHour = await ask({ ...query, timeDimension: { granularity: "auto" } });
    expect(byHour.body.data).toEqual([
      { time_dimension: "2026-11-02T09:00:00Z", count_count: 0, avg_latency: null },
      { time_dimension: "2026-11-02T10:00:00Z", count_count: 2, avg_latency: 200 },
      { time_dimension: "2026-11-02T11:00:00Z", count_count: 0, avg_latency: null },
      { time_dimension: "2026-11-02T12:00:00Z", count_count: 0, avg_latency: null },
      { time_dimension: "2026-11-02T13:00:00Z", count_count: 1, avg_latency: 500 },
    ]);
    for (const [granularity, first] of [
      ["day", "2026-11-02"],
      ["week", "2026-11-02"],
      ["month", "2026-11-01"],
    ]) {
      const { body } = await ask({ ...query, timeDimension: { granularity } });
      expect(body.data).toEqual([{ time_dimension: first, count_count: 3, avg_latency: 300 }]);
    }
    const grouped = await ask({
      ...query,
      timeDimension: { granularity: "hour" },
      dimensions: [{ field: "providedModelName" }],
      orderBy: [
        { field: "time_dimension", direction: "desc" },
        { field: "providedModelName", direction: "asc" },
      ],
    });
    expect((grouped.body.data as { providedModelName: string }[]).map((row) => row.providedModelName)).toEqual([
      "m1",
      "m1",
      "m2",
    ]);
  });

  it("give histograms, and percentiles between values", async () => {
    const { body } = await ask({
      view: "observations",
      metrics: metrics("histogram_latency", "p75_latency", "p99_latency"),
      filters: [equals("name", "call")],
      config: { bins: 2 },
    });
    expect(body.data).toEqual([
      {
        histogram_latency: [
          [100, 300, 1],
          [300, 500, 2],
        ],
        p75_latency: 400,
        p99_latency: 496,
      },
    ]);
  });

  it("sum up scores of each kind, with what was scored", async () => {
    const range = { fromTimestamp: "2020-01-01T00:00:00Z", toTimestamp: "2100-01-01T00:00:00Z" };
    const numeric = await ask({
      ...range,
      view: "scores-numeric",
      dimensions: [{ field: "name" }, { field: "dataType" }],
      metrics: metrics("count_count", "avg_value"),
    });
    expect((numeric.body.data as { name: string }[]).toSorted((a, b) => (a.name < b.name ? -1 : 1))).toEqual([
      { name: "good", dataType: "NUMERIC", count_count: 2, avg_value: 0.75 },
      { name: "ok", dataType: "BOOLEAN", count_count: 2, avg_value: 0.5 },
    ]);
    const ofObservation = await ask({
      ...range,
      view: "scores-numeric",
      dimensions: [{ field: "observationName" }, { field: "observationModelName" }, { field: "traceName" }],
      metrics: metrics("sum_value"),
      filters: [equals("name", "good"), { column: "observationName", type: "null", operator: "is not null" }],
    });
    expect(ofObservation.body.data).toEqual([
      { observationName: "call", observationModelName: "m1", traceName: "chat a", sum_value: 1 },
    ]);
    const booleans = await ask({
      ...range,
      view: "scores-boolean",
      dimensions: [{ field: "booleanValue" }],
      metrics: metrics("count_count"),
      filters: [equals("booleanValue", true, "boolean")],
    });
    expect(booleans.body.data).toEqual([{ booleanValue: true, count_count: 1 }]);
    const categories = await ask({
      ...range,
      view: "scores-categorical",
      dimensions: [{ field: "stringValue" }, { field: "source" }],
      metrics: metrics("count_count"),
      filters: [{ column: "tags", type: "arrayOptions", operator: "all of", value: ["all", "ben"] }],
    });
    expect(categories.body.data).toEqual([{ stringValue: "kind", source: "API", count_count: 1 }]);
    const none = { column: "userId", type: "stringOptions", operator: "none of", value: ["ben"] };
    const others = await ask({
      ...range,
      view: "scores-categorical",
      metrics: metrics("count_count"),
      filters: [none],
    });
    expect(others.body.data).toEqual([{ count_count: 0 }]);
  });

  it("refuse what they do not understand, with the reason", async () => {
    const good = { view: "observations", metrics: metrics("count_count") };
    const cases: [object, number, RegExp][] = [
      [{ view: "traces" }, 400, /view is one of/],
      [{ metrics: [] }, 400, /one at least/],
      [{ metrics: metrics("sum_value") }, 400, /no measure value/],
      [{ metrics: metrics("median_latency") }, 400, /aggregation is one of/],
      [{ metrics: metrics("uniq_latency") }, 501, /uniq/],
      [{ dimensions: [{ field: "traceId" }] }, 400, /too many values/],
      [{ dimensions: [{ field: "colour" }] }, 400, /no dimension colour/],
      [{ timeDimension: { granularity: "year" } }, 400, /granularity/],
      [{ filters: [equals("colour", "red")] }, 400, /no column colour/],
      [{ filters: [{ column: "promptVersion", type: "number", operator: "=", value: 1 }] }, 501, /promptVersion/],
      [{ orderBy: [{ field: "sum_totalCost", direction: "desc" }] }, 400, /orderBy/],
      [{ fromTimestamp: at(0), toTimestamp: at(0) }, 400, /before/],
      [{ fromTimestamp: undefined }, 400, /fromTimestamp/],
      [{ config: { row_limit: 5000 } }, 400, /row_limit/],
      [{ colour: "red" }, 400, /no colour/],
    ];
    for (const [change, status, message] of cases) {
      expect(await ask({ ...good, ...change })).toMatchObject({
        status,
        body: { message: expect.stringMatching(message) },
      });
    }
    expect((await call(server, "GET", "/api/public/v2/metrics")).status).toBe(400);
    expect((await call(server, "GET", "/api/public/v2/metrics?query={")).status).toBe(400);
  });

  it("are told by day, the older way", async () => {
    const daily = async (query = ""): Promise<Answer> => call(server, "GET", `/api/public/metrics/daily${query}`);
    const m1 = { model: "m1", inputUsage: 20, outputUsage: 10, totalUsage: 30, totalCost: 5, countObservations: 2 };
    const m2 = { model: "m2", inputUsage: 10, outputUsage: 5, totalUsage: 15, totalCost: 2, countObservations: 1 };
    expect(await daily()).toEqual({
      status: 200,
      body: {
        data: [
          {
            date: "2026-11-02",
            countTraces: 2,
            // The rows that stand for the two traces count, as in the newer route.
            countObservations: 7,
            totalCost: 7,
            usage: [
              { ...m1, countTraces: 2 },
              { ...m2, countTraces: 1 },
            ],
          },
        ],
        meta: { page: 1, limit: 50, totalItems: 1, totalPages: 1 },
      },
    });
    for (const query of [
      "?userId=ann",
      "?traceName=chat%20a&tags=ann",
      "?environment=prod&tags=all",
      `?toTimestamp=${at(HOUR)}`,
    ]) {
      expect((await daily(query)).body.data, query).toMatchObject([{ countTraces: 1, totalCost: 3 }]);
    }
    expect((await daily("?userId=nobody")).body.data).toEqual([]);
    expect((await daily("?page=2")).body.data).toEqual([]);
    expect(await daily("?colour=red")).toMatchObject({ status: 400 });

    const older = (query: object): Promise<Answer> =>
      call(server, "GET", `/api/public/metrics?query=${encodeURIComponent(JSON.stringify({ ...RANGE, ...query }))}`);
    const sum = { view: "observations", metrics: metrics("sum_totalCost") };
    expect(await older(sum)).toEqual(await ask(sum));
  });

  it("are told of traces, the older way", async () => {
    const older = (query: object): Promise<Answer> => {
      const whole = { ...RANGE, view: "traces", ...query };
      return call(server, "GET", `/api/public/metrics?query=${encodeURIComponent(JSON.stringify(whole))}`);
    };
    const all = metrics(
      "count_count",
      "sum_observationsCount",
      "sum_scoresCount",
      "max_latency",
      "sum_totalTokens",
      "sum_totalCost",
    );
    const a = { observationsCount: 4, scoresCount: 2, latency: 5000, totalTokens: 30, totalCost: 3 };
    const b = { observationsCount: 3, scoresCount: 3, latency: 5000, totalTokens: 15, totalCost: 4 };
    const row = (values: typeof a): object => ({
      count_count: 1,
      max_latency: values.latency,
      ...Object.fromEntries(
        (["observationsCount", "scoresCount", "totalTokens", "totalCost"] as const).map((name) => [
          `sum_${name}`,
          values[name],
        ]),
      ),
    });
    expect(
      (await older({ metrics: all, dimensions: [{ field: "name" }], orderBy: [{ field: "name", direction: "asc" }] }))
        .body,
    ).toEqual({
      data: [
        { name: "chat a", ...row(a) },
        { name: "chat b", ...row(b) },
      ],
    });
    const users = { metrics: metrics("count_count"), dimensions: [{ field: "userId" }, { field: "environment" }] };
    const filters = [{ column: "tags", operator: "any of", value: ["ben"], type: "arrayOptions" }];
    expect((await older({ ...users, filters })).body).toEqual({
      data: [{ userId: "ben", environment: "test", count_count: 1 }],
    });
    const hours = {
      metrics: metrics("sum_totalCost"),
      timeDimension: { granularity: "hour" },
      toTimestamp: at(4 * HOUR),
    };
    expect((await older({ ...hours, fromTimestamp: at(0) })).body.data).toMatchObject([
      { sum_totalCost: 3 },
      { sum_totalCost: 0 },
      { sum_totalCost: 0 },
      { sum_totalCost: 4 },
    ]);
    expect(await older({ metrics: metrics("sum_colour") })).toMatchObject({
      status: 400,
      body: {
        message:
          "There is no measure colour of traces. Known: count, observationsCount, scoresCount, latency, totalTokens, totalCost.",
      },
    });
  });
});
