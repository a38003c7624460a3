import type { ObservationLevel, ObservationStatus, ObservationType } from "../api/types.ts";
import {
  STATUS_ERROR,
  type Attributes,
  type AttributeValue,
  type OtlpEvent,
  type OtlpSpan,
} from "../ingest/otlp-span.ts";
import { RECORD_RANK, type StoredObservation } from "../model/observation.ts";
import { readMessageEvents, withSystem } from "./messages.ts";
import { previewOf } from "./preview.ts";
import { AttributeMapper, type MappedAttributes } from "./table.ts";
import { GEN_AI_TABLE } from "./tables/gen-ai.ts";
import { GENERIC_TABLE } from "./tables/generic.ts";
import { LANGFUSE_TABLE } from "./tables/langfuse.ts";
import { SPANWISE_TABLE } from "./tables/spanwise.ts";
import { isKnownUsageKey, toDisjointUsage } from "./usage.ts";
import {
  MAX_STATUS_MESSAGE_CHARS,
  cleanText,
  readBoolean,
  readCounts,
  readNumber,
  readObject,
  readText,
  readTextList,
  readTime,
  readJsonPayload,
  readLoosePayload,
  unwrapStructure,
  type PayloadReader,
} from "./values.ts";

/** Only our SDK writes it, on every span. */
const SDK_MARK = "spanwise.observation.status";

/** The most specific first: what a sender said in our words outranks what is read out of a general convention. */
const mapper = new AttributeMapper([SPANWISE_TABLE, LANGFUSE_TABLE, GEN_AI_TABLE, GENERIC_TABLE]);

/** Reads one span as an observation. Never throws on what a sender wrote: a value that cannot be used stays among the attributes. */
export function mapSpan(span: OtlpSpan): StoredObservation {
  const mapped = mapper.map(span.attributes, span.resource);
  const { fields, groups, rest } = mapped;
  const isStart = fields.record === "start";
  const { level, status } = readOutcome(fields, span, isStart);
  const type = readType(fields);
  const startTime = toEpochMs(span.startTimeUnixNano || span.endTimeUnixNano);
  const isRoot = span.parentSpanId === null || readBoolean(fields.asRoot) === true;
  const readPayload = span.attributes.has(SDK_MARK) ? readJsonPayload : readLoosePayload;
  const { input, output } = readInputOutput(span, fields, isRoot, readPayload);
  const usage = readUsage(mapped);
  const cost = readCost(fields);

  return {
    traceId: span.traceId,
    id: span.spanId,
    parentId: span.parentSpanId,
    isRoot,
    type,
    name: readName(span.name, type, mapped),
    startTime,
    endTime: isStart ? null : Math.max(startTime, toEpochMs(span.endTimeUnixNano)),
    completionStartTime: readFirstToken(fields, startTime),
    level,
    status,
    statusMessage: readStatusMessage(fields, span),
    rank: isStart ? RECORD_RANK.start : status === "incomplete" ? RECORD_RANK.incomplete : RECORD_RANK.end,
    model: readText(fields.model),
    provider: readText(fields.provider),
    usage,
    cost,
    costSource: cost === null ? null : "provided",
    usageAggregate: readBoolean(fields.usageAggregate) === true,
    promptName: readText(fields.promptName),
    promptVersion: readNumber(fields.promptVersion),
    traceName: readText(fields.traceName),
    userId: readText(fields.userId),
    sessionId: readText(fields.sessionId),
    tags: readTextList(fields.tags),
    environment: readText(fields.environment),
    release: readText(fields.release),
    version: readText(fields.version),
    public: readBoolean(fields.public),
    instanceId: readText(fields.instanceId),
    scopeName: readText(span.scopeName),
    scopeVersion: readText(span.scopeVersion),
    inputPreview: isRoot ? previewOf(readLoosePayload(fields.traceInput) ?? input) : null,
    outputPreview: isRoot ? previewOf(readLoosePayload(fields.traceOutput) ?? output) : null,
    payload: {
      input,
      output,
      metadata: readMetadata(fields.metadata, groups.metadata, readPayload),
      modelParameters: readModelParameters(mapped),
      traceMetadata: readMetadata(fields.traceMetadata, groups.traceMetadata, readLoosePayload),
      attributes: rest.size === 0 ? null : JSON.stringify(Object.fromEntries(rest)),
      resource: resourceText(span.resource),
      events: eventsText(span.events),
    },
  };
}

type Fields = MappedAttributes["fields"];

function readType(fields: Fields): ObservationType {
  if (typeof fields.type === "string") return fields.type as ObservationType;
  if (fields.toolName !== undefined) return "tool";
  return fields.model === undefined ? "span" : "generation";
}

/** Level and status say the same thing twice; the more telling status wins, and the two are made to agree. */
function readOutcome(
  fields: Fields,
  span: OtlpSpan,
  isStart: boolean,
): { level: ObservationLevel; status: ObservationStatus } {
  const given = (fields.level ?? (span.statusCode === STATUS_ERROR ? "ERROR" : "DEFAULT")) as ObservationLevel;
  if (isStart) return { level: given === "ERROR" ? "DEFAULT" : given, status: "running" };
  const status = fields.status as ObservationStatus | undefined;
  if (status === "cancelled" || status === "incomplete") return { level: "WARNING", status };
  if (status === "interrupted") return { level: "DEFAULT", status };
  if (status === "error" || given === "ERROR") return { level: "ERROR", status: "error" };
  return { level: given, status: "ok" };
}

