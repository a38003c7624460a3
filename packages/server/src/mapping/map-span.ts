import type { ObservationType } from "../api/types.ts";
import type { Attributes, AttributeValue, OtlpEvent, OtlpSpan } from "../ingest/otlp-span.ts";
import { typesOf } from "../ingest/value-types.ts";
import { RECORD_RANK, type StoredObservation } from "../model/observation.ts";
import {
  AttributeMapper,
  isSame,
  type GroupMembers,
  type MappedAttributes,
  type MappedFields,
} from "./attribute-mapper.ts";
import { readEvaluations, type SpanScore } from "./evaluations.ts";
import { readOutcome, readStatusMessage } from "./outcome.ts";
import { readInputOutput } from "./payload.ts";
import { previewOf } from "./preview.ts";
import { nanosAfterMicros, spanFactsText } from "./span-facts.ts";
import type { Field } from "./table.ts";
import { TABLES } from "./tables/index.ts";
import { CACHES_BESIDE, addProviderCounts, splitProviderUsage, toDisjointUsage } from "./usage.ts";
import {
  cleanText,
  readBoolean,
  readCount,
  readCounts,
  readJsonPayload,
  readLoosePayload,
  readNumber,
  readObject,
  readText,
  readTextList,
  readTime,
  unwrapStructure,
  type PayloadReader,
} from "./values.ts";

/** Only our SDK writes it, on every span. */
const SDK_MARK = "spanwise.observation.status";

/** The AI SDK from major 6 on sends it, and then its counts include what was cached, whatever the provider does. */
const NORMALIZED_MARK = "ai.usage.inputTokenDetails.noCacheTokens";

const mapper = new AttributeMapper(TABLES);

export interface MappedSpan {
  observation: StoredObservation;
  /** Evaluations that the span brought along. */
  scores: SpanScore[];
}

/** Reads one span as an observation. Never throws on what a sender wrote: a value that cannot be used stays among the attributes. */
export function mapSpan(span: OtlpSpan): MappedSpan {
  const mapped = mapper.map(span.attributes, span.resource);
  const { fields, rest } = mapped;
  const isStart = fields.record === "start";
  const { level, status } = readOutcome(fields, span, isStart);
  const type = readType(fields);
  const startNanos = span.startTimeUnixNano || span.endTimeUnixNano;
  // A span without times is put where it arrived: at 1970 it would stretch its trace over half a century.
  const startTime = startNanos === 0n ? Date.now() : toEpochMs(startNanos);
  const isRoot = span.parentSpanId === null || readBoolean(fields.asRoot) === true;
  const readPayload = span.attributes.has(SDK_MARK) ? readJsonPayload : readLoosePayload;
  const traceInput = isRoot ? readLoosePayload(fields.traceInput) : null;
  const traceOutput = isRoot ? readLoosePayload(fields.traceOutput) : null;
  const told = readInputOutput(span, mapped, readPayload);
  // Trace input and output are deprecated: on a root that has none of its own they are the root's.
  const input = told.input ?? traceInput;
  const output = told.output ?? traceOutput;
  const usage = readUsage(mapped);
  const cost = readCost(mapped);
  const prompt = readPrompt(mapped);

  const observation: StoredObservation = {
    traceId: span.traceId,
    id: span.spanId,
    parentId: span.parentSpanId,
    isRoot,
    type,
    name: readName(span.name, type, mapped),
    startTime,
    endTime: isStart ? null : Math.max(startTime, toEpochMs(span.endTimeUnixNano)),
    completionStartTime: readFirstToken(mapped, startTime),
    level,
    status,
    statusMessage: readStatusMessage(fields, span, level === "ERROR"),
    rank: isStart ? RECORD_RANK.start : status === "incomplete" ? RECORD_RANK.incomplete : RECORD_RANK.end,
    model: readText(fields.model),
    provider: readText(fields.provider),
    usage,
    cost,
    costSource: cost === null ? null : "provided",
    usageAggregate: readBoolean(fields.usageAggregate) === true,
    promptName: prompt.name,
    promptVersion: prompt.version,
    traceName: readText(fields.traceName),
    userId: readText(fields.userId),
    sessionId: readText(fields.sessionId),
    tags: read(mapped, "tags", readTextList),
    environment: readText(fields.environment),
    release: readText(fields.release),
    version: readText(fields.version),
    public: read(mapped, "public", readBoolean),
    instanceId: readText(fields.instanceId),
    scopeName: readText(span.scopeName),
    scopeVersion: readText(span.scopeVersion),
    inputPreview: isRoot ? previewOf(traceInput ?? input) : null,
    outputPreview: isRoot ? previewOf(traceOutput ?? output) : null,
    payload: {
      input,
      output,
      metadata: readMetadata(mapped, "metadata", readPayload),
      modelParameters: readModelParameters(mapped),
      traceMetadata: readMetadata(mapped, "traceMetadata", readLoosePayload),
      attributes: rest.size === 0 ? null : JSON.stringify(Object.fromEntries(rest)),
      resource: resourceText(span.resource),
      events: eventsText(span.events),
      span: spanFactsText(span, rest),
    },
  };
  return { observation, scores: readEvaluations(span, mapped, observation.endTime ?? startTime, toEpochMs) };
}

