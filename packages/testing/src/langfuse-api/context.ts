import { asString, type JsonObject } from "../json.ts";
import { check, maybe, object, whole, type Shape } from "./shape.ts";
import type { LangfuseApiData, LangfuseApiRequest } from "./types.ts";

export const PROJECT_ID = "project-1";

/** What a route works with. */
export interface RouteContext {
  request: LangfuseApiRequest;
  data: LangfuseApiData;
  version: 3 | 4;
  /** The variable parts of the path, decoded. */
  parts: readonly string[];
}

export interface Reply {
  status: number;
  body?: unknown;
}

export interface Route {
  method: string;
  /** One capture group for each variable part. */
  pattern: RegExp;
  /** Versions that have it; both when left out. */
  version?: 3 | 4 | undefined;
  /** A public key alone will do. */
  forScores?: boolean | undefined;
  answer(context: RouteContext): Reply;
}

/** The query as an object; what is repeated is joined by commas. @throws ApiRefusal */
export function readQuery(request: LangfuseApiRequest, fields: Record<string, Shape>, strict = false): JsonObject {
  const query: JsonObject = {};
  for (const key of new Set(request.query.keys())) query[key] = request.query.getAll(key).join(",");
  return check(object(fields, { strict }), query);
}

export const PAGE_FIELDS = { page: maybe(whole(1, 1e9)), limit: maybe(whole(1, 100)) };

/** A page counted from 1, 50 items by default. */
export function numbered(all: readonly JsonObject[], query: JsonObject): Reply {
  const page = Number(query["page"] ?? 1);
  const limit = Number(query["limit"] ?? 50);
  const data = all.slice((page - 1) * limit, page * limit);
  const meta = { page, limit, totalItems: all.length, totalPages: Math.ceil(all.length / limit) };
  return { status: 200, body: { data, meta } };
}

/** A page behind an opaque cursor, which is the position in Base64. */
export function byCursor(all: readonly JsonObject[], query: JsonObject): { data: JsonObject[]; cursor?: string } {
  const limit = Number(query["limit"] ?? 50);
  const from = query["cursor"] === undefined ? 0 : Number(Buffer.from(asString(query["cursor"]), "base64").toString());
  const to = from + limit;
  const data = all.slice(from, to);
  return to < all.length ? { data, cursor: Buffer.from(String(to)).toString("base64") } : { data };
}

export const newestFirst = (items: Iterable<JsonObject>, key = "createdAt"): JsonObject[] =>
  [...items].toReversed().sort((a, b) => asString(b[key]).localeCompare(asString(a[key])));

export const nowText = (): string => new Date().toISOString();
