import type { Hono } from "hono";
import type { IngestContext } from "../ingest/context.ts";
import type { MediaRoutes } from "../media/routes.ts";
import { mountDatasetRoutes } from "./dataset-routes.ts";
import { mountMetricRoutes } from "./metric-routes.ts";
import { mountMissingRoutes } from "./missing-routes.ts";
import { mountObservationRoutes } from "./observation-routes.ts";
import { mountScoreRoutes } from "./score-routes.ts";
import { mountTraceRoutes } from "./trace-routes.ts";

/** What the published Langfuse SDKs and tools read and write, beside what they send as telemetry. */
export function mountLangfuseRoutes(
  app: Hono,
  ingest: IngestContext,
  media: MediaRoutes,
  maxTraceObservations: number,
): void {
  mountDatasetRoutes(app, ingest, media);
  mountScoreRoutes(app, ingest);
  mountObservationRoutes(app, ingest);
  mountTraceRoutes(app, ingest, maxTraceObservations);
  mountMetricRoutes(app, ingest);
  mountMissingRoutes(app);
}
