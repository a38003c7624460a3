import { asObject, asObjects, asString, isObject } from "../json.ts";
import { encodeOtlpResponse } from "./decode-otlp.ts";
import type { SinkOptions, SinkRequest, SinkScore } from "./sink-types.ts";

export interface SinkReply {
  status: number;
  headers: Record<string, string>;
  body: string | Uint8Array;
}

export const isOtlpPath = (path: string): boolean => path.endsWith("/v1/traces");

export function jsonReply(status: number, value: unknown): SinkReply {
  return { status, headers: { "content-type": "application/json" }, body: JSON.stringify(value) };
}

/** What a healthy backend answers. */
export function route(request: SinkRequest, origin: string, options: SinkOptions): SinkReply {
  const { method, path } = request;
  if (method === "POST" && isOtlpPath(path)) return traces(request, options);
  if (method === "POST" && path === "/api/public/ingestion") return ingestion(request.json);
  if (method === "POST" && path === "/api/public/scores") {
    if (!isScore(request.json)) return jsonReply(400, { message: "Invalid request data" });
    return jsonReply(200, { id: request.json["id"] ?? "score-without-id" });
  }
  if (method === "GET" && path === "/api/public/health") {
    return jsonReply(200, { status: "OK", version: options.langfuseVersion ?? "4.0.0" });
  }
  if (method === "POST" && path === "/api/public/media") {
    const sha256Hash = asString(asObject(request.json)["sha256Hash"]);
    // Langfuse's rule: the first 22 characters of the URL-safe base64 of the hash.
    const mediaId = sha256Hash.replaceAll("+", "-").replaceAll("/", "_").slice(0, 22);
    return jsonReply(201, { mediaId, uploadUrl: `${origin}/upload/${mediaId}` });
  }
  if (method === "PUT" && path.startsWith("/upload/")) return { status: 200, headers: {}, body: "" };
  if (method === "PATCH" && path.startsWith("/api/public/media/")) return { status: 204, headers: {}, body: "" };
  return jsonReply(404, { message: `No route ${method} ${path}` });
}

export function partialSuccessReply(request: SinkRequest, rejectedSpans: number, errorMessage: string): SinkReply {
  if (isJson(request)) {
    return jsonReply(200, { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } });
  }
  return protobufReply(encodeOtlpResponse({ rejectedSpans, errorMessage }));
}

/** The scores a request carries, from either of the two routes. */
export function scoresOf(request: SinkRequest): SinkScore[] {
  if (request.path === "/api/public/scores") return isScore(request.json) ? [request.json] : [];
  if (request.path !== "/api/public/ingestion") return [];
  return batchOf(request.json)
    .filter((event) => event["type"] === "score-create" && isAcceptedEvent(event))
    .map((event) => event["body"])
    .filter(isScore);
}

export function isJson(request: SinkRequest): boolean {
  return (request.headers["content-type"] ?? "").startsWith("application/json");
}

function traces(request: SinkRequest, options: SinkOptions): SinkReply {
  if (request.otlp === undefined) return jsonReply(400, { message: request.decodeError ?? "empty body" });
  if (options.strictIds !== false) {
    const bad = request.otlp.spans.find(
      (span) =>
        !/^[0-9a-f]{32}$/.test(span.traceId) ||
        !/^[0-9a-f]{16}$/.test(span.spanId) ||
        (span.parentSpanId !== undefined && !/^[0-9a-f]{16}$/.test(span.parentSpanId)),
    );
    if (bad !== undefined) return jsonReply(400, { message: `Invalid span ids: ${bad.traceId}/${bad.spanId}` });
  }
  return isJson(request) ? jsonReply(200, {}) : protobufReply(encodeOtlpResponse());
}

function protobufReply(body: Uint8Array): SinkReply {
  return { status: 200, headers: { "content-type": "application/x-protobuf" }, body };
}

/** Langfuse 4 in its default mode keeps scores only and refuses every other event of the v2 batch. */
function ingestion(json: unknown): SinkReply {
  if (!Array.isArray(asObject(json)["batch"])) {
    return jsonReply(400, { message: "Invalid request data" });
  }
  const successes: unknown[] = [];
  const errors: unknown[] = [];
  for (const event of batchOf(json)) {
    if (isAcceptedEvent(event)) successes.push({ id: event["id"], status: 201 });
    else errors.push({ id: event["id"] ?? null, status: 400, message: "Invalid request data" });
  }
  return jsonReply(207, { successes, errors });
}

function isAcceptedEvent(event: Record<string, unknown>): boolean {
  const { body } = event;
  const hasEnvelope = typeof event["id"] === "string" && !Number.isNaN(Date.parse(String(event["timestamp"])));
  if (!hasEnvelope) return false;
  return (event["type"] === "sdk-log" && isObject(body)) || (event["type"] === "score-create" && isScore(body));
}

function batchOf(json: unknown): Record<string, unknown>[] {
  return asObjects(asObject(json)["batch"]);
}

function isScore(value: unknown): value is SinkScore {
  return isObject(value) && typeof value["name"] === "string";
}
