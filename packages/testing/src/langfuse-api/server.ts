import type { IncomingMessage, ServerResponse } from "node:http";
import { decompress, readBody } from "../http/body.ts";
import { delay } from "../http/delay.ts";
import { listen } from "../http/listen.ts";
import { RuleScript } from "../http/rules.ts";
import { parseJson } from "../json.ts";
import { decodeOtlp } from "../sink/decode-otlp.ts";
import type { Reply, Route } from "./context.ts";
import { datasetRoutes } from "./datasets.ts";
import { keepSpan, observationRoutes } from "./observations.ts";
import { scoreRoutes } from "./scores.ts";
import { ApiRefusal, notFound } from "./shape.ts";
import type { LangfuseApi, LangfuseApiData, LangfuseApiOptions, LangfuseApiRequest, LangfuseApiRule } from "./types.ts";

const MAX_BODY_BYTES = 16 * 1024 * 1024;
const routes: readonly Route[] = [...datasetRoutes, ...scoreRoutes, ...observationRoutes];

/**
 * Langfuse's public API in memory, on real HTTP: datasets, items, runs, scores, observations and traces, as strict about
 * shapes as its own schemas (https://github.com/langfuse/langfuse, `fern/apis/server/definition`). Observations come over
 * its OTLP route. Unlike Langfuse it has stored what it has answered.
 *
 * @example
 * const api = await createLangfuseApi({ keys });
 * const client = createClient({ baseUrl: api.url, ...keys });
 */
export async function createLangfuseApi(options: LangfuseApiOptions): Promise<LangfuseApi> {
  const { keys, version = 4 } = options;
  const basic = `Basic ${Buffer.from(`${keys.publicKey}:${keys.secretKey}`).toString("base64")}`;
  const bearer = `Bearer ${keys.publicKey}`;
  const script = new RuleScript<LangfuseApiRequest, LangfuseApiRule>();
  const requests: LangfuseApiRequest[] = [];
  const data: LangfuseApiData = {
    datasets: new Map(),
    items: new Map(),
    runs: new Map(),
    runItems: [],
    scores: new Map(),
    observations: new Map(),
  };

  function answer(request: LangfuseApiRequest, body: Buffer): Reply {
    const { method, path, headers } = request;
    const authorization = headers["authorization"];
    if (authorization !== basic && authorization !== bearer) throw new ApiRefusal(401, "Invalid credentials");
    if (method === "POST" && path === "/api/public/otel/v1/traces") {
      const format = headers["content-type"] === "application/json" ? "json" : "protobuf";
      for (const span of decodeOtlp(body, format).spans) keepSpan(data, span);
      return { status: 200 };
    }
    for (const route of routes) {
      const match = route.method === method ? route.pattern.exec(path) : null;
      if (match === null || (route.version ?? version) !== version) continue;
      if (authorization === bearer && route.forScores !== true) {
        throw new ApiRefusal(403, "Access denied: Bearer auth and org api keys are not allowed to access");
      }
      if (body.length > 0) request.body = parseJson(body.toString("utf8"));
      const parts = match.slice(1).map(decodeURIComponent);
      return route.answer({ request, data, version, parts });
    }
    throw notFound("Not Found");
  }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? "/", "http://api");
    const request: LangfuseApiRequest = {
      method: incoming.method ?? "",
      path: url.pathname,
      query: url.searchParams,
      headers: Object.fromEntries(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)])),
      body: undefined,
      status: 0,
    };
    requests.push(request);
    // As Langfuse does for pages of other origins.
    const cors = {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
      "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
    };
    if (request.method === "OPTIONS") return void response.writeHead((request.status = 204), cors).end();
    const wire = await readBody(incoming, MAX_BODY_BYTES);
    const body = await decompress(wire ?? Buffer.alloc(0), request.headers["content-encoding"], MAX_BODY_BYTES);
    const rule = script.take(request);
    await delay(rule?.delayMs ?? 0);
    if (rule?.reset === "before") return void incoming.socket.resetAndDestroy();
    let reply: Reply;
    try {
      reply =
        rule?.status === undefined ? answer(request, body) : { status: rule.status, body: { message: "scripted" } };
    } catch (error) {
      if (!(error instanceof ApiRefusal)) throw error;
      reply = { status: error.status, body: error.body };
    }
    if (rule?.reset === "after") return void incoming.socket.resetAndDestroy();
    request.status = reply.status;
    response.writeHead(reply.status, { "content-type": "application/json", ...cors, ...rule?.headers });
    response.end(rule?.body ?? (reply.body === undefined ? "" : JSON.stringify(reply.body)));
  }

  const listener = await listen(options.port ?? 0, "127.0.0.1", handle);
  return { url: listener.origin, requests, data, script: (rules) => script.set(rules), close: () => listener.close() };
}
