import type { Hono } from "hono";
import { HttpError } from "../http/errors.ts";
import { withFields } from "../http/fields.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import { inOneAnswer, notFound } from "../http/store-errors.ts";
import type { IngestContext } from "../ingest/context.ts";
import { isTraceNode, traceNodeId } from "../ingest/langfuse/patch.ts";
import type { QueryNode } from "../query/language/ast.ts";
import { compareRows, findRoot } from "../query/summary.ts";
import type { Sort } from "../store/observations.ts";
import { deleteTraces } from "../store/retention.ts";
import type { WholeTrace } from "../store/whole-rows.ts";
import { readConditions } from "./filters/parameters.ts";
import { iso, numberedAnswer, readPage } from "./page.ts";
import { olderObservation } from "./shapes/observation.ts";
import { olderScore } from "./shapes/score.ts";
import { traceShape } from "./shapes/trace.ts";

const GROUPS = ["core", "io", "scores", "observations", "metrics"] as const;
type Group = (typeof GROUPS)[number];

const LIST_PARAMETERS = [
  "userId",
  "name",
  "sessionId",
  "tags",
  "version",
  "release",
  "environment",
  "fromTimestamp",
  "toTimestamp",
  "filter",
  "orderBy",
  "fields",
  "page",
  "limit",
];

/** Traces read at one time for a session. */
const SESSION_PAGE = 100;
/** A session with more traces is answered with this many, oldest first. */
const MAX_SESSION_TRACES = 1000;

/** Traces that one request may name. */
const MAX_DELETED = 10_000;
/** Traces deleted in one transaction, so that what comes in meanwhile does not wait long. */
const DELETED_AT_ONCE = 50;

/** Characters of payloads of a trace that is answered in one piece: a text of the engine holds four times as much. */
const MAX_TRACE_CHARS = 128 * 1024 * 1024;

/** Traces and sessions as the older generation of Langfuse's API has them. */
export function mountTraceRoutes(app: Hono, ingest: IngestContext, maxTraceObservations: number): void {
  const { store, bus } = ingest;
  app.get("/api/public/traces", async (context) => {
    const query = new Query(context).only(...LIST_PARAMETERS);
    const projectId = projectOf(context);
    const page = readPage(query);
    const groups = readGroups(query);
    const filter = readConditions("traces", query);
    const sort = readSort(query.text("orderBy"));
    const [{ data }, total] = await Promise.all([
      store.selectTraces(projectId, { filter, sort, limit: page.limit, offset: page.offset }),
      store.countSelected(projectId, "traces", { filter }),
    ]);
    return context.json(
      numberedAnswer({ data: data.map((trace) => listShape(projectId, trace, groups)), total }, page),
    );
  });

  app.get("/api/public/traces/:id", async (context) => {
    const projectId = projectOf(context);
    const groups = readGroups(new Query(context).only("fields"));
    const traceId = context.req.param("id");
    const limits = { maxRows: maxTraceObservations, maxChars: MAX_TRACE_CHARS };
    const [detail, stored] = await inOneAnswer(
      Promise.all([
        store.getTrace(projectId, traceId, limits.maxRows),
        store.readRows(projectId, traceId, undefined, limits),
      ]),
      "read it page by page, with GET /api/public/v2/observations?traceId=<id>",
    );
    const rows = stored.toSorted(compareRows);
    const rootId = findRoot(rows.map((row) => ({ ...row, hasInput: false, hasOutput: false })))?.id;
    const root = rows.find((row) => row.id === rootId);
    if (detail === null || root === undefined) throw notFound("Trace not found within authorized project.");
    const { trace, scores } = detail;
    const shape = select(traceShape(projectId, trace, { root, version: trace.version, public: trace.public }), groups);
    const observations = rows.filter((row) => !isTraceNode(row));
    return context.json({
      ...shape,
      observations: groups.has("observations")
        ? observations.map((row) => olderObservation(row, trace.environment))
        : [],
      scores: groups.has("scores") ? scores.map(olderScore) : [],
    });
  });

  app.delete("/api/public/traces/:id", async (context) => {
    const projectId = projectOf(context);
    const traceId = context.req.param("id");
    if ((await deleteTraces(store, projectId, [traceId])) === 0) {
      throw notFound("Trace not found within authorized project.");
    }
    bus.publish(projectId, [traceId]);
    return context.json({ message: "Trace deleted successfully" });
  });

  app.delete("/api/public/traces", (context) =>
    withFields(context, ingest, async (fields) => {
      const projectId = projectOf(context);
      const traceIds = readIds(fields.value("traceIds"));
      for (let start = 0; start < traceIds.length; start += DELETED_AT_ONCE) {
        const some = traceIds.slice(start, start + DELETED_AT_ONCE);
        await deleteTraces(store, projectId, some);
        bus.publish(projectId, some);
      }
      return context.json({ message: "Traces deleted successfully" });
    }),
  );

  app.get("/api/public/sessions", async (context) => {
    const query = new Query(context).only("environment", "fromTimestamp", "toTimestamp", "page", "limit");
    const projectId = projectOf(context);
    const page = readPage(query);
    const { data, total } = await store.selectSessions(projectId, {
      environments: query.list("environment"),
      from: query.time("fromTimestamp"),
      to: query.time("toTimestamp"),
      limit: page.limit,
      offset: page.offset,
    });
    const sessions = data.map(({ createdAt, ...session }) => ({ ...session, createdAt: iso(createdAt), projectId }));
    return context.json(numberedAnswer({ data: sessions, total }, page));
  });

  app.get("/api/public/sessions/:id", async (context) => {
    const projectId = projectOf(context);
    const id = context.req.param("id");
    const filter: QueryNode = { kind: "match", field: { name: "session", key: null }, value: id, wildcard: false };
    const sort: Sort = { field: "start", descending: false };
    const traces: WholeTrace[] = [];
    let cursor: string | undefined;
    do {
      const found = await store.selectTraces(projectId, { filter, sort, limit: SESSION_PAGE, cursor });
      traces.push(...found.data);
      cursor = found.nextCursor ?? undefined;
    } while (cursor !== undefined && traces.length < MAX_SESSION_TRACES);
    const [first] = traces;
    if (first === undefined) throw notFound("Session not found within authorized project.");
    const { startTime, environment } = first.summary;
    const shapes = traces.map((trace) => traceShape(projectId, trace.summary, trace));
    return context.json({ id, projectId, createdAt: iso(startTime), environment, traces: shapes });
  });
}

