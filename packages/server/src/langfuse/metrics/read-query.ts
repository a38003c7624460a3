import { HttpError } from "../../http/errors.ts";
import { isObject } from "../../http/json-body.ts";
import { parseIsoTime } from "../../model/iso-time.ts";
import { dimensionsOf, measuresOf } from "../../query/aggregate/facts.ts";
import {
  AGGREGATIONS,
  GRANULARITIES,
  TIME_FIELD,
  VIEWS,
  isScoreView,
  metricName,
  type AggregateQuery,
  type Granularity,
  type View,
} from "../../query/aggregate/query.ts";
import { autoGranularity } from "../../query/aggregate/time.ts";
import { readConditionList } from "../filters/condition.ts";
import { readScoreConditions } from "./score-conditions.ts";

const MEMBERS = [
  "view",
  "dimensions",
  "metrics",
  "filters",
  "timeDimension",
  "fromTimestamp",
  "toTimestamp",
  "orderBy",
  "config",
];
const MAX_DIMENSIONS = 10;
const MAX_METRICS = 30;
const MAX_BINS = 100;
const DEFAULT_BINS = 10;
const MAX_ROWS = 1000;
const DEFAULT_ROWS = 100;

/** By each of these there would be a group a row: Langfuse refuses them too. */
const NO_GROUPS = ["id", "traceId", "observationId", "parentObservationId"];

/**
 * The `query` of `/api/public/v2/metrics`. What is not understood is refused, never passed over.
 *
 * @param isOlder of the route before it, which has a view of traces too.
 * @throws {HttpError} 400, or 501 for what Langfuse answers and this server does not.
 */
export function readMetricQuery(text: string | undefined, isOlder = false): AggregateQuery {
  const body = parse(text);
  const unknown = Object.keys(body).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined) throw bad(`There is no ${unknown} in a query. Known: ${MEMBERS.join(", ")}.`);
  const view = oneOf(isOlder ? VIEWS : VIEWS.filter((name) => name !== "traces"), body["view"], "view");
  const [from, to] = [readTime(body, "fromTimestamp"), readTime(body, "toTimestamp")];
  if (from >= to) throw bad("fromTimestamp lies before toTimestamp.");
  const dimensions = readDimensions(view, body["dimensions"]);
  const metrics = readMetrics(view, body["metrics"]);
  const granularity = readGranularity(body["timeDimension"], from, to);
  const sortable = [...dimensions, ...metrics.map(metricName), ...(granularity === null ? [] : [TIME_FIELD])];
  const filters = readList(body["filters"], "filters");
  const nodes = isScoreView(view) ? [] : readConditionList(view, filters);
  return {
    view,
    from,
    to,
    dimensions,
    metrics,
    granularity,
    filter: nodes.length === 0 ? null : { kind: "and", nodes },
    conditions: isScoreView(view) ? readScoreConditions(view, filters) : [],
    orderBy: readOrder(body["orderBy"], sortable),
    ...readConfig(body["config"]),
  };
}

function parse(text: string | undefined): Record<string, unknown> {
  if (text === undefined) throw bad("query is needed: JSON with view, metrics, fromTimestamp and toTimestamp.");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw bad("query is JSON.");
  }
  if (!isObject(value)) throw bad("query is a JSON object.");
  return value;
}

function readDimensions(view: View, value: unknown): string[] {
  const known = dimensionsOf(view);
  const names = readObjects(value, "dimensions", MAX_DIMENSIONS).map(({ field }) => {
    if (typeof field === "string" && known.has(field)) return field;
    if (NO_GROUPS.includes(String(field))) {
      throw bad(`${String(field)} has too many values to group by: use it in filters.`);
    }
    throw bad(`There is no dimension ${String(field)} of ${view}. Known: ${[...known.keys()].join(", ")}.`);
  });
  return [...new Set(names)];
}

function readMetrics(view: View, value: unknown): AggregateQuery["metrics"] {
  const known = measuresOf(view);
  const metrics = readObjects(value, "metrics", MAX_METRICS).map(({ measure, aggregation }) => {
    if (typeof measure !== "string" || !known.has(measure)) {
      throw bad(`There is no measure ${String(measure)} of ${view}. Known: ${[...known.keys()].join(", ")}.`);
    }
    if (aggregation === "uniq") throw new HttpError(501, "not_implemented", "The aggregation uniq is not served here.");
    return { measure, aggregation: oneOf(AGGREGATIONS, aggregation, "aggregation") };
  });
  if (metrics.length === 0) throw bad("metrics has one at least.");
  return metrics;
}

function readGranularity(value: unknown, from: number, to: number): Granularity | null {
  if (value === undefined || value === null) return null;
  if (!isObject(value)) throw bad("timeDimension is an object with a granularity.");
  const granularity = oneOf(["auto", ...GRANULARITIES] as const, value["granularity"], "granularity");
  return granularity === "auto" ? autoGranularity(from, to) : granularity;
}

function readOrder(value: unknown, sortable: readonly string[]): AggregateQuery["orderBy"] {
  return readObjects(value, "orderBy", sortable.length).map(({ field, direction }) => ({
    field: oneOf(sortable, field, "The field of orderBy"),
    descending: oneOf(["asc", "desc"] as const, direction, "direction") === "desc",
  }));
}

function readConfig(value: unknown): Pick<AggregateQuery, "bins" | "limit"> {
  if (value !== undefined && value !== null && !isObject(value)) throw bad("config is an object.");
  return {
    bins: readWhole(value?.["bins"], "bins", MAX_BINS) ?? DEFAULT_BINS,
    limit: readWhole(value?.["row_limit"], "row_limit", MAX_ROWS) ?? DEFAULT_ROWS,
  };
}

function readWhole(value: unknown, name: string, most: number): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw bad(`${name} is a whole number from 1 to ${most}.`);
}

function readTime(body: Record<string, unknown>, name: string): number {
  const value = body[name];
  const time = typeof value === "string" ? parseIsoTime(value) : null;
  if (time === null) throw bad(`${name} is needed: an ISO 8601 time.`);
  return time;
}

function readList(value: unknown, name: string): unknown[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw bad(`${name} is a list.`);
  return value as unknown[];
}

function readObjects(value: unknown, name: string, most: number): Record<string, unknown>[] {
  const list = readList(value, name);
  if (list.length > most) throw bad(`${name} has at most ${most}.`);
  return list.map((item) => {
    if (!isObject(item)) throw bad(`${name} is a list of objects.`);
    return item;
  });
}

function oneOf<W extends string>(words: readonly W[], value: unknown, name: string): W {
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw bad(`${name} is one of ${words.join(", ")}.`);
  return word;
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
