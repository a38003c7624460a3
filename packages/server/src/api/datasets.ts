import type { Page } from "./lists.ts";

/**
 * `POST /api/datasets`, `GET|PATCH|DELETE /api/datasets/:name`; `GET /api/datasets` has {@link DatasetRow}s. Lists are a `Page`, newest first, and take `limit` (1 to 200,
 * default 50) and `cursor`. `POST` and `PATCH` take the fields that can be set; a name that is taken is answered with 409.
 */
export interface Dataset {
  id: string;
  projectId: string;
  /** Unique in the project. */
  name: string;
  description: string | null;
  metadata: unknown;
  /** JSON Schemas that Langfuse's clients may set; kept and given back, items are not checked against them. */
  inputSchema: unknown;
  expectedOutputSchema: unknown;
  createdAt: number;
  updatedAt: number;
  itemCount: number;
  runCount: number;
}

/** In the list of datasets: long payloads are cut. The dataset's own page has the whole. */
export interface DatasetRow extends Dataset {
  /** What was above 32 768 characters of JSON, each given as a string that holds the beginning of its JSON. */
  truncated?: ("metadata" | "inputSchema" | "expectedOutputSchema")[];
}

/** `POST /api/datasets/:name/items`, `GET|PATCH|DELETE /api/dataset-items/:id` */
export interface DatasetItem {
  id: string;
  datasetId: string;
  datasetName: string;
  input: unknown;
  expectedOutput: unknown;
  metadata: unknown;
  sourceTraceId: string | null;
  sourceObservationId: string | null;
  status: "ACTIVE" | "ARCHIVED";
  createdAt: number;
  updatedAt: number;
}

/** `GET /api/datasets/:name/items`, which takes `status` too: long payloads are cut. `GET /api/dataset-items/:id` has the whole. */
export interface DatasetItemRow extends DatasetItem {
  /** As of {@link DatasetRow.truncated}. */
  truncated?: ("input" | "expectedOutput" | "metadata")[];
}

/**
 * `POST /api/datasets/:name/items/from-observations`: an item of each observation, its input as input and its output as expected
 * output. An observation that is in the dataset already is left as it is.
 */
export interface AddObservationsInput {
  observations: { traceId: string; observationId: string }[];
}

export interface AddObservationsResponse {
  added: number;
  /** Already there, or no longer stored. */
  skipped: number;
}

/** In `GET /api/datasets/:name/runs/:run`. */
export interface DatasetRun {
  id: string;
  name: string;
  description: string | null;
  metadata: unknown;
  datasetId: string;
  datasetName: string;
  createdAt: number;
  updatedAt: number;
  itemCount: number;
}

/** `GET /api/datasets/:name/runs`: long metadata is cut. The run's own page has the whole. */
export interface DatasetRunRow extends DatasetRun {
  /** As of {@link DatasetRow.truncated}. */
  truncated?: "metadata"[];
}

/** `GET|DELETE /api/datasets/:name/runs/:run`: the run with a page of its items. */
export interface DatasetRunDetail extends Page<DatasetRunItemRow> {
  run: DatasetRun;
}

export interface DatasetRunItem {
  id: string;
  datasetRunId: string;
  datasetRunName: string;
  datasetItemId: string;
  traceId: string;
  observationId: string | null;
  createdAt: number;
  updatedAt: number;
}

export interface DatasetRunItemRow extends DatasetRunItem {
  /** As it is now, which may be later than the run. `null` when it is no longer there. */
  item: DatasetItemRow | null;
}

/**
 * `GET /api/datasets/:name/export?format=openai|jsonl|csv`. `openai`: chat fine-tuning JSONL, one
 * `{ messages, tools? }` a line (https://platform.openai.com/docs/guides/supervised-fine-tuning); items whose input is no chat are
 * left out and counted in the header `X-Spanwise-Skipped`.
 */
export type DatasetExportFormat = "openai" | "jsonl" | "csv";