/** Ids of which there is no trace are passed over: a repeated request is answered as the first. @throws {HttpError} 400. */
function readIds(value: unknown): string[] {
  const isList = Array.isArray(value) && value.length > 0 && value.length <= MAX_DELETED;
  if (isList && value.every((id) => typeof id === "string")) return value;
  throw new HttpError(400, "bad_request", `traceIds is a list of 1 to ${MAX_DELETED} ids.`);
}

function listShape(projectId: string, trace: WholeTrace, groups: ReadonlySet<Group>): object {
  const { summary, observationIds, scoreIds } = trace;
  const nodeId = trace.root.id === traceNodeId(summary.traceId) && isTraceNode(trace.root) ? trace.root.id : null;
  return {
    ...select(traceShape(projectId, summary, trace), groups),
    observations: groups.has("observations") ? observationIds.filter((id) => id !== nodeId) : [],
    scores: groups.has("scores") ? scoreIds : [],
  };
}

/** Langfuse says -1 for metrics that were not asked for. */
function select(shape: ReturnType<typeof traceShape>, groups: ReadonlySet<Group>): object {
  const { input, output, metadata, latency, totalCost, ...core } = shape;
  return {
    ...core,
    ...(groups.has("io") && { input, output, metadata }),
    ...(groups.has("metrics") ? { latency, totalCost } : { latency: -1, totalCost: -1 }),
  };
}

function readGroups(query: Query): ReadonlySet<Group> {
  const words = query.list("fields") ?? GROUPS;
  return new Set(
    words.map((word) => {
      const group = GROUPS.find((candidate) => candidate === word);
      if (group === undefined) throw new HttpError(400, "bad_request", `fields are of ${GROUPS.join(", ")}.`);
      return group;
    }),
  );
}

const SORTS: Readonly<Record<string, Sort["field"]>> = {
  timestamp: "start",
  name: "name",
  latency: "duration",
  totalCost: "cost",
};
const UNSORTED = ["id", "userId", "release", "version", "public", "bookmarked", "sessionId"];

/** `field.asc` or `field.desc`. @throws {HttpError} 400, or 501 for a field that Langfuse sorts by and this server does not. */
function readSort(text: string | undefined): Sort | undefined {
  if (text === undefined) return undefined;
  const [name = "", direction = ""] = text.split(".");
  const field = Object.hasOwn(SORTS, name) ? SORTS[name] : undefined;
  if (UNSORTED.includes(name)) throw new HttpError(501, "not_implemented", `Traces are not sorted by ${name} here.`);
  if (field === undefined || !["asc", "desc"].includes(direction.toLowerCase())) {
    throw new HttpError(400, "bad_request", "orderBy is a field and a direction: timestamp.desc.");
  }
  return { field, descending: direction.toLowerCase() === "desc" };
}
