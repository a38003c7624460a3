import type { ObservationSummary, RowScore, Score, Totals, TraceSummary } from "./types.ts";

/**
 * What every list takes. `q` is the query language of `docs/query-language.md`; a clause that is not understood is answered with
 * 400 and a {@link QueryErrorResponse}, never ignored.
 */
export interface ListQuery {
  project?: string;
  q?: string;
  /** Epoch milliseconds; half-open: from <= start < to. */
  from?: number;
  to?: number;
  /** A field of the list's `sort` set, `-` in front for descending. Default `-start`. */
  sort?: string;
  /** 1 to 200, default 50. */
  limit?: number;
  /** Opaque; from the previous page, and only for the same `q`, range and `sort`. */
  cursor?: string;
}

/** Fields that the trace and observation lists sort by. */
export type SortField = "start" | "duration" | "cost" | "tokens" | "firstToken" | "name" | "errors" | "observations";

/** 400 with `error: "bad_query"`: where the query is wrong, in UTF-16 units of `q`. */
export interface QueryErrorResponse {
  error: "bad_query";
  message: string;
  start: number;
  end: number;
  /** What was probably meant: field names or values. */
  suggestions: string[];
}

/** `GET /api/query/fields?target=`: what the query bar completes. */
export interface QueryField {
  /** As written in a query; `metadata.` and `scores.` take a key. */
  name: string;
  kind: "text" | "number" | "duration" | "time" | "enum" | "boolean" | "key";
  description: string;
  /** For `enum`. */
  values: string[];
  /** True when `GET /api/facets` counts its values. */
  facet: boolean;
}

/** `GET /api/observations` */
export interface ObservationListRow extends ObservationSummary {
  projectId: string;
  traceName: string;
  userId: string | null;
  sessionId: string | null;
  /** Of its trace; see {@link TraceSummary.tags}. */
  tags: string[];
  tagCount: number;
  environment: string;
  /** Text of input and output, at most 300 characters each. */
  inputPreview: string | null;
  outputPreview: string | null;
  durationMs: number | null;
  totalTokens: number | null;
  totalCost: number | null;
  /** Its own; see {@link TraceSummary.scores}. `GET /api/scores?observationId=` has all, by page. */
  scores: RowScore[];
  scoreCount: number;
}

export interface Page<T> {
  data: T[];
  /** Opaque; `null` on the last page. */
  nextCursor: string | null;
}

/** `GET /api/facets?target=traces|observations&q=&from=&to=`: values of a field among what the query selects without that field. */
export interface Facet {
  field: string;
  values: { value: string; count: number }[];
  /** True when there are more values than are given (20 a field). */
  truncated: boolean;
}

/** `GET /api/density?target=&q=&from=&to=&buckets=`: the strip above a list. */
export interface DensityResponse {
  from: number;
  to: number;
  bucketMs: number;
  /** One entry a bucket, oldest first. */
  buckets: { count: number; errors: number; cost: number | null; maxDurationMs: number | null }[];
  /** The longest and the most expensive of the range, at most ten of each: ids of traces (and of observations where asked for). */
  outliers: { kind: "duration" | "cost"; time: number; value: number; traceId: string; observationId: string | null }[];
}

/**
 * `GET /api/traces/:traceId/skeleton`: the tree in columns, for traces of any size; all arrays have one entry an observation, in
 * order of start time, then id.
 */
export interface TraceSkeleton {
  traceId: string;
  projectId: string;
  count: number;
  ids: string[];
  /** Index of the parent; -1 for a root, -2 where the parent has not arrived. */
  parents: number[];
  /** Indices into `dictionary`. */
  names: number[];
  types: number[];
  models: number[];
  statuses: number[];
  levels: number[];
  /** The texts that `names`, `types`, `models`, `statuses` and `levels` point to; index 0 is `""` for "none". */
  dictionary: string[];
  /** Whole microseconds after `startTime`. */
  startMicros: number[];
  /** Whole microseconds; -1 while running. */
  durationMicros: number[];
  /** Whole microseconds from the observation's start; -1 for none. */
  firstTokenMicros: number[];
  inputTokens: number[];
  outputTokens: number[];
  /** US dollars; -1 for "no price" or no usage. */
  costs: number[];
  /** Bit 0: has input, 1: has output, 2: usage is an aggregate, 3: cost was provided, 4: has scores, 5: has a status message. */
  flags: number[];
  /** Epoch milliseconds of the earliest start. */
  startTime: number;
}

/** `GET /api/traces/:traceId/find?q=`: observations whose name, input or output holds the words; at most 10 000 ids. */
export interface FindResponse {
  ids: string[];
  truncated: boolean;
}

/** `GET /api/sessions` */
export interface SessionSummary extends Totals {
  sessionId: string;
  projectId: string;
  /** Start of its first trace and end of its last. */
  startTime: number;
  endTime: number | null;
  traceCount: number;
  errorCount: number;
  /** In the order of their first traces; at most 100, and 32 768 characters. */
  userIds: string[];
  userCount: number;
  environment: string;
  inputPreview: string | null;
  outputPreview: string | null;
}

/** A trace on its session's page, with the input and output of its root. */
export interface SessionTrace extends TraceSummary {
  rootId: string;
  input: unknown;
  output: unknown;
  /**
   * What is above 1000 characters of JSON and did not fit into the 16 MiB that the page has for all of them, from the first on: given as a string that
   * holds the beginning of its JSON. The observation has the whole.
   */
  truncated?: ("input" | "output")[];
}

/** `GET /api/sessions/:sessionId`, `/api/session?id=`: its traces, oldest first, with the root's input and output for the replay. */
export interface SessionDetail {
  session: SessionSummary;
  traces: SessionTrace[];
  /** True when it has more than the 500 traces given. */
  truncated: boolean;
  /** Of these traces, as their rows have them, and of the session itself; at most 1000. */
  scores: RowScore[];
  /** How many these traces and the session have. */
  scoreCount: number;
}

/** `GET /api/users` */
export interface UserSummary extends Totals {
  userId: string;
  projectId: string;
  firstSeen: number;
  lastSeen: number;
  traceCount: number;
  sessionCount: number;
  errorCount: number;
}

/**
 * `GET /api/scores`: a `Page`, newest first. Long values are cut: `GET /api/scores/:id` has the whole (a `Score`). Takes `limit`, `cursor`, `from`, `to`, and, each a list with commas in between, `name`,
 * `source`, `dataType`, `environment`, `traceId`, `observationId`, `sessionId`; `value`, `valueMin`, `valueMax`, `stringValue`, and `comment`, a part of it; no `q`.
 */
export interface ScoreListRow extends RowScore {
  traceName: string | null;
  observationName: string | null;
  inputPreview: string | null;
  outputPreview: string | null;
}

/** `POST /api/scores` (its source is `ANNOTATION`), `DELETE /api/scores/:id`; the same `id` again replaces. 400 where value and type do not go together. */
export interface ScoreInput {
  id?: string;
  name: string;
  dataType?: Score["dataType"];
  value: number | string | boolean;
  comment?: string | null;
  traceId?: string | null;
  observationId?: string | null;
  sessionId?: string | null;
  metadata?: Record<string, unknown> | null;
}
