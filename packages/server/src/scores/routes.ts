import type { Context, Hono } from "hono";
import type { Page, ScoreListRow } from "../api/lists.ts";
import type { Score } from "../api/types.ts";
import { readCursorPage, pageAnswer } from "../datasets/answers.ts";
import { withFields } from "../http/fields.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import { notFound } from "../http/store-errors.ts";
import type { IngestContext } from "../ingest/context.ts";
import { readScore } from "../ingest/langfuse-routes.ts";
import { storeBatch } from "../ingest/store-batch.ts";
import { previewOf } from "../mapping/preview.ts";
import type { Store } from "../store/store.ts";

const LISTS = ["name", "source", "dataType", "environment", "traceId", "observationId", "sessionId"] as const;

/** Scores for the viewer: what somebody gives by hand, and the list of all. */
export function mountScores(app: Hono, ingest: IngestContext): void {
  const { store, bus } = ingest;

  app.get("/api/scores", async (context) => {
    const query = new Query(context).only(...LISTS, "from", "to", "limit", "cursor");
    const page = readCursorPage(query);
    const lists = Object.fromEntries(LISTS.map((name) => [name, query.list(name)]));
    const filter = { ...lists, from: query.number("from"), to: query.number("to") };
    const projectId = projectOf(context);
    const { data, total } = await store.findScores(projectId, filter, page);
    const rows = await describeScores(store, projectId, data);
    return context.json(pageAnswer({ data: rows, total }, page) satisfies Page<ScoreListRow>);
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
    if (score === null) throw notFound("There is no score with this id.");
    if (score.traceId !== null) bus.publish(projectId, [score.traceId]);
    return context.body(null, 204);
  });
}

/** Adds what was scored: the names, and what went in and came out. */
async function describeScores(store: Store, projectId: string, scores: readonly Score[]): Promise<ScoreListRow[]> {
  const traces = new Map<string, Awaited<ReturnType<Store["getTrace"]>>>();
  const rows: ScoreListRow[] = [];
  for (const score of scores) {
    const { traceId, observationId } = score;
    if (traceId !== null && !traces.has(traceId)) traces.set(traceId, await store.getTrace(projectId, traceId));
    const trace = traceId === null ? undefined : traces.get(traceId)?.trace;
    const [observation] =
      traceId === null || observationId === null ? [] : await store.readRows(projectId, traceId, [observationId]);
    rows.push({
      ...score,
      traceName: trace?.name ?? null,
      observationName: observation?.name ?? null,
      inputPreview: observation === undefined ? (trace?.inputPreview ?? null) : previewOf(observation.payload.input),
      outputPreview: observation === undefined ? (trace?.outputPreview ?? null) : previewOf(observation.payload.output),
    });
  }
  return rows;
}
