import type { Context, Hono } from "hono";
import type { Score, TraceSummary } from "../api/types.ts";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { IngestContext } from "../ingest/context.ts";
import { SCORE_SOURCES, SCORE_TYPES } from "../ingest/score.ts";
import { SCORE_OPERATORS, type ScoreFilter } from "../store/scores.ts";
import { notFound } from "../http/store-errors.ts";
import type { Store } from "../store/store.ts";
import { anyOf } from "./filters/condition.ts";
import { readScoreCursor, writeScoreCursor } from "../scores/cursor.ts";
import { numberedAnswer, readPage } from "./page.ts";
import { SCORE_GROUPS, newerScore, olderScore, type ScoreGroup } from "./shapes/score.ts";

/** Filters that are lists with commas in between, on both generations' routes. */
const LISTS = ["name", "environment", "configId", "queueId", "traceId", "sessionId"] as const;
/** Langfuse has one more, of which no score here is. */
const DATA_TYPES = [...SCORE_TYPES, "CORRECTION"] as const;

const NEWER_PARAMETERS = [
  ...LISTS,
  "source",
  "dataType",
  "id",
  "observationId",
  "experimentId",
  "authorUserId",
  "value",
  "valueMin",
  "valueMax",
  "fromTimestamp",
  "toTimestamp",
  "fields",
  "limit",
  "cursor",
];
/** `filter` of the older routes looks into metadata: it is refused rather than ignored. */
const OLDER_PARAMETERS = [
  ...LISTS,
  "source",
  "dataType",
  "observationId",
  "datasetRunId",
  "scoreIds",
  "userId",
  "traceTags",
  "value",
  "operator",
  "fromTimestamp",
  "toTimestamp",
  "fields",
  "page",
  "limit",
];

const MAX_NEWER_PAGE = 100;
const DEFAULT_NEWER_PAGE = 50;

/** Reading and deleting scores; sending them is with the ingest routes. */
export function mountScoreRoutes(app: Hono, ingest: IngestContext): void {
  const { store, bus } = ingest;

  app.get("/api/public/v3/scores", async (context) => {
    const query = new Query(context).only(...NEWER_PARAMETERS);
    const groups = (query.list("fields") ?? ["core"]).map(readGroup);
    const limit = query.whole("limit", 1, MAX_NEWER_PAGE, DEFAULT_NEWER_PAGE);
    const page = { limit: limit + 1, after: readScoreCursor(query.text("cursor")) };
    const { data } = await store.findScores(projectOf(context), readNewerFilter(query), page);
    const last = data.length > limit ? data[limit - 1] : undefined;
    const meta = last === undefined ? { limit } : { limit, cursor: writeScoreCursor(last) };
    return context.json({ data: data.slice(0, limit).map((score) => newerScore(score, groups)), meta });
  });

  for (const path of ["/api/public/v2/scores", "/api/public/scores"]) {
    app.get(path, async (context) => {
      const query = new Query(context).only(...OLDER_PARAMETERS);
      const page = readPage(query);
      const projectId = projectOf(context);
      const groups = query.words("fields", OLDER_GROUPS) ?? OLDER_GROUPS;
      const filter = readOlderFilter(query);
      if (filter.trace !== undefined && !groups.includes("trace")) throw bad("userId and traceTags need fields=trace.");
      const { data, total } = await store.findScores(projectId, filter, page);
      const traces = groups.includes("trace") ? await readScoredTraces(store, projectId, data) : null;
      return context.json(numberedAnswer({ data: data.map((score) => scoreWithTrace(score, traces)), total }, page));
    });
    app.get(`${path}/:id`, async (context) => {
      const filter = { id: [context.req.param("id")] };
      const { data } = await store.findScores(projectOf(context), filter, { limit: 1 });
      if (data[0] === undefined) throw notFound("Score not found within authorized project.");
      return context.json(olderScore(data[0]));
    });
  }

  app.delete("/api/public/scores/:id", async (context: Context) => {
    const projectId = projectOf(context);
    const score = await store.deleteScore(projectId, context.req.param("id") ?? "");
    if (score === null) throw notFound("Score not found.");
    if (score.traceId !== null) bus.publish(projectId, [score.traceId]);
    return context.json({ message: "Score deletion queued successfully" });
  });
}

