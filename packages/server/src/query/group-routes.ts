import type { Context, Hono } from "hono";
import { promisify } from "node:util";
import { constants, gzip } from "node:zlib";
import type { MetricDimension } from "../api/metrics.ts";
import { isLoopback } from "../host-guard.ts";
import { clientAddress } from "../http/client.ts";
import { HttpError } from "../http/errors.ts";
import { projectOf } from "../http/project.ts";
import { Query } from "../http/query.ts";
import type { ChangeBus } from "../live/bus.ts";
import { parseTextPattern } from "../search/text.ts";
import { deleteTraces } from "../store/retention.ts";
import type { Store } from "../store/store.ts";
import { LIST_PARAMETERS, answerList, readPage, readSelection, readWhole } from "./list-params.ts";
import type { MetricOptions } from "./metrics/report.ts";

const DIMENSIONS: readonly MetricDimension[] = [
  "model",
  "provider",
  "name",
  "type",
  "user",
  "environment",
  "session",
  "release",
  "traceName",
];

const DEFAULT_RANGE_MS = 24 * 3_600_000;
const MAX_RANGE_MS = 3 * 366 * 24 * 3_600_000;
const gzipAsync = promisify(gzip);

/** Below this, compressing takes longer than sending. */
const MIN_GZIP_BYTES = 16 * 1024;

/** What the viewer reads across traces, a trace as a whole, and its deletion. */
export function mountGroupRoutes(app: Hono, store: Store, bus: ChangeBus): void {
  app.get("/api/sessions", (context) =>
    answerList(context, async () => {
      onlyByStart(context);
      const options = { ...readSelection(context, "traces", LIST_PARAMETERS), ...readPage(context) };
      return context.json(await store.listSessions(projectOf(context), options));
    }),
  );
  app.get("/api/sessions/:sessionId", (context) => answerSession(context, store, context.req.param("sessionId")));
  // Telemetry may call a session "." or "..", which no path can name.
  app.get("/api/session", (context) => {
    const id = new Query(context).only("id").text("id");
    if (id === undefined) throw new HttpError(400, "bad_request", "id is needed.");
    return answerSession(context, store, id);
  });
  app.get("/api/users", (context) =>
    answerList(context, async () => {
      onlyByStart(context);
      const options = { ...readSelection(context, "traces", LIST_PARAMETERS), ...readPage(context) };
      return context.json(await store.listUsers(projectOf(context), options));
    }),
  );
  app.get("/api/metrics", (context) =>
    answerList(context, async () => {
      const { filter, from, to } = readSelection(context, "observations", ["by", "buckets", "top"]);
      return context.json(
        await store.readMetrics(projectOf(context), readMetricOptions(context, from, to), { filter }),
      );
    }),
  );
  app.get("/api/traces/:traceId/skeleton", (context) => answerSkeleton(context, store, context.req.param("traceId")));
  app.get("/api/traces/:traceId/find", async (context) => {
    const text = new Query(context).only("q").raw("q") ?? "";
    // `null`: nothing was typed yet, or nothing that is a word.
    const pattern = parseTextPattern(text.replace(/^"(.*)"$/s, "$1"));
    const found = await store.findInTrace(projectOf(context), context.req.param("traceId"), pattern);
    if (found === null) throw new HttpError(404, "not_found", "There is no trace with this id.");
    return context.json(found);
  });
  app.delete("/api/traces/:traceId", async (context) => {
    const projectId = projectOf(context);
    const traceId = context.req.param("traceId");
    const deleted = await deleteTraces(store, projectId, [traceId]);
    if (deleted === 0) throw new HttpError(404, "not_found", "There is no trace with this id.");
    bus.publish(projectId, [traceId]);
    return context.body(null, 204);
  });
}

async function answerSession(context: Context, store: Store, sessionId: string): Promise<Response> {
  const session = await store.getSession(projectOf(context), sessionId);
  if (session === null) throw new HttpError(404, "not_found", "There is no session with this id.");
  return context.json(session);
}

function onlyByStart(context: Context): void {
  const sort = new Query(context).raw("sort") ?? "-start";
  if (sort !== "-start") throw new HttpError(400, "bad_sort", "This list is sorted by -start only: the newest first.");
}

function readMetricOptions(context: Context, from: number | undefined, to = Date.now()): MetricOptions {
  const start = from ?? to - DEFAULT_RANGE_MS;
  if (start >= to || to - start > MAX_RANGE_MS) {
    throw new HttpError(400, "bad_request", "from lies before to, at most three years.");
  }
  const by = new Query(context).text("by") ?? null;
  const dimension = by === null ? null : (DIMENSIONS.find((name) => name === by) ?? undefined);
  if (dimension === undefined) throw new HttpError(400, "bad_request", `by is one of ${DIMENSIONS.join(", ")}.`);
  const buckets = readWhole(context, "buckets", 60, 400);
  return { from: start, to, by: dimension, buckets, top: readWhole(context, "top", 10, 100) };
}

async function answerSkeleton(context: Context, store: Store, traceId: string): Promise<Response> {
  const json = await store.readSkeleton(projectOf(context), traceId);
  if (json === null) throw new HttpError(404, "not_found", "There is no trace with this id.");
  const headers = { "Content-Type": "application/json", Vary: "Accept-Encoding" };
  const takesGzip = /\bgzip\b/.test(context.req.header("accept-encoding") ?? "");
  if (!takesGzip || isOnThisMachine(context) || json.byteLength < MIN_GZIP_BYTES)
    return context.body(json, 200, headers);
  const packed = await gzipAsync(json, { level: constants.Z_BEST_SPEED });
  return context.body(new Uint8Array(packed), 200, { ...headers, "Content-Encoding": "gzip" });
}

/** There, sending the bytes takes less than compressing them. A proxy on this machine speaks for somebody farther away. */
function isOnThisMachine(context: Context): boolean {
  const isForwarded = FORWARDED.some((name) => context.req.header(name) !== undefined);
  return !isForwarded && isLoopback(clientAddress(context).replace(/^::ffff:/, ""));
}

const FORWARDED = ["forwarded", "x-forwarded-for", "via"];
