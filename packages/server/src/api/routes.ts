import type {
  AddObservationsInput,
  AddObservationsResponse,
  Dataset,
  DatasetExportFormat,
  DatasetItem,
  DatasetItemRow,
  DatasetRow,
  DatasetRunDetail,
  DatasetRunRow,
} from "./datasets.ts";
import type {
  DensityResponse,
  Facet,
  FindResponse,
  ListQuery,
  ObservationListRow,
  Page,
  QueryErrorResponse,
  QueryField,
  ScoreInput,
  ScoreListRow,
  SessionDetail,
  SessionSummary,
  TraceSkeleton,
  UserSummary,
} from "./lists.ts";
import type { MetricsQuery, MetricsResponse } from "./metrics.ts";
import type {
  ApiKey,
  CreatedApiKey,
  DeletedProject,
  CustomPrice,
  Project,
  PruneResponse,
  RepriceResponse,
  RetentionSettings,
  ServerStatus,
} from "./settings.ts";
import type { ChangeEvent, ErrorResponse, ObservationDetail, Score, TraceDetail, TraceListResponse } from "./types.ts";

interface ProjectQuery {
  /** Default: the project of the keys, else `default`. */
  project?: string;
}

type Target = "traces" | "observations";

interface SelectionQuery extends ProjectQuery {
  target?: Target;
  q?: string;
  /** Epoch milliseconds, half-open. */
  from?: number;
  to?: number;
}

interface PageQuery extends ProjectQuery {
  /** 1 to 200, default 50. */
  limit?: number;
  cursor?: string;
}

interface GroupQuery extends PageQuery {
  q?: string;
  from?: number;
  to?: number;
}

interface ScoreQuery extends PageQuery {
  name?: string;
  source?: Score["source"];
  dataType?: Score["dataType"];
  environment?: string;
  traceId?: string;
  observationId?: string;
  sessionId?: string;
  /** Of numbers and booleans (0 and 1): exactly, at least, at most. */
  value?: number;
  valueMin?: number;
  valueMax?: number;
  /** Of all other scores; may be repeated. */
  stringValue?: string;
  /** Part of the comment, without case. */
  comment?: string;
  from?: number;
  to?: number;
}

type DatasetInput = { name: string } & DatasetChange;
type DatasetChange = Partial<
  Pick<Dataset, "name" | "description" | "metadata" | "inputSchema" | "expectedOutputSchema">
>;
type ItemInput = Partial<
  Pick<DatasetItem, "id" | "input" | "expectedOutput" | "metadata" | "sourceTraceId" | "sourceObservationId" | "status">
>;

/**
 * Every route of `/api/*`, by method and path: the one source of the OpenAPI document, which `scripts/openapi.mjs` makes of this
 * interface at build time. Comments become descriptions. `query`: what the address takes; `body`: the JSON sent; `answer`: the JSON
 * that comes back with 200, or with `status`; `content`: another type of answer.
 *
 * `test/openapi.test.ts` holds that each route served is here and the reverse, and that answers are of these shapes.
 */
export interface ApiRoutes {
  /** Any error; the second where a query is not understood. Not a route: it is what every route may answer. */
  "* *": { answer: ErrorResponse | QueryErrorResponse };
  /** Is the server there? Asks for no keys. */
  "GET /api/health": { answer: { status: "OK"; version: string; name: "spanwise" } };
  /** This document. */
  "GET /api/openapi.json": { answer: Record<string, unknown> };
  /** The server, what it holds, and what came in since it was started. */
  "GET /api/status": { query: ProjectQuery; answer: ServerStatus };
  /** Live events: which traces changed. */
  "GET /api/events": {
    query: ProjectQuery & { trace?: string; lastEventId?: string };
    answer: ChangeEvent;
    content: "text/event-stream";
  };

  /** A page of traces. */
  "GET /api/traces": { query: ListQuery; answer: TraceListResponse };
  /** A trace with its observations, without payloads. */
  "GET /api/traces/{traceId}": {
    query: ProjectQuery & {
      /** `none` leaves them out: a large trace's come as columns, from its skeleton. */
      observations?: "none";
    };
    answer: TraceDetail;
  };
  /** One observation with its payload. */
  "GET /api/traces/{traceId}/observations/{id}": {
    query: ProjectQuery & {
      /** Characters of JSON that each payload is cut to; what was cut is given as text and named in `truncated`. */
      head?: number;
    };
    answer: ObservationDetail;
  };
  /** Deletes a trace with all that belongs to it. */
  "DELETE /api/traces/{traceId}": { query: ProjectQuery; status: 204 };
  /** The tree in columns, for traces of any size. */
  "GET /api/traces/{traceId}/skeleton": { query: ProjectQuery; answer: TraceSkeleton };
  /** Which observations of a trace have the words in name, input or output. */
  "GET /api/traces/{traceId}/find": { query: ProjectQuery & { q: string }; answer: FindResponse };
  /** A page of sessions, the newest first. */
  "GET /api/sessions": { query: GroupQuery; answer: Page<SessionSummary> };
  /** A session with its traces. One that is called `.` or `..` has no address here: see `GET /api/session`. */
  "GET /api/sessions/{sessionId}": { query: ProjectQuery; answer: SessionDetail };
  /** The same, of a session of any id. */
  "GET /api/session": { query: ProjectQuery & { id: string }; answer: SessionDetail };
  /** A page of users, the one seen last first. */
  "GET /api/users": { query: GroupQuery; answer: Page<UserSummary> };
  /** Sums and percentiles over time. */
  "GET /api/metrics": { query: MetricsQuery; answer: MetricsResponse };
  /** Observations as a file, oldest first: one a line as JSON, as CSV, or as OTLP/JSON that `spanwise import` reads. */
  "GET /api/export": {
    query: ProjectQuery & { format?: "jsonl" | "csv" | "otlp"; q?: string; from?: number; to?: number };
    content: "application/x-ndjson";
  };
  /** A page of observations. */
  "GET /api/observations": { query: ListQuery; answer: Page<ObservationListRow> };
  /** Values of each field, counted. */
  "GET /api/facets": { query: SelectionQuery; answer: Facet[] };
  /** How many, how long and how expensive, over time. */
  "GET /api/density": { query: SelectionQuery & { buckets?: number }; answer: DensityResponse };
  /** The fields of the query language. */
  "GET /api/query/fields": { query: { target?: Target }; answer: QueryField[] };
  /** The bytes of an attachment; ranges are served. */
  "GET /api/media/{id}": { query: ProjectQuery; content: "application/octet-stream" };

