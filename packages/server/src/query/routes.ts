import type { Context, Hono } from "hono";
import type { ObservationDetail, TraceDetail } from "../api/types.ts";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { inOneAnswer } from "../http/store-errors.ts";
import type { ObservationRecord, Store } from "../store/store.ts";
import { describeFields } from "./language/fields.ts";
import { readToolDefinitions } from "./tool-definitions.ts";
import { answerList, readListOptions, readSelection, readTarget, readWhole } from "./list-params.ts";

const DEFAULT_BUCKETS = 60;
const MAX_BUCKETS = 400;
/** Characters; what `?head=` may ask for. */
const MAX_HEAD_CHARS = 64 * 1024 * 1024;

/**
 * What the viewer reads of traces and observations.
 *
 * @param maxTraceObservations see `ServerOptions`.
 */
export function mountQueryRoutes(app: Hono, store: Store, maxTraceObservations: number): void {
  app.get("/api/traces", (context) =>
    answerList(context, async () =>
      context.json(await store.listTraces(projectOf(context), readListOptions(context, "traces"))),
    ),
  );
  app.get("/api/observations", (context) =>
    answerList(context, async () =>
      context.json(await store.listObservations(projectOf(context), readListOptions(context, "observations"))),
    ),
  );
  app.get("/api/facets", (context) =>
    answerList(context, async () => {
      const target = readTarget(context);
      return context.json(
        await store.countFacets(projectOf(context), target, readSelection(context, target, ["target"])),
      );
    }),
  );
  app.get("/api/density", (context) =>
    answerList(context, async () => {
      const target = readTarget(context);
      const buckets = readWhole(context, "buckets", DEFAULT_BUCKETS, MAX_BUCKETS);
      const selection = readSelection(context, target, ["target", "buckets"]);
      return context.json(await store.density(projectOf(context), target, selection, buckets));
    }),
  );
  app.get("/api/query/fields", (context) => context.json(describeFields(readTarget(context))));
  app.get("/api/traces/:traceId", (context) =>
    answerTrace(context, store, context.req.param("traceId"), maxTraceObservations),
  );
  app.get("/api/traces/:traceId/observations/:id", (context) =>
    answerObservation(context, store, context.req.param("traceId"), context.req.param("id")),
  );
}

/** `GET /api/traces/:traceId` */
async function answerTrace(context: Context, store: Store, traceId: string, maxRows: number): Promise<Response> {
  const wanted = context.req.query("observations");
  if (wanted !== undefined && wanted !== "none") {
    throw new HttpError(400, "bad_request", "observations is left out, or none.");
  }
  const projectId = projectOf(context);
  const trace =
    wanted === "none"
      ? await readHead(store, projectId, traceId)
      : await inOneAnswer(
          store.getTrace(projectId, traceId, maxRows),
          "read its head with ?observations=none, its tree at /skeleton, or page by page /api/observations?q=trace:<id>",
        );
  if (trace === null) throw new HttpError(404, "not_found", "There is no trace with this id.");
  return context.json(trace);
}

async function readHead(store: Store, projectId: string, traceId: string): Promise<TraceDetail | null> {
  const [trace, scores] = await Promise.all([
    store.getTraceHead(projectId, traceId),
    store.listScores(projectId, traceId),
  ]);
  return trace && { trace, observations: [], scores };
}

/** `GET /api/traces/:traceId/observations/:id` */
async function answerObservation(context: Context, store: Store, traceId: string, id: string): Promise<Response> {
  const projectId = projectOf(context);
  const head = context.req.query("head") === undefined ? undefined : readWhole(context, "head", 0, MAX_HEAD_CHARS);
  const record = await store.getObservation(projectId, traceId, id, head);
  if (record === null) throw new HttpError(404, "not_found", "There is no observation with this id in the trace.");
  return context.body(writeObservation(projectId, record, head), 200, { "Content-Type": "application/json" });
}

/** Puts the stored JSON texts into the answer as they are: nothing large is parsed, and integers beyond 2^53 stay exact. */
function writeObservation(
  projectId: string,
  { summary, version, prompt, scope, payload, scores }: ObservationRecord,
  head = Number.POSITIVE_INFINITY,
): string {
  const small: Omit<ObservationDetail, keyof typeof texts | "truncated"> = {
    ...summary,
    projectId,
    version,
    prompt,
    scope,
    scores,
    toolDefinitions: summary.type === "generation" ? readToolDefinitions(payload) : null,
  };
  const texts = {
    input: payload.input ?? "null",
    output: payload.output ?? "null",
    metadata: payload.metadata ?? "null",
    modelParameters: payload.modelParameters ?? "null",
    attributes: payload.attributes ?? "{}",
    resource: payload.resource ?? "{}",
    events: payload.events ?? "[]",
    span: payload.span ?? "null",
  };
  const truncated = Object.entries(texts).flatMap(([key, text]) => (text.length > head ? [key] : []));
  const members = Object.entries(texts).map(
    ([key, text]) => `,"${key}":${text.length > head ? JSON.stringify(text.slice(0, head)) : text}`,
  );
  if (truncated.length > 0) members.push(`,"truncated":${JSON.stringify(truncated)}`);
  return `${JSON.stringify(small).slice(0, -1)}${members.join("")}}`;
}
