import type { Context, Hono } from "hono";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { IngestContext } from "../ingest/context.ts";
import { SCORE_SOURCES, SCORE_TYPES } from "../ingest/score.ts";
import { SCORE_OPERATORS, type ScoreFilter } from "../store/scores.ts";
import { notFound } from "../http/store-errors.ts";
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
/** `userId`, `traceTags` and `filter` of the older routes look at the trace: they are refused rather than ignored. */
const OLDER_PARAMETERS = [
  ...LISTS,
  "source",
  "dataType",
  "observationId",
  "datasetRunId",
  "scoreIds",
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
      const found = await store.findScores(projectOf(context), readOlderFilter(query), page);
      return context.json(numberedAnswer({ data: found.data.map(olderScore), total: found.total }, page));
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
  const value = query.number("value");
  const operator = query.word("operator", SCORE_OPERATORS);
  if ((value === undefined) !== (operator === undefined)) throw bad("value and operator come together.");
  return value === undefined || operator === undefined ? filter : { ...filter, compare: [{ operator, value }] };
}

function bad(message: string): HttpError {
  return new HttpError(400, "bad_request", message);
}
