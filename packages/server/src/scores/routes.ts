import type { Context, Hono } from "hono";
import type { Page, ScoreListRow } from "../api/lists.ts";
import type { HttpError } from "../http/errors.ts";
import { withFields } from "../http/fields.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import { notFound } from "../http/store-errors.ts";
import type { IngestContext } from "../ingest/context.ts";
import { readScore } from "../ingest/langfuse-routes.ts";
import { SCORE_SOURCES, SCORE_TYPES } from "../ingest/score.ts";
import { storeBatch } from "../ingest/store-batch.ts";
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from "../store/observations.ts";
import { NOTHING_SCORED } from "../store/scored.ts";
import type { ScoreFilter } from "../store/store.ts";
import { readScoreCursor, writeScoreCursor } from "./cursor.ts";

const LISTS = ["name", "environment", "traceId", "observationId", "sessionId"] as const;

const VALUES = ["value", "valueMin", "valueMax", "stringValue"] as const;

/** Scores for the viewer: what somebody gives by hand, and the list of all. */
export function mountScores(app: Hono, ingest: IngestContext): void {
  const { store, bus } = ingest;

  app.get("/api/scores", async (context) => {
    const query = new Query(context).only(
      ...LISTS,
      ...VALUES,
      "source",
      "dataType",
      "comment",
      "from",
      "to",
      "limit",
      "cursor",
    );
    const limit = query.whole("limit", 1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE);
    const after = readScoreCursor(query.text("cursor"));
    const lists = Object.fromEntries(LISTS.map((name) => [name, query.list(name)]));
    const filter: ScoreFilter = {
      ...lists,
      source: query.words("source", SCORE_SOURCES),
      dataType: query.words("dataType", SCORE_TYPES),
      stringValue: query.repeated("stringValue"),
      comment: query.text("comment"),
      compare: readComparisons(query),
      from: query.number("from"),
      to: query.number("to"),
    };
    const projectId = projectOf(context);
    // One more than is given tells whether there are more.
    const found = await store.findRowScores(projectId, filter, { limit: limit + 1, after });
    const data = found.data.slice(0, limit);
    const last = found.data.length > limit ? data.at(-1) : undefined;
    const scored = await store.describeScored(projectId, data);
    const rows = data.map((score, index) => ({ ...score, ...(scored[index] ?? NOTHING_SCORED) }));
    const nextCursor = last === undefined ? null : writeScoreCursor(last);
    return context.json({ data: rows, nextCursor } satisfies Page<ScoreListRow>);
  });

  app.get("/api/scores/:id", async (context) => {
    const { data } = await store.findScores(projectOf(context), { id: [context.req.param("id")] }, { limit: 1 });
    if (data[0] === undefined) throw noScore();
    return context.json(data[0]);
  });

  app.post("/api/scores", (context) =>
    withFields(context, ingest, async (fields, bytes) => {
      const projectId = projectOf(context);
      const score = { ...readScore(fields.all), source: "ANNOTATION" as const, projectId };
      await storeBatch(ingest, projectId, { observations: [], scores: [score], bytes });
      return context.json(score, 201);
    }),
  );

  app.delete("/api/scores/:id", async (context: Context) => {
    const projectId = projectOf(context);
    const score = await store.deleteScore(projectId, context.req.param("id") ?? "");
    if (score === null) throw noScore();
    if (score.traceId !== null) bus.publish(projectId, [score.traceId]);
    return context.body(null, 204);
  });
}

const noScore = (): HttpError => notFound("There is no score with this id.");

/** Of numbers and booleans, which are 0 and 1. */
function readComparisons(query: Query): ScoreFilter["compare"] {
  const operators = { value: "=", valueMin: ">=", valueMax: "<=" } as const;
  return (["value", "valueMin", "valueMax"] as const).flatMap((name) => {
    const value = query.number(name);
    return value === undefined ? [] : [{ operator: operators[name], value }];
  });
}