/** A value that the reader cannot use stays among the attributes. */
function read<T>(
  mapped: MappedAttributes,
  field: Field,
  reader: (value: AttributeValue | undefined) => T | null,
): T | null {
  const value = reader(mapped.fields[field]);
  if (value === null) mapped.giveBack(field);
  return value;
}

function readType(fields: MappedFields): ObservationType {
  if (typeof fields.type === "string") return fields.type as ObservationType;
  if (fields.toolName !== undefined) return "tool";
  return fields.model === undefined ? "span" : "generation";
}

/** Names that instrumentations give to the span of a tool, in place of the tool's own; one that a person gave stays. */
const TOOL_SPAN_NAME = /^(?:|execute_tool\b.*|ai\.toolCall|running tool)$/;

/** Of each of its components. */
const HAYSTACK_SPAN_NAME = "haystack.component.run";

function readName(spanName: string, type: ObservationType, { fields, giveBack }: MappedAttributes): string {
  const toolName = readText(fields.toolName);
  if (toolName !== null) {
    if (type === "tool" && TOOL_SPAN_NAME.test(spanName)) return toolName;
    giveBack("toolName");
  }
  const isStandIn = spanName === HAYSTACK_SPAN_NAME || (spanName !== "" && spanName === fields.nameTemplate);
  return (isStandIn ? readText(fields.displayName) : null) ?? (spanName === "" ? type : cleanText(spanName));
}

/** `usage_details` is disjoint by definition and taken as it is; the other conventions' counts are inclusive and taken apart. */
function readUsage(mapped: MappedAttributes): Record<string, number> | null {
  const { fields, counts, rest } = mapped;
  const given = read(mapped, "usage", readCounts);
  if (given !== null) return given;
  if (counts === null) {
    const object = readObject(fields.countsObject);
    return object === null ? null : splitProviderUsage(object);
  }
  const mayCacheBeside = CACHES_BESIDE.test(`${readText(fields.provider)} ${readText(fields.model)}`);
  if (fields.providerMetadata === undefined) return toDisjointUsage(counts, mayCacheBeside);
  return toDisjointUsage(addProviderCounts(counts, fields.providerMetadata, rest.has(NORMALIZED_MARK)));
}

/** Each cost with its details inside: only the sums of both sides and of all are taken. */
const COST_SUMS: Readonly<Record<string, string>> = { prompt: "input", completion: "output", total: "total" };

function readCost(mapped: MappedAttributes): Record<string, number> | null {
  const { groups, rest } = mapped;
  const sums = groups.cost ?? new Map<string, never>();
  for (const [, { key, value }] of sums) rest.set(key, value);
  const total = read(mapped, "totalCost", readCount);
  const details = read(mapped, "cost", readCounts) ?? (total === null ? readCostSums(sums) : { total });
  if (details === null || details["total"] !== undefined) return details;
  return { ...details, total: Object.values(details).reduce((sum, part) => sum + part, 0) };
}

