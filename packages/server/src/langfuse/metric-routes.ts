import type { Hono } from "hono";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { IngestContext } from "../ingest/context.ts";
import { TooManyGroupsError } from "../store/errors.ts";
import { readMetricQuery } from "./metrics/read-query.ts";

/** Sums over observations and scores, by the newer generation of Langfuse's API. */
export function mountMetricRoutes(app: Hono, { store }: IngestContext): void {
  app.get("/api/public/v2/metrics", async (context) => {
    const query = readMetricQuery(new Query(context).only("query").text("query"));
    try {
      return context.json({ data: await store.aggregate(projectOf(context), query) });
    } catch (error) {
      if (error instanceof TooManyGroupsError) throw new HttpError(400, "bad_request", error.message);
      throw error;
    }
  });
}
