import type { Context } from "hono";
import type { ObservationDetail } from "../api/types.ts";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import {
  DEFAULT_PAGE_SIZE,
  InvalidCursorError,
  MAX_PAGE_SIZE,
  type ObservationRecord,
  type Store,
} from "../store/store.ts";

/** `GET /api/traces` */
export async function answerTraceList(context: Context, store: Store): Promise<Response> {
  const limit = Number(context.req.query("limit") ?? DEFAULT_PAGE_SIZE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE_SIZE) {
    throw new HttpError(400, "bad_request", `limit is a whole number from 1 to ${MAX_PAGE_SIZE}.`);
  }
  try {
    return context.json(await store.listTraces(projectOf(context), { limit, cursor: context.req.query("cursor") }));
  } catch (error) {
    if (error instanceof InvalidCursorError) throw new HttpError(400, "bad_cursor", error.message);
    throw error;
  }
}

/** `GET /api/traces/:traceId` */
export async function answerTrace(context: Context, store: Store, traceId: string): Promise<Response> {
  const trace = await store.getTrace(projectOf(context), traceId);
  if (trace === null) throw new HttpError(404, "not_found", "There is no trace with this id.");
  return context.json(trace);
}

/** `GET /api/traces/:traceId/observations/:id` */
export async function answerObservation(
  context: Context,
  store: Store,
  traceId: string,
  id: string,
): Promise<Response> {
  const projectId = projectOf(context);
  const record = await store.getObservation(projectId, traceId, id);
  if (record === null) throw new HttpError(404, "not_found", "There is no observation with this id in the trace.");
  return context.body(writeObservation(projectId, record), 200, { "Content-Type": "application/json" });
}

/** Puts the stored JSON texts into the answer as they are: nothing large is parsed, and integers beyond 2^53 stay exact. */
function writeObservation(
  projectId: string,
  { summary, version, prompt, scope, payload, scores }: ObservationRecord,
): string {
  const small: Omit<ObservationDetail, keyof typeof texts> = { ...summary, projectId, version, prompt, scope, scores };
  const texts = {
    input: payload.input ?? "null",
    output: payload.output ?? "null",
    metadata: payload.metadata ?? "null",
    modelParameters: payload.modelParameters ?? "null",
    attributes: payload.attributes ?? "{}",
    resource: payload.resource ?? "{}",
    events: payload.events ?? "[]",
  };
  const members = Object.entries(texts).map(([key, text]) => `,"${key}":${text}`);
  return `${JSON.stringify(small).slice(0, -1)}${members.join("")}}`;
}
