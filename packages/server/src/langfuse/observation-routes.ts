import type { Hono } from "hono";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import { notFound } from "../http/store-errors.ts";
import type { IngestContext } from "../ingest/context.ts";
import { isTraceNode } from "../ingest/langfuse/patch.ts";
import type { QueryNode } from "../query/language/ast.ts";
import { readConditions } from "./filters/parameters.ts";
import { numberedAnswer, readPage } from "./page.ts";
import { OBSERVATION_GROUPS, newerObservation, olderObservation, type ObservationGroup } from "./shapes/observation.ts";

const FILTERS = [
  "traceId",
  "name",
  "type",
  "level",
  "userId",
  "sessionId",
  "version",
  "environment",
  "parentObservationId",
  "fromStartTime",
  "toStartTime",
  "filter",
];
const NEWER_PARAMETERS = [
  ...FILTERS,
  "isRootObservation",
  "fields",
  "expandMetadata",
  "limit",
  "cursor",
  "parseIoAsJson",
];
const OLDER_PARAMETERS = [...FILTERS, "page", "limit"];

const MAX_NEWER_PAGE = 1000;
const DEFAULT_NEWER_PAGE = 50;
/** A page with larger payloads ends early; its cursor goes on from there. 32 Mi characters. */
const MAX_PAGE_CHARS = 32 * 1024 * 1024;

/** Rows that stand for traces are no observations to the older routes: roots, under a name that clients give to nothing else. */
const NO_TRACE_NODES: QueryNode = {
  kind: "not",
  node: {
    kind: "and",
    nodes: [
      { kind: "flag", field: { name: "root", key: null }, value: true },
      { kind: "match", field: { name: "id", key: null }, value: "t-*", wildcard: true },
    ],
  },
};

/** Reading observations, by both generations of Langfuse's API. */
export function mountObservationRoutes(app: Hono, { store }: IngestContext): void {
  app.get("/api/public/v2/observations", async (context) => {
    const query = new Query(context).only(...NEWER_PARAMETERS);
    if (query.flag("parseIoAsJson") === true) {
      throw new HttpError(400, "bad_request", "parseIoAsJson is no more: input and output are always text here.");
    }
    const groups = new Set((query.list("fields") ?? ["core", "basic"]).map(readGroup));
    const projectId = projectOf(context);
    const options = {
      filter: readConditions("observations", query),
      limit: query.whole("limit", 1, MAX_NEWER_PAGE, DEFAULT_NEWER_PAGE),
      cursor: query.text("cursor"),
      maxPayloadChars: MAX_PAGE_CHARS,
    };
    const { data, nextCursor } = await store.selectObservations(projectId, options);
    const expanded = query.list("expandMetadata") ?? [];
    return context.json({
      data: data.map(({ row, trace }) =>
        newerObservation(projectId, row, { ...trace, traceName: trace.name }, groups, expanded),
      ),
      meta: nextCursor === null ? {} : { cursor: nextCursor },
    });
  });

  app.get("/api/public/observations", async (context) => {
    const query = new Query(context).only(...OLDER_PARAMETERS);
    const projectId = projectOf(context);
    const page = readPage(query);
    const asked = readConditions("observations", query);
    const filter: QueryNode = { kind: "and", nodes: asked === null ? [NO_TRACE_NODES] : [asked, NO_TRACE_NODES] };
    const [{ data }, total] = await Promise.all([
      store.selectObservations(projectId, { filter, limit: page.limit, offset: page.offset }),
      store.countSelected(projectId, "observations", { filter }),
    ]);
    const shapes = data.map(({ row, trace }) => olderObservation(row, trace.environment));
    return context.json(numberedAnswer({ data: shapes, total }, page));
  });

  app.get("/api/public/observations/:id", async (context) => {
    const value = context.req.param("id");
    const filter: QueryNode = { kind: "match", field: { name: "id", key: null }, value, wildcard: false };
    const { data } = await store.selectObservations(projectOf(context), { filter, limit: 1 });
    const [found] = data;
    if (found === undefined || isTraceNode(found.row))
      throw notFound("Observation not found within authorized project.");
    return context.json(olderObservation(found.row, found.trace.environment));
  });
}

function readGroup(word: string): ObservationGroup {
  const group = OBSERVATION_GROUPS.find((candidate) => candidate === word);
  if (group !== undefined) return group;
  throw new HttpError(400, "bad_request", `fields are of ${OBSERVATION_GROUPS.join(", ")}.`);
}
