import type { ObservationType, Score } from "../../api/types.ts";
import { isObject } from "../../http/json-body.ts";
import { cleanText, readTime } from "../../mapping/values.ts";
import { ScoreError, parseScore } from "../score.ts";
import {
  EventError,
  readIdOf,
  readMetadata,
  readObservationFields,
  readPayload,
  readTags,
  readTraceFields,
  readTypeWord,
  type Body,
} from "./body.ts";
import { orderOf, traceNodeId, type ObservationPatch } from "./patch.ts";

/** What one event of a batch asks for. A log of the SDK asks for nothing. */
export type BatchEvent = { kind: "patch"; patch: ObservationPatch } | { kind: "score"; score: Score } | { kind: "log" };

/** Langfuse's types of events that describe an observation; `null` where the body names the type. */
const OBSERVATION_EVENTS: Readonly<Record<string, { type: ObservationType | null; isUpdate: boolean }>> = {
  "event-create": { type: "event", isUpdate: false },
  "span-create": { type: "span", isUpdate: false },
  "span-update": { type: "span", isUpdate: true },
  "generation-create": { type: "generation", isUpdate: false },
  "generation-update": { type: "generation", isUpdate: true },
  "agent-create": { type: "agent", isUpdate: false },
  "tool-create": { type: "tool", isUpdate: false },
  "chain-create": { type: "chain", isUpdate: false },
  "retriever-create": { type: "retriever", isUpdate: false },
  "evaluator-create": { type: "evaluator", isUpdate: false },
  "embedding-create": { type: "embedding", isUpdate: false },
  "guardrail-create": { type: "guardrail", isUpdate: false },
  "observation-create": { type: null, isUpdate: false },
  "observation-update": { type: null, isUpdate: true },
};

/** Langfuse's bound on the id of an event. */
const MAX_EVENT_ID_CHARS = 800;

/** The event's id, for the answer; `null` for what is no event. */
export function eventIdOf(event: unknown): string | null {
  const id = isObject(event) ? event["id"] : undefined;
  return typeof id === "string" && id !== "" && id.length <= MAX_EVENT_ID_CHARS ? id : null;
}

/**
 * Reads one event of a batch. Its own id stands in for a body's that is missing, so that a batch sent twice makes no second row.
 *
 * @throws {EventError}
 */
export function readEvent(event: unknown): BatchEvent {
  const id = eventIdOf(event);
  if (!isObject(event) || id === null) throw new EventError("An event is an object with an id.");
  const time = readTime(event["timestamp"] as string);
  if (time === null) throw new EventError("timestamp is an ISO 8601 time.");
  const type = typeof event["type"] === "string" ? event["type"] : "";
  if (type === "sdk-log") return { kind: "log" };
  const { body } = event;
  if (!isObject(body)) throw new EventError("body is an object.");
  if (type === "score-create") return { kind: "score", score: readScore({ id, ...body }, time) };
  if (type === "trace-create") return { kind: "patch", patch: readTrace(body, id, time) };
  const known = Object.hasOwn(OBSERVATION_EVENTS, type) ? OBSERVATION_EVENTS[type] : undefined;
  if (known === undefined) throw new EventError(`There is no event of type ${cleanText(type, 100)}.`);
  return { kind: "patch", patch: readObservation(body, id, time, known) };
}

function readScore(body: Body, time: number): Score {
  try {
    return parseScore(body, time);
  } catch (error) {
    if (error instanceof ScoreError) throw new EventError(error.message);
    throw error;
  }
}

function readTrace(body: Body, eventId: string, time: number): ObservationPatch {
  const traceId = readIdOf(body, "id") ?? eventId;
  const { modelParameters: _, ...payload } = readPayload(body);
  return {
    traceId,
    id: traceNodeId(traceId),
    isTrace: true,
    order: orderOf(false, time),
    fields: readTraceFields(body),
    defaults: { startTime: time, type: "span" },
    payload,
    metadata: readMetadata(body["metadata"]),
    tags: readTags(body["tags"]),
  };
}

function readObservation(
  body: Body,
  eventId: string,
  time: number,
  known: { type: ObservationType | null; isUpdate: boolean },
): ObservationPatch {
  const id = readIdOf(body, "id") ?? eventId;
  const type = known.type ?? readTypeWord(body["type"]) ?? "span";
  const fields = readObservationFields(body);
  const startTime = fields.startTime ?? time;
  // `span-update` says "span" also of what `agent-create` made.
  const isSure = !known.isUpdate;
  return {
    traceId: readIdOf(body, "traceId") ?? id,
    id,
    isTrace: false,
    order: orderOf(known.isUpdate, time),
    fields: isSure ? { ...fields, type } : fields,
    // An event is a point in time: it never runs.
    defaults: { startTime, type, ...(type === "event" && { endTime: startTime }) },
    payload: readPayload(body),
    metadata: readMetadata(body["metadata"]),
    tags: null,
  };
}
