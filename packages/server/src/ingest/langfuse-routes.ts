import type { Context } from "hono";
import type { Score } from "../api/types.ts";
import { projectOf } from "../http/project.ts";
import { withBody } from "../http/body.ts";
import { HttpError } from "../http/errors.ts";
import { parseJsonBody } from "../http/json-body.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import type { IngestContext } from "./context.ts";
import { ScoreError, parseScore } from "./score.ts";
import { storeBatch } from "./store-batch.ts";

/** `POST /api/public/scores`: one score. */
export async function receiveScore(context: Context, ingest: IngestContext): Promise<Response> {
  return withBody(context.req.raw, ingest.limits, ingest.budget, async (body) => {
    const score = readScore(parseJsonBody(body));
    await storeBatch(ingest, projectOf(context), { observations: [], scores: [score], bytes: body.byteLength });
    return context.json({ id: score.id });
  });
}

/** `GET /api/public/projects`: the one project that the request's keys belong to. There are no organizations here. */
export async function listProjects(context: Context, { store }: IngestContext): Promise<Response> {
  const id = projectOf(context);
  const name = (await store.listProjects()).find((project) => project.id === id)?.name ?? id;
  const organization = { id: DEFAULT_PROJECT_ID, name: DEFAULT_PROJECT_ID };
  return context.json({ data: [{ id, name, organization, metadata: {} }] });
}

/** @throws {HttpError} 400. */
export function readScore(body: unknown): Score {
  try {
    return parseScore(body, Date.now());
  } catch (error) {
    if (error instanceof ScoreError) throw new HttpError(400, "bad_request", error.message);
    throw error;
  }
}
