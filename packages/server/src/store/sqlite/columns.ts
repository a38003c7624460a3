import type { Score } from "../../api/types.ts";
import { countTokens } from "../../query/totals.ts";
import type { ObservationPayload, ObservationRow, StoredObservation } from "../../model/observation.ts";

/** A value as SQLite keeps it. */
export type SqlValue = string | number | null;

/** A payload's column: short text as it is, else a recipe. */
export type PayloadValue = string | Uint8Array | ArrayBuffer | null;

/** A row that has both. */
export type PayloadRow = Record<string, SqlValue | Uint8Array | ArrayBuffer>;

type Kind = "plain" | "json" | "boolean";

/** Field of the row, its column, and how the value is kept. The one place where both sides of the store agree. */
const OBSERVATION_FIELDS = [
  ["traceId", "trace_id", "plain"],
  ["id", "id", "plain"],
  ["parentId", "parent_id", "plain"],
  ["isRoot", "is_root", "boolean"],
  ["type", "type", "plain"],
  ["name", "name", "plain"],
  ["startTime", "start_time", "plain"],
  ["endTime", "end_time", "plain"],
  ["completionStartTime", "completion_start_time", "plain"],
  ["level", "level", "plain"],
  ["status", "status", "plain"],
  ["statusMessage", "status_message", "plain"],
  ["rank", "rank", "plain"],
  ["model", "model", "plain"],
  ["provider", "provider", "plain"],
  ["usage", "usage", "json"],
  ["cost", "cost", "json"],
  ["costSource", "cost_source", "plain"],
  ["usageAggregate", "usage_aggregate", "boolean"],
  ["promptName", "prompt_name", "plain"],
  ["promptVersion", "prompt_version", "plain"],
  ["traceName", "trace_name", "plain"],
  ["userId", "user_id", "plain"],
  ["sessionId", "session_id", "plain"],
  ["tags", "tags", "json"],
  ["environment", "environment", "plain"],
  ["release", "release", "plain"],
  ["version", "version", "plain"],
  ["public", "public", "boolean"],
  ["instanceId", "instance_id", "plain"],
  ["scopeName", "scope_name", "plain"],
  ["scopeVersion", "scope_version", "plain"],
  ["inputPreview", "input_preview", "plain"],
  ["outputPreview", "output_preview", "plain"],
  ["fieldOrders", "field_orders", "json"],
  ["hasInput", "has_input", "boolean"],
  ["hasOutput", "has_output", "boolean"],
] as const satisfies readonly (readonly [keyof ObservationRow, string, Kind])[];

export const PAYLOAD_FIELDS = [
  ["input", "input"],
  ["output", "output"],
  ["metadata", "metadata"],
  ["modelParameters", "model_parameters"],
  ["traceMetadata", "trace_metadata"],
  ["attributes", "attributes"],
  ["resource", "resource"],
  ["events", "events"],
  ["span", "span"],
] as const satisfies readonly (readonly [keyof ObservationPayload, string])[];

const SCORE_FIELDS = [
  ["id", "id", "plain"],
  ["name", "name", "plain"],
  ["dataType", "data_type", "plain"],
  ["value", "value", "plain"],
  ["stringValue", "string_value", "plain"],
  ["source", "source", "plain"],
  ["comment", "comment", "plain"],
  ["metadata", "metadata", "json"],
  ["traceId", "trace_id", "plain"],
  ["observationId", "observation_id", "plain"],
  ["sessionId", "session_id", "plain"],
  ["timestamp", "timestamp", "plain"],
  ["environment", "environment", "plain"],
  ["configId", "config_id", "plain"],
  ["queueId", "queue_id", "plain"],
  ["authorUserId", "author_user_id", "plain"],
  ["datasetRunId", "dataset_run_id", "plain"],
  ["createdAt", "created_at", "plain"],
  ["updatedAt", "updated_at", "plain"],
] as const satisfies readonly (readonly [keyof Score, string, Kind])[];

/** Computed from the row when it is written: what lists filter and sort by. -1: there is none. */
const MEASURE_COLUMNS = ["duration", "first_token", "total_cost", "tokens", "input_tokens", "output_tokens"] as const;

export const OBSERVATION_COLUMNS: readonly string[] = [
  ...OBSERVATION_FIELDS.map(([, column]) => column),
  ...MEASURE_COLUMNS,
];
export const SCORE_COLUMNS: readonly string[] = SCORE_FIELDS.map(([, column]) => column);

/** In the order of {@link OBSERVATION_COLUMNS}. */
export function encodeObservation(row: StoredObservation): SqlValue[] {
  const { startTime, endTime, completionStartTime, usage, cost, payload } = row;
  const values: SqlValue[] = [];
  for (const [field, , kind] of OBSERVATION_FIELDS) {
    if (field === "hasInput") values.push(payload.input === null ? 0 : 1);
    else if (field === "hasOutput") values.push(payload.output === null ? 0 : 1);
    else values.push(encode(row[field], kind));
  }
  const tokens = usage === null ? null : countTokens(usage);
  values.push(
    endTime === null ? -1 : endTime - startTime,
    completionStartTime === null ? -1 : Math.max(0, completionStartTime - startTime),
    cost?.["total"] ?? -1,
    tokens?.total ?? -1,
    tokens?.input ?? null,
    tokens?.output ?? null,
  );
  return values;
}

export function encodeScore(score: Score): SqlValue[] {
  return SCORE_FIELDS.map(([field, , kind]) => encode(score[field], kind));
}

/** From a row with named columns. */
export function decodeObservation(row: Record<string, SqlValue>): ObservationRow {
  return decodeFields(OBSERVATION_FIELDS, row) as unknown as ObservationRow;
}

/** @param read a column as text. */
export function decodePayload(row: PayloadRow, read: (value: PayloadValue) => string | null): ObservationPayload {
  return Object.fromEntries(
    PAYLOAD_FIELDS.map(([field, column]) => [field, read((row[column] ?? null) as PayloadValue)]),
  ) as unknown as ObservationPayload;
}

export function decodeScore(projectId: string, row: Record<string, SqlValue>): Score {
  return { projectId, ...decodeFields(SCORE_FIELDS, row) } as unknown as Score;
}

function decodeFields(
  fields: readonly (readonly [string, string, Kind])[],
  row: Record<string, SqlValue>,
): Record<string, unknown> {
  const decoded: Record<string, unknown> = {};
  for (const [field, column, kind] of fields) {
    const value = row[column] ?? null;
    if (value === null || kind === "plain") decoded[field] = value;
    else decoded[field] = kind === "boolean" ? value === 1 : JSON.parse(String(value));
  }
  return decoded;
}

function encode(value: unknown, kind: Kind): SqlValue {
  if (value === null || value === undefined) return null;
  if (kind === "json") return JSON.stringify(value);
  if (kind === "boolean") return value === true ? 1 : 0;
  return value as string | number;
}
