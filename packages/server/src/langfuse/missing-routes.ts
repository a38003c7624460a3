import type { Hono } from "hono";
import { HttpError } from "../http/errors.ts";

/** What Langfuse has and this server has not, with what to tell who asks. */
const MISSING: readonly (readonly [path: string, reason: string])[] = [
  ["v2/prompts", "Prompts are not managed here."],
  ["v2/prompts/*", "Prompts are not managed here, so there is none of this name."],
  ["prompts", "Prompts are not managed here."],
  ["experiments", "Experiments are not listed: use GET /api/public/datasets/{name}/runs."],
  ["experiment-items", "Items of experiments are not listed: use GET /api/public/dataset-run-items."],
  ["models", "Prices of a project's own are set at /api/prices."],
  ["models/*", "Prices of a project's own are set at /api/prices."],
  ["score-configs", "Scores have no configurations here."],
  ["score-configs/*", "Scores have no configurations here."],
  ["comments", "There are no comments here."],
  ["comments/*", "There are no comments here."],
  ["feedback", "There is no feedback here: send scores."],
  ["annotation-queues", "There are no annotation queues here."],
  ["annotation-queues/*", "There are no annotation queues here."],
  ["llm-connections", "There is no playground here."],
  ["llm-connections/*", "There is no playground here."],
  ["integrations/*", "There is no blob storage export: use GET /api/datasets/{name}/export and the viewer's export."],
  ["organizations/*", "There is one organization."],
  ["projects/*", "Projects, their keys and members are managed at /api/projects."],
  ["events", "Events are sent to POST /api/public/ingestion."],
  ["spans", "Spans are sent to POST /api/public/ingestion."],
  ["generations", "Generations are sent to POST /api/public/ingestion."],
  ["datasets/:name/items", "Items are listed by GET /api/public/dataset-items?datasetName=."],
  ["scim/*", "Users are not managed here."],
  ["v2/evaluators", "Evaluators do not run here."],
  ["v2/evaluators/*", "Evaluators do not run here."],
  ["v2/evaluation-rules", "Evaluators do not run here."],
  ["v2/evaluation-rules/*", "Evaluators do not run here."],
  ["unstable/*", "Dashboards of one's own are not kept here."],
];

/**
 * Answers for what is missing. Clients take a prompt that is not found for the sign to use their fallback; for the rest 404 too, since they
 * repeat what is answered with 501.
 */
export function mountMissingRoutes(app: Hono): void {
  for (const [path, reason] of MISSING) {
    app.all(`/api/public/${path}`, () => {
      throw new HttpError(404, "not_implemented", reason);
    });
  }
}
