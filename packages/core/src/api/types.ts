import type { CostDetails, ObservationLevel, ObservationType, ScoreDataType, UsageDetails } from "../model/types.ts";

/** What the backends' public API answers, in Langfuse's words. Times are ISO 8601 text, durations seconds, costs US dollars. */

export interface Dataset {
  id: string;
  projectId: string;
  name: string;
  description: string | null;
  metadata: unknown;
  /** JSON Schema that every item's input must meet. */
  inputSchema?: unknown;
  expectedOutputSchema?: unknown;
  createdAt: string;
  updatedAt: string;
}

export interface DatasetInput {
  /** The key: a dataset of this name is updated. */
  name: string;
  description?: string | undefined;
  metadata?: unknown;
  inputSchema?: unknown;
  expectedOutputSchema?: unknown;
}

export type DatasetItemStatus = "ACTIVE" | "ARCHIVED";

export interface DatasetItem {
  id: string;
  status: DatasetItemStatus;
  input: unknown;
  expectedOutput: unknown;
  metadata: unknown;
  sourceTraceId: string | null;
  sourceObservationId: string | null;
  datasetId: string;
  datasetName: string;
  createdAt: string;
  updatedAt: string;
}

export interface DatasetItemInput {
  datasetName: string;
  /** Upsert key, unique in the project. Random when left out. */
  id?: string | undefined;
  input?: unknown;
  expectedOutput?: unknown;
  metadata?: unknown;
  sourceTraceId?: string | undefined;
  sourceObservationId?: string | undefined;
  /** Default `ACTIVE`. */
  status?: DatasetItemStatus | undefined;
}

export interface DatasetRun {
  id: string;
  name: string;
  description: string | null;
  metadata: unknown;
  datasetId: string;
  datasetName: string;
  createdAt: string;
  updatedAt: string;
}

export interface DatasetRunWithItems extends DatasetRun {
  datasetRunItems: DatasetRunItem[];
}

export interface DatasetRunItem {
  id: string;
  datasetRunId: string;
  datasetRunName: string;
  datasetItemId: string;
  traceId: string;
  observationId: string | null;
  createdAt: string;
  updatedAt: string;
}

export interface DatasetRunItemInput {
  /** A run of this name is made when there is none. */
  runName: string;
  datasetItemId: string;
  traceId: string;
  observationId?: string | undefined;
  runDescription?: string | undefined;
  metadata?: unknown;
  /** The dataset as it was then. */
  datasetVersion?: Date | undefined;
}

/** A score as it is read back, from either version of the route. */
export interface Score {
  id: string;
  name: string;
  /** `CORRECTION` is Langfuse's, made in its UI. */
  dataType: ScoreDataType | "CORRECTION";
  /** A number for NUMERIC, a boolean for BOOLEAN, text for the others. */
  value: number | boolean | string;
  source: "API" | "ANNOTATION" | "EVAL";
  comment: string | null;
  metadata: Record<string, unknown> | null;
  configId: string | null;
  traceId: string | null;
  observationId: string | null;
  sessionId: string | null;
  environment: string | null;
  timestamp: string;
}

/** An observation as it is read back. What the backend does not tell is `null`. */
export interface StoredObservation {
  id: string;
  traceId: string;
  parentObservationId: string | null;
  /** The topmost observation of its application, which may have a parent elsewhere. */
  isRoot: boolean;
  type: ObservationType;
  name: string | null;
  startTime: string;
  endTime: string | null;
  completionStartTime: string | null;
  level: ObservationLevel;
  statusMessage: string | null;
  version: string | null;
  environment: string | null;
  model: string | null;
  modelParameters: unknown;
  /** Parsed where it is JSON. */
  input: unknown;
  output: unknown;
  metadata: unknown;
  usageDetails: UsageDetails;
  costDetails: CostDetails;
  totalCost: number | null;
  promptName: string | null;
  promptVersion: number | null;
  latency: number | null;
  timeToFirstToken: number | null;
  userId: string | null;
  sessionId: string | null;
  traceName: string | null;
  tags: string[];
  release: string | null;
}

export interface TraceSummary {
  id: string;
  name: string | null;
  timestamp: string;
  userId: string | null;
  sessionId: string | null;
  tags: string[];
  metadata: unknown;
  release: string | null;
  version: string | null;
  environment: string | null;
  /** Of the root observation. */
  input: unknown;
  output: unknown;
  latency: number | null;
}

export interface Trace extends TraceSummary {
  /** Sum over the observations; `null` when no price is known. */
  totalCost: number | null;
  /** In order of their start. */
  observations: StoredObservation[];
  scores: Score[];
  /** False when there were more observations than are fetched (10 000). */
  isComplete: boolean;
}