function readGroup(word: string): ScoreGroup {
  const group = SCORE_GROUPS.find((candidate) => candidate === word);
  if (group === undefined) throw bad(`fields are of ${SCORE_GROUPS.join(", ")}.`);
  return group;
}

/** What both generations of the older route may tell. */
const OLDER_GROUPS = ["score", "trace"] as const;

type ScoredTraces = ReadonlyMap<string | null, TraceSummary>;

/** At most a page of them. */
async function readScoredTraces(store: Store, projectId: string, scores: readonly Score[]): Promise<ScoredTraces> {
  const ids = [...new Set(scores.flatMap(({ traceId }) => traceId ?? []))];
  if (ids.length === 0) return new Map();
  const filter = anyOf({ name: "id", key: null }, ids);
  const { data } = await store.listTraces(projectId, { filter, limit: ids.length });
  return new Map(data.map((trace) => [trace.traceId, trace]));
}

function scoreWithTrace(score: Score, traces: ScoredTraces | null): object {
  const trace = traces?.get(score.traceId);
  if (trace === undefined) return olderScore(score);
  const { userId, tags, environment, sessionId } = trace;
  return { ...olderScore(score), trace: { userId, tags, environment, sessionId } };
}

function readCommon(query: Query): ScoreFilter {
  const lists = Object.fromEntries(LISTS.map((name) => [name, query.list(name)]));
  return {
    ...lists,
    source: query.words("source", SCORE_SOURCES),
    dataType: query.words("dataType", DATA_TYPES),
    observationId: query.list("observationId"),
    from: query.time("fromTimestamp"),
    to: query.time("toTimestamp"),
  };
}

function readNewerFilter(query: Query): ScoreFilter {
  const filter: ScoreFilter = {
    ...readCommon(query),
    id: query.list("id"),
    datasetRunId: query.list("experimentId"),
    authorUserId: query.list("authorUserId"),
  };
  if (filter.observationId !== undefined && filter.traceId === undefined) {
    throw bad("observationId needs a traceId beside it: its ids are those of one trace.");
  }
  if ([filter.traceId, filter.sessionId, filter.datasetRunId].filter((ids) => ids !== undefined).length > 1) {
    throw bad("At most one of traceId, sessionId and experimentId may be given.");
  }
  return { ...filter, ...readValues(query, filter.dataType) };
}

/** A value is compared as its type is: which one has to be said. */
function readValues(query: Query, dataTypes: readonly string[] | undefined): ScoreFilter {
  const dataType = dataTypes?.length === 1 ? dataTypes[0] : undefined;
  const [least, most] = [query.number("valueMin"), query.number("valueMax")];
  if ((least !== undefined || most !== undefined) && dataType !== "NUMERIC") {
    throw bad("valueMin and valueMax need dataType=NUMERIC.");
  }
  const compare = [
    ...(least === undefined ? [] : [{ operator: ">=" as const, value: least }]),
    ...(most === undefined ? [] : [{ operator: "<=" as const, value: most }]),
  ];
  const values = query.list("value");
  if (values === undefined) return compare.length === 0 ? {} : { compare };
  if (dataType === "CATEGORICAL") return { stringValue: values, compare };
  if (dataType === "BOOLEAN") return { value: values.map((word) => Number(word === "true" || word === "1")), compare };
  if (dataType !== "NUMERIC") throw bad("value needs one dataType: NUMERIC, BOOLEAN or CATEGORICAL.");
  const numbers = values.map(Number);
  if (numbers.some((value) => !Number.isFinite(value))) throw bad("value is a number, for dataType=NUMERIC.");
  return { value: numbers, compare };
}

function readOlderFilter(query: Query): ScoreFilter {
  const filter: ScoreFilter = {
    ...readCommon(query),
    id: query.list("scoreIds"),
    datasetRunId: query.list("datasetRunId"),
  };
  const [userId, tags] = [query.text("userId"), query.repeated("traceTags")];
  if (userId !== undefined || tags !== undefined) filter.trace = { userId, tags };
  const value = query.number("value");
  const operator = query.word("operator", SCORE_OPERATORS);
  if ((value === undefined) !== (operator === undefined)) throw bad("value and operator come together.");
  return value === undefined || operator === undefined ? filter : { ...filter, compare: [{ operator, value }] };
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
