import { randomUUID } from "node:crypto";
import { asObject, asObjects, asString, type JsonObject } from "../json.ts";
import { PAGE_FIELDS, PROJECT_ID, byCursor, newestFirst, nowText, numbered, readQuery, type Route } from "./context.ts";
import {
  ApiRefusal,
  anything,
  check,
  filledText,
  maybe,
  matches,
  notFound,
  number,
  object,
  oneOf,
  record,
  text,
  time,
  whole,
  type Shape,
} from "./shape.ts";
import type { LangfuseApiData } from "./types.ts";

const valueShapes: Record<string, Shape> = {
  NUMERIC: number,
  BOOLEAN: oneOf(0, 1),
  CATEGORICAL: text,
  TEXT: matches(/^[^]{1,500}$/),
};
const untyped: Shape = (value, path) =>
  typeof value === "string" || typeof value === "number" ? [] : [`${path}: expected string or number`];

function readScoreBody(value: unknown): JsonObject {
  const body = check(
    object({
      id: maybe(text),
      name: filledText,
      traceId: maybe(text),
      sessionId: maybe(text),
      observationId: maybe(text),
      datasetRunId: maybe(text),
      comment: maybe(text),
      metadata: maybe(record),
      environment: maybe(text),
      configId: maybe(text),
      dataType: maybe(oneOf(...Object.keys(valueShapes))),
      source: maybe(oneOf("API", "ANNOTATION")),
      value: valueShapes[asString(asObject(value)["dataType"])] ?? untyped,
    }),
    value,
  );
  const targets = ["traceId", "sessionId", "datasetRunId"].filter((key) => typeof body[key] === "string");
  if (targets.length !== 1)
    throw new ApiRefusal(400, "Invalid request data", ["exactly one of traceId, sessionId, datasetRunId"]);
  if (typeof body["observationId"] === "string" && typeof body["traceId"] !== "string") {
    throw new ApiRefusal(400, "Invalid request data", ["observationId needs traceId"]);
  }
  return body;
}

function keepScore(data: LangfuseApiData, body: JsonObject, timestamp: unknown): string {
  const id = typeof body["id"] === "string" && body["id"] !== "" ? body["id"] : randomUUID();
  const value = body["value"];
  const now = nowText();
  data.scores.set(id, {
    id,
    projectId: PROJECT_ID,
    name: body["name"],
    dataType: body["dataType"] ?? (typeof value === "number" ? "NUMERIC" : "CATEGORICAL"),
    value,
    source: body["source"] ?? "API",
    comment: body["comment"] ?? null,
    metadata: body["metadata"] ?? {},
    configId: body["configId"] ?? null,
    traceId: body["traceId"] ?? null,
    observationId: body["observationId"] ?? null,
    sessionId: body["sessionId"] ?? null,
    environment: environmentOf(body["environment"]),
    timestamp: typeof timestamp === "string" ? timestamp : now,
    createdAt: asString(data.scores.get(id)?.["createdAt"], now),
    updatedAt: now,
  });
  return id;
}

/** Langfuse's rule: lower case, not its own name, at most 40 characters. */
function environmentOf(value: unknown): string {
  const name = asString(value)
    .toLowerCase()
    .replace(/^langfuse/, "")
    .slice(0, 40);
  return /^[a-z0-9_-]+$/.test(name) ? name : "default";
}

/** As the newer route tells it: one value of the type's own kind, and what was scored as a subject. */
function newerScore(score: JsonObject, groups: readonly string[]): JsonObject {
  const { comment, metadata, configId, traceId, observationId, sessionId, value, ...core } = score;
  const subject =
    observationId !== null
      ? { kind: "observation", id: observationId, traceId }
      : traceId === null
        ? { kind: "session", id: sessionId }
        : { kind: "trace", id: traceId };
  return {
    ...core,
    value: score["dataType"] === "BOOLEAN" ? value === 1 : value,
    ...(groups.includes("details") && { details: { comment, configId, metadata } }),
    ...(groups.includes("subject") && { subject }),
    ...(groups.includes("annotation") && { annotation: { authorUserId: null, queueId: null } }),
  };
}

