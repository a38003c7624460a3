import { isObject } from "../http/json-body.ts";
import { traceNodeId } from "../ingest/langfuse/patch.ts";
import type { ObservationPayload, StoredObservation } from "../model/observation.ts";
import { isSpanId, isTraceId } from "../query/export/otlp-ids.ts";
import { toOtlpLine } from "../query/export/otlp.ts";

const PAYLOAD: readonly (keyof ObservationPayload)[] = [
  "input",
  "output",
  "metadata",
  "modelParameters",
  "traceMetadata",
  "attributes",
  "resource",
  "events",
  "span",
];

/** True for a line that `spanwise export --format jsonl` wrote. */
export function isExportedRow(value: unknown): value is Record<string, unknown> {
  return (
    isObject(value) && typeof value["traceId"] === "string" && typeof value["id"] === "string" && "startTime" in value
  );
}

/** Whether it came in a Langfuse batch, whose ids may be any text, and goes back in one: OTLP has hexadecimal ones only. */
export function isBatchRow({ traceId, id }: Record<string, unknown>): boolean {
  return !isTraceId(String(traceId)) || !isSpanId(String(id));
}

/** Such a row as an event of a Langfuse batch. */
export function toBatchEvent(row: Record<string, unknown>): object {
  const { traceId, id, parentId, type, startTime, endTime, completionStartTime, usage, cost, traceMetadata } = row;
  const shared = given({
    name: row["name"],
    input: row["input"],
    output: row["output"],
    environment: row["environment"],
    version: row["version"],
  });
  const envelope = { id: `${String(traceId)}:${String(id)}`, timestamp: isoOf(startTime) };
  const root = traceNodeId(String(traceId));
  if (id === root) {
    const { userId, sessionId, tags, release } = row;
    const ofTrace = given({ userId, sessionId, tags, release, public: row["public"], metadata: traceMetadata });
    return {
      ...envelope,
      type: "trace-create",
      body: { id: traceId, timestamp: isoOf(startTime), ...shared, ...ofTrace },
    };
  }
  const body = given({
    id,
    traceId,
    parentObservationId: parentId === root ? null : parentId,
    startTime: isoOf(startTime),
    endTime: isoOf(endTime),
    completionStartTime: isoOf(completionStartTime),
    level: row["level"],
    statusMessage: row["statusMessage"],
    model: row["model"],
    modelParameters: row["modelParameters"],
    metadata: row["metadata"],
    usageDetails: usage,
    costDetails: row["costSource"] === "provided" ? cost : null,
    promptName: row["promptName"],
    promptVersion: row["promptVersion"],
  });
  return { ...envelope, type: `${String(type)}-create`, body: { ...shared, ...body } };
}

/** Nothing is set to `null` by an event. */
function given(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
}

function isoOf(time: unknown): string | null {
  return typeof time === "number" ? new Date(time).toISOString() : null;
}

/** Such a line as the `resourceSpans` of OTLP. Integers beyond 2^53 in payloads lose their last digits. */
export function toResourceSpans(row: Record<string, unknown>): unknown[] {
  const payload = Object.fromEntries(
    PAYLOAD.map((field) => [
      field,
      row[field] === null || row[field] === undefined ? null : JSON.stringify(row[field]),
    ]),
  ) as unknown as ObservationPayload;
  const tags = Array.isArray(row["tags"]) && row["tags"].length === 0 ? null : row["tags"];
  const line = toOtlpLine({ ...row, tags, payload } as unknown as StoredObservation);
  return (JSON.parse(line) as { resourceSpans: unknown[] }).resourceSpans;
}
