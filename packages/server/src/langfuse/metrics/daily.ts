import type { Query } from "../../http/query.ts";
import type { AggregateQuery } from "../../query/aggregate/query.ts";
import { MAX_GROUPS } from "../../query/aggregate/table.ts";
import type { QueryNode, QueryTarget } from "../../query/language/ast.ts";
import type { Store } from "../../store/store.ts";
import { findColumn } from "../filters/columns.ts";
import { anyOf, match } from "../filters/condition.ts";
import { numberedAnswer, readPage } from "../page.ts";

const PARAMETERS = ["page", "limit", "traceName", "userId", "tags", "environment", "fromTimestamp", "toTimestamp"];
const DAY_MS = 86_400_000;
/** Later than every trace that has a date. */
const END_OF_TIME = 8.64e15;

const METRICS: AggregateQuery["metrics"] = [
  { measure: "count", aggregation: "count" },
  { measure: "inputTokens", aggregation: "sum" },
  { measure: "outputTokens", aggregation: "sum" },
  { measure: "totalTokens", aggregation: "sum" },
  { measure: "totalCost", aggregation: "sum" },
];

interface DayOfModel {
  date: string;
  model: string | null;
  countObservations: number;
  inputUsage: number;
  outputUsage: number;
  totalUsage: number;
  totalCost: number;
}

/** `GET /api/public/metrics/daily`: days in UTC that have an observation, the latest first, each with its models. Traces are counted by the day that they began. */
export async function answerDaily(store: Store, projectId: string, query: Query): Promise<object> {
  query.only(...PARAMETERS);
  const page = readPage(query);
  const [from, to] = [query.time("fromTimestamp") ?? 0, query.time("toTimestamp") ?? END_OF_TIME];
  const days = groupByDate(await readDays(store, projectId, query, { from, to }));
  const dates = [...days.keys()].toSorted().toReversed();

  const data = dates.slice(page.offset, page.offset + page.limit).map(async (date) => {
    const start = Date.parse(date);
    const range = { from: Math.max(from, start), to: Math.min(to, start + DAY_MS) };
    const countTraces = (model?: string): Promise<number> =>
      store.countSelected(projectId, "traces", { ...range, filter: readFilter("traces", query, model) });
    const models = days.get(date) ?? [];
    const usage = models.map(async ({ date: _date, ...one }) =>
      one.model === null ? [] : [{ ...one, countTraces: await countTraces(one.model) }],
    );
    return {
      date,
      countTraces: await countTraces(),
      countObservations: models.reduce((sum, one) => sum + one.countObservations, 0),
      totalCost: models.reduce((sum, one) => sum + one.totalCost, 0),
      usage: (await Promise.all(usage)).flat(),
    };
  });
  return numberedAnswer({ data: await Promise.all(data), total: dates.length }, page);
}

async function readDays(
  store: Store,
  projectId: string,
  query: Query,
  range: { from: number; to: number },
): Promise<DayOfModel[]> {
  const rows = await store.aggregate(projectId, {
    view: "observations",
    ...range,
    dimensions: ["providedModelName"],
    metrics: METRICS,
    granularity: "day",
    filter: readFilter("observations", query),
    conditions: [],
    orderBy: [{ field: "sum_totalCost", descending: true }],
    bins: 1,
    limit: MAX_GROUPS,
  });
  return rows.map((row) => ({
    date: String(row["time_dimension"]),
    model: row["providedModelName"] as string | null,
    countObservations: Number(row["count_count"]),
    inputUsage: Number(row["sum_inputTokens"]),
    outputUsage: Number(row["sum_outputTokens"]),
    totalUsage: Number(row["sum_totalTokens"]),
    totalCost: Number(row["sum_totalCost"]),
  }));
}

function groupByDate(rows: readonly DayOfModel[]): Map<string, DayOfModel[]> {
  const days = new Map<string, DayOfModel[]>();
  for (const row of rows) days.set(row.date, [...(days.get(row.date) ?? []), row]);
  return days;
}

function readFilter(target: QueryTarget, query: Query, model?: string): QueryNode | null {
  const field = (name: string) => {
    const column = findColumn(target, name);
    if (column === undefined || column === "unsupported") throw new Error(`There is no column ${name}.`);
    return { name: column.field, key: null };
  };
  const nodes: QueryNode[] = [];
  for (const name of ["traceName", "userId"]) {
    const value = query.text(name);
    if (value !== undefined) nodes.push(match(field(name), value));
  }
  for (const tag of query.repeated("tags") ?? []) nodes.push(match(field("tags"), tag));
  const environments = query.list("environment");
  if (environments !== undefined) nodes.push(anyOf(field("environment"), environments));
  if (model !== undefined) nodes.push(match({ name: "model", key: null }, model));
  return nodes.length === 0 ? null : { kind: "and", nodes };
}