function readStatusMessage(fields: Fields, span: OtlpSpan): string | null {
  const given = readText(fields.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  if (given !== null) return given;
  if (span.statusMessage !== "") return cleanText(span.statusMessage, MAX_STATUS_MESSAGE_CHARS);
  // The last exception is the one that ended the span.
  const exception = span.events.findLast((event) => event.name === "exception")?.attributes;
  const type = readText(exception?.get("exception.type"));
  const message = readText(exception?.get("exception.message"), MAX_STATUS_MESSAGE_CHARS);
  if (type === null || message === null || message.startsWith(type)) return message ?? type;
  return `${type}: ${message}`;
}

/** `execute_tool get_weather` is shown as `get_weather`; a name that a person gave stays. */
function readName(spanName: string, type: ObservationType, { fields, rest }: MappedAttributes): string {
  const toolName = readText(fields.toolName);
  if (toolName !== null) {
    if (type === "tool" && (spanName === "" || spanName.startsWith("execute_tool"))) return toolName;
    rest.set("gen_ai.tool.name", toolName);
  }
  return spanName === "" ? type : cleanText(spanName);
}

function readInputOutput(
  span: OtlpSpan,
  fields: Fields,
  isRoot: boolean,
  readPayload: PayloadReader,
): { input: string | null; output: string | null } {
  const needsEvents = span.events.length > 0 && (fields.input === undefined || fields.output === undefined);
  const fromEvents = needsEvents ? readMessageEvents(span.events) : {};
  const input = withSystem(fields.input ?? fromEvents.input, fields.systemInstructions);
  const output = fields.output ?? fromEvents.output;
  // Trace input and output are deprecated: on a root that has none of its own they are the root's.
  return {
    input: readPayload(input) ?? (isRoot ? readLoosePayload(fields.traceInput) : null),
    output: readPayload(output) ?? (isRoot ? readLoosePayload(fields.traceOutput) : null),
  };
}

/** `usage_details` is disjoint by definition and taken as it is; `gen_ai.usage.*` is inclusive and taken apart. */
function readUsage({ fields, groups, rest }: MappedAttributes): Record<string, number> | null {
  const given = readCounts(fields.usage);
  const inclusive = groups.inclusiveUsage;
  if (inclusive === undefined) return given;
  for (const [key, value] of inclusive) {
    if (given !== null || !isKnownUsageKey(key)) rest.set(`gen_ai.usage.${key}`, value);
  }
  return given ?? toDisjointUsage(inclusive);
}

function readCost(fields: Fields): Record<string, number> | null {
  const details = readCounts(fields.cost);
  if (details !== null) {
    if (details["total"] !== undefined) return details;
    return { ...details, total: Object.values(details).reduce((sum, part) => sum + part, 0) };
  }
  const total = readNumber(fields.totalCost);
  return total === null || total < 0 ? null : { total };
}

function readFirstToken(fields: Fields, startTime: number): number | null {
  const time = readTime(fields.completionStartTime);
  if (time !== null) return time;
  const seconds = readNumber(fields.secondsToFirstToken);
  return seconds === null || seconds < 0 ? null : startTime + seconds * 1000;
}

/** Sent whole, key by key, or both; a key of its own wins. What is no object is kept as `{ value }`. */
function readMetadata(
  whole: AttributeValue | undefined,
  byKey: Map<string, AttributeValue> | undefined,
  readPayload: PayloadReader,
): string | null {
  const text = readPayload(whole);
  const object = text === null || text.trimStart().startsWith("{") ? text : `{"value":${text}}`;
  if (byKey === undefined) return object;
  const base = object === null ? {} : (JSON.parse(object) as Record<string, AttributeValue>);
  const members = [...byKey].map(([key, value]): [string, AttributeValue] => [key, unwrapStructure(value)]);
  return JSON.stringify(Object.fromEntries([...Object.entries(base), ...members]));
}

function readModelParameters({ fields, groups, rest }: MappedAttributes): string | null {
  const given = readObject(fields.modelParameters);
  const fromGroup = groups.modelParameters;
  if (given === null) return fromGroup === undefined ? null : JSON.stringify(Object.fromEntries(fromGroup));
  for (const [key, value] of fromGroup ?? []) rest.set(`gen_ai.request.${key}`, value);
  return JSON.stringify(given);
}

/** One resource is shared by all spans of a process: it is written out once. */
const resourceTexts = new WeakMap<Attributes, string | null>();

function resourceText(resource: Attributes): string | null {
  let text = resourceTexts.get(resource);
  if (text === undefined) {
    text = resource.size === 0 ? null : JSON.stringify(Object.fromEntries(resource));
    resourceTexts.set(resource, text);
  }
  return text;
}

function eventsText(events: readonly OtlpEvent[]): string | null {
  if (events.length === 0) return null;
  return JSON.stringify(
    events.map((event) => ({
      name: event.name,
      time: toEpochMs(event.timeUnixNano),
      attributes: Object.fromEntries(event.attributes),
    })),
  );
}

/** To milliseconds with microseconds as a fraction: a double holds no more at today's dates. */
function toEpochMs(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000;
}
