import { describe, expect, test } from "vitest";
import { hasValues } from "../src/charts/chart-data.ts";
import type { MetricsResponse, MetricValues } from "../src/api/types.ts";
import {
  allTokens,
  costChart,
  errorRate,
  formatShare,
  groupQuery,
  groupShares,
  percentileChart,
  tokenChart,
  volumeChart,
} from "../src/model/metrics.ts";

function values(change: Partial<MetricValues> = {}): MetricValues {
  return {
    traces: 0,
    observations: 0,
    generations: 0,
    errors: 0,
    cost: null,
    costIncomplete: false,
    usage: {},
    usageBucketCount: 0,
    traceLatency: null,
    latency: null,
    firstToken: null,
    scores: {},
    scoreNameCount: 0,
    ...change,
  };
}

function response(change: Partial<MetricsResponse> = {}): MetricsResponse {
  return {
    from: 0,
    to: 20,
    bucketMs: 10,
    total: values(),
    series: [
      { time: 0, values: values() },
      { time: 10, values: values() },
    ],
    groups: [],
    other: null,
    ...change,
  };
}

const point = (time: number, cost: number | null) => ({ time, cost, count: 1, tokens: 0 });

describe("cost over time", () => {
  test("is told by group, and what no group holds is other", () => {
    const chart = costChart(
      response({
        series: [
          { time: 0, values: values({ cost: 3 }) },
          { time: 10, values: values({ cost: 1 }) },
        ],
        groups: [{ value: "gpt-4o", values: values({ cost: 3 }), series: [point(0, 2), point(10, 1)] }],
      }),
      "model",
    );
    expect(chart.series.map(({ label, values: list }) => [label, list])).toEqual([
      ["gpt-4o", [2, 1]],
      ["other", [1, null]],
    ]);
  });

  test("has no series for a group without a price, and is no chart where nothing has one", () => {
    const groups = [{ value: "local", values: values(), series: [point(0, null)] }];
    const chart = costChart(response({ groups }), "model");
    expect(chart.series).toEqual([]);
    expect(hasValues(chart)).toBe(false);
  });

  test("is one series where nothing is grouped", () => {
    const chart = costChart(response({ series: [{ time: 0, values: values({ cost: 3 }) }] }), "model");
    expect(chart.series).toMatchObject([{ label: "cost", values: [3] }]);
  });

  test("does not call what rounding leaves other", () => {
    const series = [{ time: 0, values: values({ cost: 0.1 + 0.2 }) }];
    const groups = [{ value: "a", values: values({ cost: 0.3 }), series: [point(0, 0.3)] }];
    expect(costChart(response({ series, groups }), "model").series).toHaveLength(1);
  });
});

test("tokens are told by bucket, inputs first, without the total", () => {
  const usage = { output: 5, total: 18, input_cached_tokens: 3, input: 10, output_reasoning: 0 };
  const chart = tokenChart(response({ total: values({ usage }), series: [{ time: 0, values: values({ usage }) }] }));
  expect(chart.series.map(({ label, values: list }) => [label, list[0]])).toEqual([
    ["input", 10],
    ["input · cached", 3],
    ["output", 5],
  ]);
});

test("a total alone is shown as such", () => {
  const usage = { total: 18 };
  const chart = tokenChart(response({ total: values({ usage }), series: [{ time: 0, values: values({ usage }) }] }));
  expect(chart.series).toMatchObject([{ label: "total", values: [18] }]);
  expect(allTokens(usage)).toBe(18);
  expect(allTokens({ input: 20, output: 1, total: 9 })).toBe(21);
});

test("volume counts an observation once", () => {
  const series = [{ time: 0, values: values({ observations: 10, generations: 4 }) }];
  expect(volumeChart(response({ series })).series.map((entry) => entry.values[0])).toEqual([4, 6]);
});

test("a percentile that was not measured is a gap and no zero", () => {
  const series = [
    { time: 0, values: values({ latency: { p50: 1, p95: 2, p99: 3 } }) },
    { time: 10, values: values() },
  ];
  const chart = percentileChart(response({ series }), ({ latency }) => latency);
  expect(chart.series.map((entry) => entry.values)).toEqual([
    [1, null],
    [2, null],
    [3, null],
  ]);
});

describe("the query behind a group", () => {
  test("narrows the one that is there", () => {
    expect(groupQuery("", "model", "gpt-4o")).toBe("model:gpt-4o");
    expect(groupQuery("level:ERROR", "user", "Ana B.")).toBe('level:ERROR user:"Ana B."');
  });

  test("stays as it is where it asks for the group already", () => {
    expect(groupQuery("model:gpt-4o", "model", "gpt-4o")).toBe("model:gpt-4o");
  });

  test("does not exist for what has no value", () => {
    expect(groupQuery("", "user", "")).toBeNull();
  });
});

test("shares are told with as many digits as they are worth", () => {
  expect([null, 0, 0.0004, 0.004, 0.05, 0.123].map(formatShare)).toEqual([
    "–",
    "0 %",
    "<0.1 %",
    "0.4 %",
    "5 %",
    "12 %",
  ]);
  expect(errorRate(values())).toBeNull();
  expect(errorRate(values({ observations: 4, errors: 1 }))).toBe(0.25);
});

test("groups are compared by cost, and by count where nothing has a price", () => {
  const group = (change: Partial<MetricValues>) => ({ value: "x", values: values(change), series: [] });
  expect(groupShares([group({ cost: 4 }), group({ cost: 1 })])).toEqual([1, 0.25]);
  expect(groupShares([group({ observations: 2 }), group({ observations: 1 })])).toEqual([1, 0.5]);
  expect(groupShares([group({})])).toEqual([0]);
});
