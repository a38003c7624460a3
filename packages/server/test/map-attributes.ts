import { decodeOtlpJson } from "../src/ingest/otlp-json.ts";
import { mapSpan, type MappedSpan } from "../src/mapping/map-span.ts";
import type { StoredObservation } from "../src/model/observation.ts";
import { exportOf, span, type JsonSpan } from "./otlp-messages.ts";

/** What the server makes of a span with these attributes. */
export function mapWithScores(
  attributes: Record<string, unknown>,
  change: Partial<JsonSpan> = {},
  resource: Record<string, unknown> = {},
): MappedSpan {
  const [decoded] = decodeOtlpJson(
    Buffer.from(JSON.stringify(exportOf([span(1, attributes, change)], resource))),
  ).spans;
  if (decoded === undefined) throw new Error("The fixture was rejected.");
  return mapSpan(decoded);
}

export function map(
  attributes: Record<string, unknown>,
  change: Partial<JsonSpan> = {},
  resource: Record<string, unknown> = {},
): StoredObservation {
  return mapWithScores(attributes, change, resource).observation;
}

export function attributesOf(row: StoredObservation): Record<string, unknown> {
  return JSON.parse(row.payload.attributes ?? "{}") as Record<string, unknown>;
}

export function inputOf(row: StoredObservation): unknown {
  return JSON.parse(row.payload.input ?? "null");
}

export function outputOf(row: StoredObservation): unknown {
  return JSON.parse(row.payload.output ?? "null");
}
