// Serves dist/ and a generated dataset, with the headers of the real server: `node dev/mock-api.mjs [port] [--empty] [--live]`.
// `--live` adds a trace every 4 s. Without a port one is chosen and printed. `POST /dev/traces?traceId=` adds one, for tests.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { generateTraces, MEDIA, ragAgent } from "./mock-data.mjs";
import { BadQuery, density, facets, observationRows, page, QUERY_FIELDS, select, skeleton } from "./mock-query.mjs";

const DIST = fileURLToPath(new URL("../dist/", import.meta.url));
const TYPES = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml" };
// The policy of packages/server/src/static.ts.
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' data: blob:; " +
  "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

export function startMockApi({ port = 0, empty = false, dist = DIST } = {}) {
  const traces = empty ? [] : generateTraces(Date.now());
  const streams = new Set();

  const addTrace = (trace = ragAgent(10_000 + traces.length, Date.now(), "A new question, just asked")) => {
    traces.unshift(trace);
    for (const stream of streams) stream.write(`data: ${JSON.stringify({ traceIds: [trace.trace.traceId] })}\n\n`);
  };

  const api = (url) => {
    const { searchParams: params } = url;
    const [, , resource, traceId, part, id] = url.pathname.split("/");
    const target = params.get("target") ?? resource;
    const rows = () => (target === "observations" ? observationRows(traces) : traces.map(({ trace }) => trace));
    if (resource === "query") return [200, QUERY_FIELDS];
    if (resource === "facets") return [200, facets(rows(), params, target)];
    if (resource === "density") return [200, density(rows(), params, target)];
    if (resource === "observations") return [200, page(select(rows(), params, target), params)];
    if (resource !== "traces") return [404, { error: "not_found", message: "No such route." }];
    if (traceId === undefined) return [200, page(select(rows(), params, target), params)];
    const found = traces.find(({ trace }) => trace.traceId === traceId);
    if (found === undefined) return [404, { error: "not_found", message: "No such trace." }];
    if (part === undefined) {
      const observations = params.get("observations") === "none" ? [] : found.observations;
      return [200, { trace: found.trace, observations, scores: found.scores }];
    }
    if (part === "skeleton") return [200, skeleton(found)];
    if (part === "find") {
      const q = (params.get("q") ?? "").toLowerCase();
      const ids = found.observations
        .filter((o) =>
          JSON.stringify([o.name, found.details.get(o.id).input, found.details.get(o.id).output])
            .toLowerCase()
            .includes(q),
        )
        .map((o) => o.id);
      return [200, { ids, truncated: false }];
    }
    const detail = found.details.get(id);
    return detail === undefined ? [404, { error: "not_found", message: "No such observation." }] : [200, detail];
  };

  const serve = async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      response.write(": open\n\n");
      streams.add(response);
      request.on("close", () => streams.delete(response));
      return;
    }
    if (url.pathname === "/dev/traces" && request.method === "POST") {
      const traceId = url.searchParams.get("traceId") ?? undefined;
      const question = "A new question, just asked";
      const trace = ragAgent(10_000 + traces.length, Date.now(), question, traceId === undefined ? {} : { traceId });
      addTrace(trace);
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(trace.trace));
      return;
    }
    if (url.pathname.startsWith("/api/media/")) {
      const media = MEDIA.get(url.pathname.slice("/api/media/".length));
      response.writeHead(media === undefined ? 404 : 200, {
        "content-type": media?.contentType ?? "application/json",
        "content-security-policy": "sandbox; default-src 'none'",
        "x-content-type-options": "nosniff",
      });
      response.end(request.method === "HEAD" ? undefined : (media?.bytes ?? '{"error":"not_found"}'));
      return;
    }
    if (url.pathname.startsWith("/api/")) {
      let [status, body] = [400, null];
      try {
        [status, body] = api(url);
      } catch (error) {
        if (!(error instanceof BadQuery)) throw error;
        body = error.body;
      }
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
      return;
    }
    // Every address without a file is the application's own.
    const file = extname(url.pathname) === "" ? "index.html" : normalize(url.pathname).replace(/^(\.\.[/\\])+/, "");
    try {
      const content = await readFile(join(dist, file));
      response.writeHead(200, {
        "content-type": TYPES[extname(file)] ?? "application/octet-stream",
        "content-security-policy": CSP,
      });
      response.end(content);
    } catch {
      response.writeHead(404).end();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  return new Promise((resolve) => {
    server.listen(port, "127.0.0.1", () => {
      resolve({
        origin: `http://127.0.0.1:${server.address().port}`,
        traces,
        addTrace,
        close: () => {
          for (const stream of streams) stream.end();
          server.close();
        },
      });
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const args = process.argv.slice(2);
  const api = await startMockApi({
    port: Number(args.find((arg) => /^\d+$/.test(arg)) ?? 0),
    empty: args.includes("--empty"),
  });
  process.stdout.write(`${api.origin}\n`);
  if (args.includes("--live")) setInterval(() => api.addTrace(), 4_000);
}
