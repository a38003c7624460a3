import type { Hono } from "hono";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { IngestContext } from "../ingest/context.ts";
import { TooManyGroupsError } from "../store/errors.ts";
import { answerDaily } from "./metrics/daily.ts";
import { readMetricQuery } from "./metrics/read-query.ts";

const OLDER = "/api/public/metrics";

/** Sums over observations and scores. The older route takes the same queries, and has a view of traces too. */
export function mountMetricRoutes(app: Hono, { store }: IngestContext): void {
  for (const route of ["/api/public/v2/metrics", OLDER]) {
    app.get(route, async (context) => {
      const query = readMetricQuery(new Query(context).only("query").text("query"), route === OLDER);
      const data = await withoutTooMany(store.aggregate(projectOf(context), query));
      return context.json({ data });
    });
  }
  app.get("/api/public/metrics/daily", async (context) =>
    context.json(await withoutTooMany(answerDaily(store, projectOf(context), new Query(context)))),
  );
}

async function withoutTooMany<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof TooManyGroupsError) throw new HttpError(400, "bad_request", error.message);
    throw error;
  }
}
