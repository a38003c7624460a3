import type { Context } from "hono";
import type { Score } from "../api/types.ts";
import { withBody } from "../http/body.ts";
import { HttpError } from "../http/errors.ts";
import { isObject, parseJsonBody } from "../http/json-body.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import type { IngestContext } from "./context.ts";
import { ScoreError, parseScore } from "./score.ts";
import { storeBatch } from "./store-batch.ts";

interface BatchAnswer {
  successes: { id: string; status: number }[];
  errors: { id: string; status: number; message: string; error: string }[];
}

/** Langfuse's batch events other than these two describe observations: they arrive over OTLP until the batch mapping exists. */
const NOT_IMPLEMENTED =
  "This event type is not implemented here yet: send traces over OTLP to /api/public/otel/v1/traces.";

/** `POST /api/public/ingestion`: 207, with an answer for each event. Each event stands alone; what was accepted is committed first. */
export async function receiveLangfuseBatch(context: Context, ingest: IngestContext): Promise<Response> {
  return withBody(context.req.raw, ingest.limits, ingest.budget, async (body) => {
    const request = parseJsonBody(body);
    const events = isObject(request) ? request["batch"] : undefined;
    if (!Array.isArray(events)) throw new HttpError(400, "bad_request", 'The body is not { "batch": [event, ...] }.');
    const answer: BatchAnswer = { successes: [], errors: [] };
    const scores: Score[] = [];
    for (const event of events as unknown[]) readEvent(event, scores, answer);
    await storeBatch(ingest, { observations: [], scores, bytes: body.byteLength });
    return context.json(answer, 207);
  });
}

/** `POST /api/public/scores`: one score. */
export async function receiveScore(context: Context, ingest: IngestContext): Promise<Response> {
  return withBody(context.req.raw, ingest.limits, ingest.budget, async (body) => {
    const score = readScore(parseJsonBody(body));
    await storeBatch(ingest, { observations: [], scores: [score], bytes: body.byteLength });
    return context.json({ id: score.id });
  });
}

/** `GET /api/public/projects`: the one project there is. */
export function listProjects(context: Context): Response {
  const organization = { id: DEFAULT_PROJECT_ID, name: DEFAULT_PROJECT_ID };
  return context.json({ data: [{ id: DEFAULT_PROJECT_ID, name: DEFAULT_PROJECT_ID, organization, metadata: {} }] });
}

function readEvent(event: unknown, scores: Score[], answer: BatchAnswer): void {
  if (!isObject(event) || typeof event["id"] !== "string") {
    answer.errors.push({ id: "", status: 400, error: "bad_request", message: "An event needs an id." });
    return;
  }
  const { id, type } = event;
  if (type === "score-create") {
    try {
      scores.push(parseScore(event["body"], readTime(event["timestamp"])));
    } catch (error) {
      if (!(error instanceof ScoreError)) throw error;
      answer.errors.push({ id, status: 400, error: "bad_request", message: error.message });
      return;
    }
  } else if (type !== "sdk-log") {
    answer.errors.push({ id, status: 501, error: "not_implemented", message: NOT_IMPLEMENTED });
    return;
  }
  answer.successes.push({ id, status: 201 });
}

function readScore(body: unknown): Score {
  try {
    return parseScore(body, Date.now());
  } catch (error) {
    if (error instanceof ScoreError) throw new HttpError(400, "bad_request", error.message);
    throw error;
  }
}

function readTime(timestamp: unknown): number {
  const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
  return Number.isNaN(time) ? Date.now() : time;
}