/** As the older routes tell it: `stringValue` for everything that is no number. */
function olderScore(score: JsonObject): JsonObject {
  const { value, ...rest } = score;
  const dataType = score["dataType"];
  if (dataType === "NUMERIC") return { ...rest, value };
  if (dataType === "BOOLEAN") return { ...rest, value, stringValue: value === 1 ? "True" : "False" };
  return { ...rest, value: null, stringValue: value };
}

const FILTERS = ["name", "source", "dataType", "environment", "configId", "traceId", "sessionId", "observationId"];

function found(data: LangfuseApiData, query: JsonObject): JsonObject[] {
  const from = Date.parse(asString(query["fromTimestamp"]));
  const to = Date.parse(asString(query["toTimestamp"]));
  const all = [...data.scores.values()].filter((score) => {
    const at = Date.parse(asString(score["timestamp"]));
    if (at < from || at >= to) return false;
    return FILTERS.every(
      (key) => query[key] === undefined || asString(query[key]).split(",").includes(asString(score[key])),
    );
  });
  return newestFirst(all, "timestamp");
}

const NEWER_QUERY = {
  ...Object.fromEntries([...FILTERS, "id", "cursor"].map((key) => [key, maybe(text)])),
  limit: maybe(whole(1, 100)),
  fields: maybe(matches(/^(core|details|subject|annotation)(,(core|details|subject|annotation))*$/)),
  fromTimestamp: maybe(time),
  toTimestamp: maybe(time),
};

export const scoreRoutes: readonly Route[] = [
  {
    method: "POST",
    pattern: /^\/api\/public\/scores$/,
    forScores: true,
    answer: ({ request, data }) => {
      const body = readScoreBody(request.body);
      return { status: 200, body: { id: keepScore(data, body, undefined) } };
    },
  },
  {
    method: "POST",
    pattern: /^\/api\/public\/ingestion$/,
    forScores: true,
    answer({ request, data }) {
      if (!Array.isArray(asObject(request.body)["batch"])) throw new ApiRefusal(400, "Invalid request data");
      const successes: unknown[] = [];
      const errors: unknown[] = [];
      for (const event of asObjects(asObject(request.body)["batch"])) {
        try {
          check(object({ id: filledText, timestamp: time, type: oneOf("score-create"), body: anything }), event);
          keepScore(data, readScoreBody(event["body"]), event["timestamp"]);
          successes.push({ id: event["id"], status: 201 });
        } catch (error) {
          if (!(error instanceof ApiRefusal)) throw error;
          errors.push({ id: event["id"], status: error.status, ...error.body });
        }
      }
      return { status: 207, body: { successes, errors } };
    },
  },
  {
    method: "DELETE",
    pattern: /^\/api\/public\/scores\/([^/]+)$/,
    answer({ data, parts }) {
      if (!data.scores.delete(parts[0]!)) throw notFound("Score not found");
      return { status: 200, body: { message: "Score deletion queued successfully" } };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/v3\/scores$/,
    version: 4,
    answer({ request, data }) {
      const query = readQuery(request, NEWER_QUERY, true);
      if (query["observationId"] !== undefined && query["traceId"] === undefined) {
        throw new ApiRefusal(400, "Invalid request data", ["observationId filter requires traceId"]);
      }
      if (query["traceId"] !== undefined && query["sessionId"] !== undefined) {
        throw new ApiRefusal(400, "Invalid request data", ["At most one of traceId, sessionId may be specified"]);
      }
      const groups = asString(query["fields"], "core").split(",");
      const ids = query["id"] === undefined ? undefined : asString(query["id"]).split(",");
      const all = found(data, query).filter((score) => ids === undefined || ids.includes(asString(score["id"])));
      const page = byCursor(all, query);
      const meta = { limit: Number(query["limit"] ?? 50), ...(page.cursor !== undefined && { cursor: page.cursor }) };
      return { status: 200, body: { data: page.data.map((score) => newerScore(score, groups)), meta } };
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/v2\/scores$/,
    version: 3,
    answer({ request, data }) {
      const query = readQuery(request, PAGE_FIELDS);
      return numbered(found(data, query).map(olderScore), query);
    },
  },
  {
    method: "GET",
    pattern: /^\/api\/public\/v2\/scores\/([^/]+)$/,
    version: 3,
    answer({ data, parts }) {
      const score = data.scores.get(parts[0]!);
      if (score === undefined) throw notFound("Score not found within authorized project");
      return { status: 200, body: olderScore(score) };
    },
  },
];
export { olderScore };
