import type { ObservationLevel, ObservationType } from "../../api/types.ts";
import { isObject } from "../../http/json-body.ts";
import { LEVEL_WORDS, TYPE_WORDS } from "../../mapping/tables/langfuse.ts";
import { MAX_STATUS_MESSAGE_CHARS, cleanText, readTime } from "../../mapping/values.ts";
import { hasAddress, noAddress } from "../../model/address.ts";
import { readEnvironment } from "../environment.ts";
import type { ObservationPatch } from "./patch.ts";
import { readCost, readUsage, readUsageDetails } from "./usage.ts";

/** The event cannot be stored; the message tells the sender why. */
export class EventError extends Error {
  override readonly name = "EventError";
  readonly status: 400 | 401 | 404 | 501;

  constructor(message: string, status: 400 | 401 | 404 | 501 = 400) {
    super(message);
    this.status = status;
  }
}

/** Langfuse's bound on ids. */
const MAX_ID_CHARS = 800;

export type Body = Readonly<Record<string, unknown>>;

type Fields = ObservationPatch["fields"];

/** @throws {EventError} for a member that is there and no text; `null` where it is absent or empty. */
export function readTextOf(body: Body, key: string, maxChars?: number): string | null {
  const value = body[key];
  if (value === undefined || value === null || value === "") return null;
  if (typeof value !== "string") throw new EventError(`${key} is a string.`);
  return cleanText(value, maxChars);
}

/** @throws {EventError} for an id that is none; it is not cut, since two could become one. */
export function readIdOf(body: Body, key: string): string | null {
  const id = body[key];
  if (id === undefined || id === null || id === "") return null;
  if (typeof id !== "string" || id.length > MAX_ID_CHARS || cleanText(id) !== id) {
    throw new EventError(`${key} is a string of at most ${MAX_ID_CHARS} characters.`);
  }
  if (!hasAddress(id)) throw new EventError(noAddress(key));
  return id;
}

/** @returns epoch milliseconds. @throws {EventError} for text that is no ISO time. */
export function readTimeOf(body: Body, key: string): number | null {
  const value = body[key];
  if (value === undefined || value === null) return null;
  const time = readTime(value as string);
  if (time === null) throw new EventError(`${key} is an ISO 8601 time.`);
  return time;
}

/** The fields of an event's body that describe an observation. */
export function readObservationFields(body: Body): Fields {
  const usage = readUsageDetails(body["usageDetails"]) ?? readUsage(body["usage"]);
  return given({
    parentId: readIdOf(body, "parentObservationId"),
    name: readTextOf(body, "name"),
    startTime: readTimeOf(body, "startTime"),
    endTime: readTimeOf(body, "endTime"),
    completionStartTime: readTimeOf(body, "completionStartTime"),
    level: readLevel(body["level"]),
    statusMessage: readTextOf(body, "statusMessage", MAX_STATUS_MESSAGE_CHARS),
    version: readTextOf(body, "version"),
    environment: readEnvironment(body["environment"]),
    model: readTextOf(body, "model"),
    usage,
    cost: readCost(body["costDetails"], body["usage"]),
    promptName: readTextOf(body, "promptName"),
    promptVersion: typeof body["promptVersion"] === "number" ? body["promptVersion"] : null,
  });
}

/** Those that describe the trace. */
export function readTraceFields(body: Body): Fields {
  const traceName = readTextOf(body, "name");
  return given({
    name: traceName,
    traceName,
    startTime: readTimeOf(body, "timestamp"),
    userId: readTextOf(body, "userId"),
    sessionId: readTextOf(body, "sessionId"),
    environment: readEnvironment(body["environment"]),
    release: readTextOf(body, "release"),
    version: readTextOf(body, "version"),
    public: typeof body["public"] === "boolean" ? body["public"] : null,
  });
}

export function readPayload(body: Body): ObservationPatch["payload"] {
  const payload: ObservationPatch["payload"] = {};
  for (const key of ["input", "output", "modelParameters"] as const) {
    const value = body[key];
    if (value !== undefined && value !== null) payload[key] = JSON.stringify(value);
  }
  return payload;
}

/** Metadata that is no object is kept under a key, which Langfuse names so. */
export function readMetadata(value: unknown): Record<string, unknown> | null {
  if (value === undefined || value === null) return null;
  return isObject(value) ? value : { metadata: value };
}

export function readTags(value: unknown): readonly string[] | null {
  if (value === undefined || value === null) return null;
  if (!Array.isArray(value) || !value.every((tag) => typeof tag === "string")) {
    throw new EventError("tags is an array of strings.");
  }
  return value.map((tag) => cleanText(tag));
}

/** `SPAN`, `GENERATION` and so on, in any case. */
export function readTypeWord(value: unknown): ObservationType | null {
  if (typeof value !== "string") return null;
  const word = value.toLowerCase();
  return Object.hasOwn(TYPE_WORDS, word) ? (TYPE_WORDS[word] ?? null) : null;
}

function readLevel(value: unknown): ObservationLevel | null {
  if (value === undefined || value === null) return null;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (!Object.hasOwn(LEVEL_WORDS, word)) throw new EventError("level is DEBUG, DEFAULT, WARNING or ERROR.");
  return LEVEL_WORDS[word as keyof typeof LEVEL_WORDS];
}

/** Without what was not given, so that it changes nothing. */
function given(fields: { [K in keyof Fields]: Fields[K] | null }): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)) as Fields;
}