function readCostSums(members: GroupMembers): Record<string, number> | null {
  const sums = [...members].flatMap(([name, { value }]): [string, AttributeValue][] =>
    Object.hasOwn(COST_SUMS, name) ? [[COST_SUMS[name] ?? name, value]] : [],
  );
  return readCounts(Object.fromEntries(sums));
}

/** The AI SDK carries Langfuse's prompt as JSON in its metadata. */
function readPrompt(mapped: MappedAttributes): { name: string | null; version: number | null } {
  const linked = read(mapped, "prompt", readObject);
  return {
    name: readText(mapped.fields.promptName) ?? readText(linked?.["name"]),
    version: read(mapped, "promptVersion", readNumber) ?? readNumber(linked?.["version"]),
  };
}

/** Later than this no `Date` goes: https://tc39.es/ecma262/#sec-time-values-and-time-range */
const MAX_DATE_MS = 8.64e15;

function readFirstToken(mapped: MappedAttributes, startTime: number): number | null {
  const time = read(mapped, "completionStartTime", readTime);
  if (time !== null) return time;
  const seconds = read(mapped, "secondsToFirstToken", readNumber);
  const milliseconds = seconds === null ? read(mapped, "millisecondsToFirstToken", readNumber) : seconds * 1000;
  if (milliseconds === null || milliseconds < 0) return null;
  const firstToken = startTime + milliseconds;
  return firstToken <= MAX_DATE_MS ? firstToken : null;
}

/** What a key of the metadata's own begins with. */
const OWN_KEYS = { metadata: "langfuse.observation.metadata.", traceMetadata: "langfuse.trace.metadata." } as const;

/**
 * Sent whole, key by key, or both. A key of its own wins over the same in the whole, which wins over other conventions' keys: these stay attributes.
 * What is no object is kept as `{ value }`.
 */
function readMetadata(
  { fields, groups, rest }: MappedAttributes,
  name: keyof typeof OWN_KEYS,
  readPayload: PayloadReader,
): string | null {
  const text = readPayload(fields[name]);
  const object = text === null || text.trimStart().startsWith("{") ? text : `{"value":${text}}`;
  const byKey = groups[name];
  if (byKey === undefined) return object;
  const base = object === null ? {} : (JSON.parse(object) as Record<string, AttributeValue>);
  const members = [...byKey].flatMap(([member, { key, value }]): [string, AttributeValue][] => {
    if (!Object.hasOwn(base, member) || key.startsWith(OWN_KEYS[name])) return [[member, unwrapStructure(value)]];
    if (!isSame(base[member], value)) rest.set(key, value);
    return [];
  });
  return JSON.stringify(Object.fromEntries([...Object.entries(base), ...members]));
}

function readModelParameters(mapped: MappedAttributes): string | null {
  const { groups, rest } = mapped;
  const given = read(mapped, "modelParameters", readObject);
  const fromGroup = groups.modelParameters;
  if (given === null) {
    if (fromGroup === undefined) return null;
    return JSON.stringify(Object.fromEntries([...fromGroup].map(([name, { value }]) => [name, value])));
  }
  for (const { key, value } of fromGroup?.values() ?? []) rest.set(key, value);
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
    events.map((event) => {
      const nanos = nanosAfterMicros(event.timeUnixNano);
      return {
        name: event.name,
        time: toEpochMs(event.timeUnixNano),
        attributes: Object.fromEntries(event.attributes),
        ...(event.droppedAttributesCount === 0 ? {} : { droppedAttributesCount: event.droppedAttributesCount }),
        ...(nanos === 0 ? {} : { nanos }),
        types: typesOf(event.attributes),
      };
    }),
  );
}

/** To milliseconds with microseconds as a fraction: a double holds no more at today's dates. */
function toEpochMs(nanos: bigint): number {
  return Number(nanos / 1000n) / 1000;
}
