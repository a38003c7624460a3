import type { ObservationLevel, ObservationStatus, ObservationType } from "../api/types.ts";

/**
 * The one stored model: every source (OTLP today, Langfuse batches later) is mapped to it. One wide row for each observation,
 * trace fields on each row, so that no read needs a join and a column store can hold the same shape.
 */
export interface StoredObservation {
  traceId: string;
  id: string;
  parentId: string | null;
  /** A logical root: no parent, or marked as the application's root though its parent lives in another system. */
  isRoot: boolean;
  type: ObservationType;
  name: string;
  /** Epoch milliseconds; the fraction carries microseconds. */
  startTime: number;
  /** `null` on a start record. */
  endTime: number | null;
  completionStartTime: number | null;
  level: ObservationLevel;
  status: ObservationStatus;
  statusMessage: string | null;
  /** See {@link RECORD_RANK}. */
  rank: number;
  model: string | null;
  provider: string | null;
  usage: Record<string, number> | null;
  cost: Record<string, number> | null;
  costSource: "provided" | "computed" | null;
  usageAggregate: boolean;
  promptName: string | null;
  promptVersion: number | null;
  traceName: string | null;
  userId: string | null;
  sessionId: string | null;
  tags: string[] | null;
  environment: string | null;
  release: string | null;
  version: string | null;
  public: boolean | null;
  instanceId: string | null;
  scopeName: string | null;
  scopeVersion: string | null;
  /** Logical roots only: what the trace list shows without reading a payload. At most {@link MAX_PREVIEW_CHARS} characters. */
  inputPreview: string | null;
  outputPreview: string | null;
  /**
   * Only of rows that arrive in parts, as events of Langfuse batches: which event gave each field, so that they may come in any
   * order. See `ingest/langfuse/patch.ts`.
   */
  fieldOrders?: Record<string, number> | null | undefined;
  payload: ObservationPayload;
}

/** JSON texts, `null` when absent. Kept as text from the wire to the answer: 64-bit integers survive and nothing is parsed twice. */
export interface ObservationPayload {
  input: string | null;
  output: string | null;
  metadata: string | null;
  modelParameters: string | null;
  traceMetadata: string | null;
  attributes: string | null;
  resource: string | null;
  events: string | null;
  /** {@link SpanFacts}; `null` when no span was sent. */
  span: string | null;
}

/** Everything of a row but its payload: what tree and list queries read. */
export type ObservationRow = Omit<StoredObservation, "payload"> & { hasInput: boolean; hasOutput: boolean };

/**
 * Which record of the same observation wins, in any order of arrival: the higher rank, and of equal ranks the later one.
 * An `incomplete` record was sent at shutdown by a process that did not know better; the full record may follow or overtake it.
 */
export const RECORD_RANK = { start: 0, incomplete: 1, end: 2 } as const;

export const MAX_PREVIEW_CHARS = 300;

export const DEFAULT_PROJECT_ID = "default";
