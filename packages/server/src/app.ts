import { Hono } from "hono";
import { getPath } from "hono/utils/url";
import { authenticate, type Guard } from "./auth/authenticate.ts";
import { mountLogin } from "./auth/login.ts";
import { mountDatasets } from "./datasets/routes.ts";
import { guardHost, guardOrigin, openCors } from "./host-guard.ts";
import { allowedMethods } from "./http/allowed-methods.ts";
import { limitConcurrency, limitRate, type RequestLimits } from "./http/limits.ts";
import { HttpError, answerError } from "./http/errors.ts";
import { explainError } from "./http/store-errors.ts";
import type { IngestContext } from "./ingest/context.ts";
import { listProjects, receiveScore } from "./ingest/langfuse-routes.ts";
import type { LangfuseBatches } from "./ingest/langfuse/receive.ts";
import { receiveOtlpTraces } from "./ingest/otlp-routes.ts";
import { SIGNAL_HINT } from "./ingest/otlp-span.ts";
import { answerOtlpError } from "./ingest/otlp-status.ts";
import { mountLangfuseRoutes } from "./langfuse/routes.ts";
import type { LiveStreams } from "./live/sse.ts";
import { answerMedia } from "./media/answer.ts";
import { MediaRoutes } from "./media/routes.ts";
import { checkProject, type KnownProjects } from "./http/known-projects.ts";
import { projectOf } from "./http/project.ts";
import { answerOpenApi } from "./openapi/routes.ts";
import { mountExport } from "./query/export/routes.ts";
import { mountGroupRoutes } from "./query/group-routes.ts";
import { mountQueryRoutes } from "./query/routes.ts";
import { mountScores } from "./scores/routes.ts";
import { mountSettings, type SettingsContext } from "./settings/routes.ts";
import { SECURITY_HEADERS, answerViewer } from "./static.ts";
import { VERSION } from "./version.ts";

export interface AppOptions {
  ingest: IngestContext;
  batches: LangfuseBatches;
  live: LiveStreams;
  /** Largest media, in bytes. */
  maxMediaBytes: number;
  /** Of a trace that is answered in one piece. */
  maxTraceObservations: number;
  /** True when only this machine can reach the server. */
  isLoopback: boolean;
  guard: Guard;
  projects: KnownProjects;
  limits: RequestLimits;
  settings: Omit<SettingsContext, "ingest" | "keys" | "projects">;
  /** What a reverse proxy serves everything under; "" for nothing. */
  basePath: string;
  /** The built viewer's folder, if there is one. */
  viewer: string | null;
  onError: (error: unknown) => void;
}

const TRACE_ROUTES = ["/v1/traces", "/api/public/otel/v1/traces"];
const SCORE_ROUTES = ["/api/public/ingestion", "/api/public/scores"];
const MEDIA_ROUTES = ["/api/public/media", "/api/public/media/*"];
const HEALTH_ROUTES = ["/api/health", "/api/public/health", "/api/public/ready"];

/**
 * Addresses are put together from what people configure, with a slash too many in the middle or at the end: they mean the same. Guards and
 * routes see the one path.
 */
function normalPath(request: Request, basePath: string): string {
  const given = getPath(request);
  const path =
    given.includes("//") || given.endsWith("/") ? given.replaceAll(/\/{2,}/g, "/").replace(/(?<=.)\/$/, "") : given;
  if (basePath === "" || (path !== basePath && !path.startsWith(`${basePath}/`))) return path;
  return path.slice(basePath.length) || "/";
}

/** OTLP's other signals: exporters of them are often on by default, and their log should say what to do. */
const OTHER_SIGNALS = ["logs", "metrics"].flatMap((signal) =>
  ["/v1", "/api/public/otel/v1"].map((prefix) => ({ signal, route: `${prefix}/${signal}` })),
);

const OTLP_ROUTES: ReadonlySet<string> = new Set([...TRACE_ROUTES, ...OTHER_SIGNALS.map(({ route }) => route)]);

/** What earlier servers of Langfuse took and this one does not, and where it goes instead. */
const SENT_ELSEWHERE: Readonly<Record<string, string>> = {
  "POST /api/public/traces": "Traces are sent to POST /api/public/ingestion, or as OTLP to POST /v1/traces.",
};

/** For senders whose endpoint lacks its path: it is told to the exporter, which logs it. */
const TRACES_HINT = "OTLP traces are sent to POST /v1/traces or /api/public/otel/v1/traces.";

const FAILED = "The server failed to answer; its log has the reason.";

