import type { ObservationLevel, ObservationType } from "../model/types.ts";
import type { StoredObservation } from "./types.ts";

type Raw = Record<string, unknown>;

/** An observation of `/api/public/v2/observations` or of the older `/api/public/observations`, which name some things differently. */
export function readObservation(item: unknown): StoredObservation {
  const raw = Object(item) as Raw;
  const parentObservationId = textOf(raw, "parentObservationId");
  return {
    id: textOf(raw, "id") ?? "",
    traceId: textOf(raw, "traceId") ?? "",
    parentObservationId,
    isRoot: raw["isRootObservation"] === true || parentObservationId === null,
    type: (textOf(raw, "type") ?? "span").toLowerCase() as ObservationType,
    name: textOf(raw, "name"),
    startTime: textOf(raw, "startTime") ?? "",
    endTime: textOf(raw, "endTime"),
    completionStartTime: textOf(raw, "completionStartTime"),
    level: (textOf(raw, "level") ?? "DEFAULT") as ObservationLevel,
    statusMessage: textOf(raw, "statusMessage"),
    version: textOf(raw, "version"),
    environment: textOf(raw, "environment"),
    model: textOf(raw, "providedModelName") ?? textOf(raw, "model"),
    modelParameters: parseText(raw["modelParameters"]) ?? null,
    input: parseText(raw["input"]) ?? null,
    output: parseText(raw["output"]) ?? null,
    metadata: parseText(raw["metadata"]) ?? null,
    usageDetails: numbersOf(raw["usageDetails"]),
    costDetails: numbersOf(raw["costDetails"]),
    totalCost: numberOf(raw, "totalCost") ?? numberOf(raw, "calculatedTotalCost"),
    promptName: textOf(raw, "promptName"),
    promptVersion: numberOf(raw, "promptVersion"),
    latency: numberOf(raw, "latency"),
    timeToFirstToken: numberOf(raw, "timeToFirstToken"),
    userId: textOf(raw, "userId"),
    sessionId: textOf(raw, "sessionId"),
    traceName: textOf(raw, "traceName"),
    tags: textsOf(raw["tags"]),
    release: textOf(raw, "release"),
  };
}

/** The newer route answers payloads as text. Text that is no JSON was text in the application. */
function parseText(value: unknown): unknown {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}

export function textOf(raw: Raw, key: string): string | null {
  const value = raw[key];
  return typeof value === "string" && value !== "" ? value : null;
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

export function numberOf(raw: Raw, key: string): number | null {
  const value = raw[key];
  return typeof value === "number" ? value : null;
}

function numbersOf(value: unknown): Record<string, number> {
  const entries = Object.entries(Object(value) as Raw);
  return Object.fromEntries(entries.filter((entry): entry is [string, number] => typeof entry[1] === "number"));
}
