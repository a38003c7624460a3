import { randomUUID } from "node:crypto";
import type { Score } from "../api/types.ts";
import { isObject } from "../http/json-body.ts";
import { cleanText } from "../mapping/values.ts";
import { hasAddress, noAddress } from "../model/address.ts";
import { DEFAULT_PROJECT_ID } from "../model/observation.ts";
import { readEnvironment } from "./environment.ts";

/** The score cannot be stored; the message tells the sender why. */
export class ScoreError extends Error {
  override readonly name = "ScoreError";
}

export const SCORE_TYPES = ["NUMERIC", "CATEGORICAL", "BOOLEAN", "TEXT"] as const;
export const SCORE_SOURCES = ["API", "ANNOTATION", "EVAL"] as const;
const MAX_ID_CHARS = 800;
const MAX_COMMENT_CHARS = 10_000;

/**
 * Reads a score as Langfuse's API takes it: `name`, `value` and what it is about.
 *
 * @param fallbackTime epoch milliseconds for a score without a timestamp of its own.
 * @throws {ScoreError}
 */
export function parseScore(body: unknown, fallbackTime: number): Score {
  if (!isObject(body)) throw new ScoreError("A score is a JSON object.");
  const name = readString(body, "name", MAX_ID_CHARS);
  if (name === null) throw new ScoreError("A score needs a name.");
  const traceId = readString(body, "traceId", MAX_ID_CHARS);
  const observationId = readString(body, "observationId", MAX_ID_CHARS);
  const sessionId = readString(body, "sessionId", MAX_ID_CHARS);
  const datasetRunId = readString(body, "datasetRunId", MAX_ID_CHARS);
  if ([traceId, sessionId, datasetRunId].filter((id) => id !== null).length !== 1) {
    throw new ScoreError("A score needs a traceId, a sessionId or a datasetRunId, and only one of them.");
  }
  if (observationId !== null && traceId === null) throw new ScoreError("A score of an observation needs its traceId.");
  const id = readString(body, "id", MAX_ID_CHARS) ?? randomUUID();
  if (!hasAddress(id)) throw new ScoreError(noAddress("A score's id"));
  const dataType = readWord(body, "dataType", SCORE_TYPES) ?? inferDataType(body["value"]);
  const metadata = body["metadata"];
  return {
    id,
    projectId: DEFAULT_PROJECT_ID,
    name,
    dataType,
    ...readValue(body["value"], dataType),
    source: readWord(body, "source", SCORE_SOURCES) ?? "API",
    comment: readString(body, "comment", MAX_COMMENT_CHARS),
    metadata: metadata === undefined || metadata === null ? null : isObject(metadata) ? metadata : { value: metadata },
    traceId,
    observationId,
    sessionId,
    timestamp: readTimestamp(body["timestamp"], fallbackTime),
    environment: readEnvironment(body["environment"]) ?? "default",
    configId: readString(body, "configId", MAX_ID_CHARS),
    queueId: readString(body, "queueId", MAX_ID_CHARS),
    authorUserId: null,
    datasetRunId,
    createdAt: Date.now(),
    updatedAt: Date.now(),
  };
}

function inferDataType(value: unknown): Score["dataType"] {
  if (typeof value === "boolean") return "BOOLEAN";
  return typeof value === "number" ? "NUMERIC" : "CATEGORICAL";
}

function readValue(value: unknown, dataType: Score["dataType"]): Pick<Score, "value" | "stringValue"> {
  if (dataType === "CATEGORICAL" || dataType === "TEXT") {
    if (typeof value !== "string") throw new ScoreError(`A ${dataType} score needs a string as its value.`);
    return { value: null, stringValue: cleanText(value, MAX_COMMENT_CHARS) };
  }
  const number = typeof value === "boolean" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number)) {
    throw new ScoreError(`A ${dataType} score needs a number as its value.`);
  }
  if (dataType === "BOOLEAN" && number !== 0 && number !== 1) {
    throw new ScoreError("A BOOLEAN score's value is 0 or 1.");
  }
  return { value: number, stringValue: dataType === "BOOLEAN" ? (number === 1 ? "True" : "False") : null };
}

function readTimestamp(value: unknown, fallbackTime: number): number {
  if (value === undefined || value === null) return fallbackTime;
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(time)) throw new ScoreError("A score's timestamp is ISO 8601 text.");
  return time;
}

function readString(body: Record<string, unknown>, key: string, maxChars: number): string | null {
  const value = body[key];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new ScoreError(`A score's ${key} is a string.`);
  return cleanText(value, maxChars);
}

function readWord<W extends string>(body: Record<string, unknown>, key: string, words: readonly W[]): W | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  const word = words.find((candidate) => candidate === value);
  if (word === undefined) throw new ScoreError(`A score's ${key} is one of ${words.join(", ")}.`);
  return word;
}
