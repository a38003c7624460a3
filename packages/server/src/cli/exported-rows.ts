import { isObject } from "../http/json-body.ts";
import type { ObservationPayload, StoredObservation } from "../model/observation.ts";
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

/** Such a line as the `resourceSpans` of OTLP: there is one way in. Integers beyond 2^53 in payloads lose their last digits. */
export function toResourceSpans(row: Record<string, unknown>): unknown[] {
  const payload = Object.fromEntries(
    PAYLOAD.map((field) => [
      field,
      row[field] === null || row[field] === undefined ? null : JSON.stringify(row[field]),
    ]),
  ) as unknown as ObservationPayload;
  const line = toOtlpLine({ ...row, payload } as unknown as StoredObservation);
  return (JSON.parse(line) as { resourceSpans: unknown[] }).resourceSpans;
}