/** All routes of the server and what guards them. */
export function createApp(options: AppOptions): Hono {
  const { ingest, batches, live, guard } = options;
  const media = new MediaRoutes(ingest, options.maxMediaBytes, options.basePath);
  const { basePath } = options;
  const app = new Hono({ getPath: (request) => normalPath(request, basePath) });

  app.onError((error, context) => {
    const known = explainError(error);
    if (known === null || known.status === 503) options.onError(error);
    const answer = OTLP_ROUTES.has(context.req.path) ? answerOtlpError : answerError;
    return answer(context, known ?? new HttpError(500, "internal", FAILED));
  });
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) {
      // Media come with a stricter policy of their own.
      if (!context.res.headers.has(name)) context.header(name, value);
    }
    // Nobody reads this body: a stream of events would stay open for good, and so would a file.
    if (context.req.raw.method === "HEAD") await context.res.body?.cancel();
    const location = context.res.headers.get("Location");
    if (basePath !== "" && location?.startsWith("/") === true && !location.startsWith(`${basePath}/`))
      context.header("Location", basePath + location);
  });
  app.use(guardHost(options.isLoopback));

  for (const route of HEALTH_ROUTES) {
    app.get(route, (context) => context.json({ status: "OK", version: VERSION, name: "spanwise" }));
  }

  for (const route of [...TRACE_ROUTES, ...SCORE_ROUTES, ...MEDIA_ROUTES]) app.use(route, openCors());
  for (const route of [...TRACE_ROUTES, ...SCORE_ROUTES]) app.use(route, ingest.monitor.watch());
  app.use(limitConcurrency(options.limits.maxConcurrent));
  const limit = limitRate(options.limits.maxPerSecond);
  mountLogin(app, guard);
  const check = checkProject(options.projects);
  for (const route of SCORE_ROUTES) app.use(route, authenticate(guard, { allowPublicKey: true }), limit, check);
  app.post("/api/public/ingestion", (context) => batches.receive(context));
  app.post("/api/public/scores", (context) => receiveScore(context, ingest));

  // Signed addresses are their own credentials.
  app.put("/api/public/media/upload/:ticket", (context) => media.upload(context, context.req.param("ticket")));
  app.get("/api/public/media/download/:ticket", guardOrigin(), (context) =>
    media.download(context, context.req.param("ticket")),
  );

  // From here on everything wants keys, where they are asked for.
  app.use(authenticate(guard), limit);
  for (const route of ["/api/*", "/v1/*"]) app.use(route, check);
  for (const route of TRACE_ROUTES) {
    app.post(route, (context) => receiveOtlpTraces(context, ingest));
    app.all(route, () => {
      throw new HttpError(405, "method_not_allowed", "Traces are sent with POST.", { Allow: "POST, OPTIONS" });
    });
  }
  for (const { signal, route } of OTHER_SIGNALS) {
    app.all(route, () => {
      const variable = `OTEL_${signal.toUpperCase()}_EXPORTER`;
      throw new HttpError(404, "not_found", `${SIGNAL_HINT}: set ${variable}=none.`);
    });
  }
  app.post("/api/public/media", (context) => media.announce(context));
  app.patch("/api/public/media/:id", (context) => media.report(context, context.req.param("id")));

  app.use("/api/*", guardOrigin());
  app.get("/api/public/projects", (context) => listProjects(context, ingest));
  mountLangfuseRoutes(app, ingest, media, options.maxTraceObservations);
  mountDatasets(app, ingest);
  mountScores(app, ingest);
  app.get("/api/public/media/:id", (context) => media.describe(context, context.req.param("id")));
  app.get("/api/media/:id", (context) =>
    answerMedia(context, ingest.store, projectOf(context), context.req.param("id")),
  );
  mountQueryRoutes(app, ingest.store, options.maxTraceObservations);
  mountGroupRoutes(app, ingest.store, ingest.bus);
  mountExport(app, ingest.store);
  mountSettings(app, { ...options.settings, ingest, keys: guard.keys, projects: options.projects });
  app.get("/api/openapi.json", answerOpenApi);
  app.get("/api/events", (context) =>
    live.answer(context, { projectId: projectOf(context), traceId: context.req.query("trace") }),
  );
  for (const route of ["/api", "/api/*", "/v1/*"]) {
    app.all(route, ({ req }) => {
      const allowed = allowedMethods(app, req.path).join(", ");
      if (allowed === "") {
        throw new HttpError(
          404,
          "not_found",
          `There is no such route.${req.method === "POST" ? ` ${TRACES_HINT}` : ""}`,
        );
      }
      const reason =
        SENT_ELSEWHERE[`${req.method} ${req.path}`] ?? `${req.method} is not served here, only ${allowed}.`;
      throw new HttpError(405, "method_not_allowed", reason, { Allow: allowed });
    });
  }

  // Addresses that Langfuse's SDKs give for a trace.
  app.get("/project/:project/traces/:traceId", (context) => {
    const { project, traceId } = context.req.param();
    return context.redirect(`/p/${encodeURIComponent(project)}/traces/${encodeURIComponent(traceId)}`);
  });
  app.get("/trace/:traceId", (context) => context.redirect(`/t/${encodeURIComponent(context.req.param("traceId"))}`));
  // The SDKs print this short address; they do not know the project.
  app.get("/t/:traceId", (context) =>
    context.redirect(
      `/p/${encodeURIComponent(projectOf(context))}/traces/${encodeURIComponent(context.req.param("traceId"))}`,
    ),
  );
  app.get("*", (context) => answerViewer(context, options.viewer, basePath));
  app.all("*", () => {
    throw new HttpError(405, "method_not_allowed", `Only GET is served here. ${TRACES_HINT}`);
  });
  return app;
}
