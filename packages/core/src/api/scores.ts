import { scoreBody } from "../exporters/score-event.ts";
import type { ScoreRecord } from "../model/record.ts";
import type { ScoreDataType, ScoreInput, ScoreTarget } from "../model/types.ts";
import { toScoreRecord } from "../tracer/score.ts";
import type { RequestOptions } from "./datasets.ts";
import { ApiError, orNotFound } from "./errors.ts";
import { RouteChoice } from "./fallback.ts";
import type { HttpClient } from "./http-client.ts";
import { Listing, cursorPage, numberedPage, type ListOptions, type Page } from "./listing.ts";
import { textOf } from "./read-observation.ts";
import type { Score } from "./types.ts";

export interface ScoreListOptions extends ListOptions {
  traceId?: string | undefined;
  /** Needs `traceId` beside it on newer servers. */
  observationId?: string | undefined;
  sessionId?: string | undefined;
  name?: string | undefined;
  dataType?: ScoreDataType | undefined;
  source?: Score["source"] | undefined;
  environment?: string | undefined;
  configId?: string | undefined;
  fromTimestamp?: Date | undefined;
  toTimestamp?: Date | undefined;
}

export interface Scores {
  /**
   * Sends one score and waits for the backend's word. The same `id` again updates it.
   * @throws ApiError with code `BAD_REQUEST` for a score that no backend takes; nothing is sent then.
   */
  create(score: ScoreInput & ScoreTarget, options?: RequestOptions): Promise<{ id: string }>;
  /** @throws NotFoundError also while the backend has not stored it yet: seconds, for Langfuse. */
  get(id: string, options?: RequestOptions): Promise<Score>;
  /** Newest first. */
  list(options?: ScoreListOptions): Listing<Score>;
  delete(id: string, options?: RequestOptions): Promise<void>;
}

const CREATE = "/api/public/scores";
const NEWER = "/api/public/v3/scores";
const OLDER = "/api/public/v2/scores";
/** By default the newer route tells neither the comment nor what was scored. */
const ALL_FIELDS = "core,details,subject,annotation";

export function createScores(
  http: HttpClient,
  environment: string,
  mask: (record: ScoreRecord) => ScoreRecord | Promise<ScoreRecord>,
): Scores {
  const choice = new RouteChoice();
  return {
    async create(score, { signal } = {}) {
      const record = toScoreRecord(score, score, environment);
      if ("invalid" in record) throw new ApiError(record.invalid, { code: "BAD_REQUEST" });
      // The record has an id whether the caller gave one or not, so that repeating it is safe.
      const masked = await mask(record);
      await http.request({ method: "POST", path: CREATE, body: scoreBody(masked), signal });
      return { id: masked.id };
    },
    get: (id, { signal } = {}) =>
      choice
        .run(
          async () => {
            const query = { id, fields: ALL_FIELDS };
            const { data } = cursorPage(await http.request({ path: NEWER, query, signal }), readScore);
            return data.find((score) => score.id === id);
          },
          async () => {
            const path = `${OLDER}/${encodeURIComponent(id)}`;
            return readScore(await http.request({ path, signal }));
          },
        )
        .then(orNotFound("score", id)),
    list: (options = {}) => {
      const { signal, limit, ...filters } = options;
      const fetchPage = (cursor: string | undefined): Promise<Page<Score>> =>
        choice.run(
          async () => {
            const query = { ...filters, fields: ALL_FIELDS, limit, cursor };
            return cursorPage(await http.request({ path: NEWER, query, signal }), readScore);
          },
          async () => {
            const query = { ...filters, limit, cursor: undefined, page: cursor };
            return numberedPage(await http.request({ path: OLDER, query, signal }), readScore);
          },
        );
      return new Listing(fetchPage, options.cursor);
    },
    async delete(id, { signal } = {}) {
      await http.request({ method: "DELETE", path: `${CREATE}/${encodeURIComponent(id)}`, signal });
    },
  };
}

interface Subject {
  kind?: string;
  id?: string;
  traceId?: string;
}

/** A score of `/api/public/v3/scores`, or of the older routes, which split its value by type. */
export function readScore(item: unknown): Score {
  const raw = Object(item) as Record<string, unknown>;
  const details = Object(raw["details"] ?? raw) as Record<string, unknown>;
  const subject = Object(raw["subject"]) as Subject;
  const idOf = (kind: string): string | null => (subject.kind === kind ? (subject.id ?? null) : null);
  const dataType = (textOf(raw, "dataType") ?? "NUMERIC") as Score["dataType"];
  return {
    id: textOf(raw, "id") ?? "",
    name: textOf(raw, "name") ?? "",
    dataType,
    value: valueOf(raw, dataType),
    source: (textOf(raw, "source") ?? "API") as Score["source"],
    comment: textOf(details, "comment"),
    metadata: (details["metadata"] ?? null) as Score["metadata"],
    configId: textOf(details, "configId"),
    traceId: textOf(raw, "traceId") ?? subject.traceId ?? idOf("trace"),
    observationId: textOf(raw, "observationId") ?? idOf("observation"),
    sessionId: textOf(raw, "sessionId") ?? idOf("session"),
    environment: textOf(raw, "environment"),
    timestamp: textOf(raw, "timestamp") ?? "",
  };
}

function valueOf(raw: Record<string, unknown>, dataType: Score["dataType"]): Score["value"] {
  const { value, stringValue } = raw;
  if (dataType === "BOOLEAN") return value === true || value === 1;
  if (dataType === "NUMERIC") return Number(value);
  return typeof value === "string" ? value : typeof stringValue === "string" ? stringValue : "";
}