  /** A page of scores; long values are cut. */
  "GET /api/scores": { query: ScoreQuery; answer: Page<ScoreListRow> };
  /** One score, with its whole values. */
  "GET /api/scores/{id}": { query: ProjectQuery; answer: Score };
  /** Gives a score. */
  "POST /api/scores": { query: ProjectQuery; body: ScoreInput; answer: Score; status: 201 };
  /** Takes a score back. */
  "DELETE /api/scores/{id}": { query: ProjectQuery; status: 204 };

  /** A page of datasets; long payloads are cut. */
  "GET /api/datasets": { query: PageQuery; answer: Page<DatasetRow> };
  /** Makes a dataset. */
  "POST /api/datasets": { query: ProjectQuery; body: DatasetInput; answer: Dataset; status: 201 };
  /** One dataset. */
  "GET /api/datasets/{name}": { query: ProjectQuery; answer: Dataset };
  /** Changes a dataset. */
  "PATCH /api/datasets/{name}": { query: ProjectQuery; body: DatasetChange; answer: Dataset };
  /** Deletes a dataset with its items and runs. */
  "DELETE /api/datasets/{name}": { query: ProjectQuery; status: 204 };
  /** A page of a dataset's items; long payloads are cut. */
  "GET /api/datasets/{name}/items": {
    query: PageQuery & { status?: DatasetItem["status"] };
    answer: Page<DatasetItemRow>;
  };
  /** Adds an item. */
  "POST /api/datasets/{name}/items": { query: ProjectQuery; body: ItemInput; answer: DatasetItem; status: 201 };
  /** Adds an item of each observation. */
  "POST /api/datasets/{name}/items/from-observations": {
    query: ProjectQuery;
    body: AddObservationsInput;
    answer: AddObservationsResponse;
  };
  /** One item, with its whole payloads. */
  "GET /api/dataset-items/{id}": { query: ProjectQuery; answer: DatasetItem };
  /** Changes an item. */
  "PATCH /api/dataset-items/{id}": { query: ProjectQuery; body: ItemInput; answer: DatasetItem };
  /** Deletes an item. */
  "DELETE /api/dataset-items/{id}": { query: ProjectQuery; status: 204 };
  /** A page of a dataset's runs; long metadata is cut. */
  "GET /api/datasets/{name}/runs": { query: PageQuery; answer: Page<DatasetRunRow> };
  /** One run with a page of its items. */
  "GET /api/datasets/{name}/runs/{run}": { query: PageQuery; answer: DatasetRunDetail };
  /** Deletes a run. */
  "DELETE /api/datasets/{name}/runs/{run}": { query: ProjectQuery; status: 204 };
  /** A dataset as a file. */
  "GET /api/datasets/{name}/export": {
    query: ProjectQuery & { format?: DatasetExportFormat };
    content: "application/x-ndjson";
  };

  /** The projects that the keys open. */
  "GET /api/projects": { answer: Project[] };
  /** Makes a project; without `id`, the name in small letters and dashes is the id. */
  "POST /api/projects": { body: { name: string; id?: string }; answer: Project; status: 201 };
  /** Gives a project another name. */
  "PATCH /api/projects/{id}": { body: { name: string }; answer: Project };
  /** Deletes a project with all that is in it; `name` is its name, to confirm. The default project stays. */
  "DELETE /api/projects/{id}": { query: { name: string }; answer: DeletedProject };
  /** A project's keys, without their secrets. */
  "GET /api/projects/{id}/keys": { answer: ApiKey[] };
  /** Makes a key. The answer alone shows the secret. */
  "POST /api/projects/{id}/keys": { body: { note?: string | null }; answer: CreatedApiKey; status: 201 };
  /** Deletes a key: it opens nothing any more. */
  "DELETE /api/projects/{id}/keys/{publicKey}": { status: 204 };
  /** What is kept, of all projects. */
  "GET /api/settings/retention": { answer: RetentionSettings };
  /** Sets what is kept; the rest is deleted soon, and from then on. */
  "PUT /api/settings/retention": { body: RetentionSettings; answer: RetentionSettings };
  /** Deletes by other limits, once. */
  "POST /api/prune": { body: RetentionSettings; answer: PruneResponse };
  /** The project's own prices. */
  "GET /api/prices": { query: ProjectQuery; answer: CustomPrice[] };
  /** Sets a price for what comes in from now on; the same `id` again replaces. */
  "POST /api/prices": {
    query: ProjectQuery;
    body: { id?: string; match: string; provider?: string | null; prices: Record<string, number> };
    answer: CustomPrice;
    status: 201;
  };
  /** Deletes a price. */
  "DELETE /api/prices/{id}": { query: ProjectQuery; status: 204 };
  /** Computes the costs of what is stored anew. */
  "POST /api/prices/reprice": { query: ProjectQuery; answer: RepriceResponse };
}
