import type { ObservationDetail, SpanFacts, ValueType } from "../../api/types.ts";
import { SPAN_KINDS } from "../../ingest/otlp-span.ts";
import type { StoredObservation } from "../../model/observation.ts";
import { otlpSpanId, otlpTraceId } from "./otlp-ids.ts";

type OtlpValue =
  /** None: what was sent as such. */
  | Record<string, never>
  | { stringValue: string }
  | { boolValue: boolean }
  | { intValue: string }
  | { doubleValue: number | string }
  | { bytesValue: string }
  | ArrayValue;
type ArrayValue = { arrayValue: { values: OtlpValue[] } } | { kvlistValue: { values: KeyValue[] } };
interface KeyValue {
  key: string;
  value: OtlpValue;
}

/**
 * An export of one span as OTLP/JSON on a line, as the OpenTelemetry Collector's file exporter writes them and `spanwise import` reads
 * them, in the words of the `spanwise()` exporter: read in again, the observation is the same. Ids that OTLP has not, of Langfuse's batches, become such.
 */
export function toOtlpLine(row: StoredObservation): string {
  const resource = parse(row.payload.resource);
  const isRunning = row.endTime === null;
  const facts = (parse(row.payload.span) ?? NO_SPAN) as SpanFacts;
  const [startNanos, endNanos] = facts.nanos ?? [];
  const span = {
    traceId: otlpTraceId(row.traceId),
    spanId: otlpSpanId(row.id),
    ...(row.parentId === null ? {} : { parentSpanId: otlpSpanId(row.parentId) }),
    ...(facts.traceState === undefined ? {} : { traceState: facts.traceState }),
    name: row.name,
    kind: SPAN_KINDS.indexOf(facts.kind),
    flags: facts.flags,
    startTimeUnixNano: nanos(row.startTime, startNanos),
    endTimeUnixNano: row.endTime === null ? nanos(row.startTime, startNanos) : nanos(row.endTime, endNanos),
    attributes: attributesOf(row, facts.types),
    ...countOf(facts, "droppedAttributesCount"),
    events:
      (parse(row.payload.events) as ObservationDetail["events"] | null)?.map((event) => ({
        name: event.name,
        timeUnixNano: nanos(event.time, event.nanos),
        attributes: toAttributes(event.attributes, event.types),
        ...countOf(event, "droppedAttributesCount"),
      })) ?? [],
    ...countOf(facts, "droppedEventsCount"),
    links:
      facts.links?.map(({ types, ...link }) => ({ ...link, attributes: toAttributes(link.attributes ?? {}, types) })) ??
      [],
    ...countOf(facts, "droppedLinksCount"),
    status: {
      code: row.level === "ERROR" ? 2 : isRunning ? 0 : 1,
      ...(row.statusMessage === null ? {} : { message: row.statusMessage }),
    },
  };
  const scope = {
    name: row.scopeName ?? "",
    ...(row.scopeVersion === null ? {} : { version: row.scopeVersion }),
    attributes: toAttributes(facts.scopeAttributes ?? {}, facts.scopeTypes),
    ...(facts.droppedScopeAttributesCount === undefined
      ? {}
      : { droppedAttributesCount: facts.droppedScopeAttributesCount }),
  };
  const schemaUrl = facts.schemaUrl === undefined ? {} : { schemaUrl: facts.schemaUrl };
  const resourceSpans = [
    {
      resource: { attributes: toAttributes(resource ?? {}, facts.resourceTypes) },
      scopeSpans: [{ scope, spans: [span], ...schemaUrl }],
    },
  ];
  return `${JSON.stringify({ resourceSpans })}\n`;
}

/** Of what came otherwise: it was sampled, since it is here. */
const NO_SPAN: SpanFacts = { kind: "INTERNAL", flags: 1 };

function countOf<N extends string>(owner: Partial<Record<N, number | undefined>>, name: N): object {
  return owner[name] === undefined ? {} : { [name]: owner[name] };
}

/** As `mapping/tables` read them. */
function attributesOf(row: StoredObservation, types: Types): KeyValue[] {
  const { payload } = row;
  const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));
  const named: [string, unknown][] = [
    ["spanwise.observation.status", row.status],
    ["spanwise.record", row.endTime === null ? "start" : null],
    ["spanwise.provider", row.provider],
    ["spanwise.usage.aggregate", row.usageAggregate ? true : null],
    ["langfuse.internal.as_root", row.isRoot && row.parentId !== null ? true : null],
    ["langfuse.observation.type", row.type],
    ["langfuse.observation.level", row.level],
    ["langfuse.observation.status_message", row.statusMessage],
    ["langfuse.observation.input", payload.input],
    ["langfuse.observation.output", payload.output],
    ["langfuse.observation.metadata", payload.metadata],
    ["langfuse.observation.model.name", row.model],
    ["langfuse.observation.model.parameters", payload.modelParameters],
    ["langfuse.observation.usage_details", json(row.usage)],
    // What was computed is computed again, by the prices of the server that reads it.
    ["langfuse.observation.cost_details", row.costSource === "provided" ? json(row.cost) : null],
    [
      "langfuse.observation.completion_start_time",
      row.completionStartTime === null ? null : isoOf(row.completionStartTime),
    ],
    ["langfuse.observation.prompt.name", row.promptName],
    ["langfuse.observation.prompt.version", row.promptVersion],
    ["langfuse.trace.name", row.traceName],
    ["langfuse.trace.tags", row.tags],
    ["langfuse.trace.metadata", payload.traceMetadata],
    ["langfuse.trace.public", row.public],
    ["langfuse.user.id", row.userId],
    ["langfuse.session.id", row.sessionId],
    ["langfuse.environment", row.environment],
    ["langfuse.release", row.release],
    ["langfuse.version", row.version],
  ];
  const known = named.filter(([, value]) => value !== null);
  const taken = new Set(known.map(([key]) => key));
  const rest = Object.entries(parse(payload.attributes) ?? {}).filter(([key]) => !taken.has(key));
  // First what wins: who reads it leaves out what says the same as the winner so far.
  return [...toAttributes(Object.fromEntries(known)), ...toAttributes(Object.fromEntries(rest), types)];
}

/** Of what JSON does not tell: {@link SpanFacts.types}. */
type Types = Record<string, ValueType> | undefined;

function toAttributes(object: object, types?: Types): KeyValue[] {
  return Object.entries(object).map(([key, value]: [string, unknown]) => ({
    key,
    value: toValue(value, types !== undefined && Object.hasOwn(types, key) ? types[key] : undefined),
  }));
}

function toValue(value: unknown, type?: ValueType): OtlpValue {
  if (typeof value === "string") return toTextValue(value, type);
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") {
    if (type === "int" && Number.isInteger(value)) return { intValue: String(BigInt(value)) };
    return type !== "double" && Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  }
  if (Array.isArray(value)) return { arrayValue: { values: toValues(value, type) } };
  if (typeof value !== "object" || value === null) return {};
  const types = typeof type === "object" && !Array.isArray(type) ? type : undefined;
  return { kvlistValue: { values: toAttributes(value, types) } };
}

/** What no JSON number can be is text. In a list of one type others may be as well: what is no such text stays one. */
function toTextValue(value: string, type: ValueType | undefined): OtlpValue {
  if (type === "bytes") return { bytesValue: value };
  if (type === "int" && /^-?\d+$/.test(value)) return { intValue: value };
  if (type === "double" && /^(?:NaN|-?Infinity)$/.test(value)) return { doubleValue: value };
  return { stringValue: value };
}

/** Where nothing says otherwise a list is of one type, as OpenTelemetry has it: where one number is a double, all are. */
function toValues(list: readonly unknown[], type: ValueType | undefined): OtlpValue[] {
  if (Array.isArray(type)) return list.map((item, index) => toValue(item, type[index] ?? undefined));
  const areDoubles = type === undefined && list.some((item) => typeof item === "number" && !Number.isSafeInteger(item));
  return list.map((item) => toValue(item, areDoubles && typeof item === "number" ? "double" : type));
}

function parse(json: string | null): unknown {
  return json === null ? null : (JSON.parse(json) as unknown);
}

/** @param ms with microseconds as its fraction. @param rest the nanoseconds after them. */
function nanos(ms: number, rest = 0): string {
  return `${BigInt(Math.round(ms * 1000))}${String(rest).padStart(3, "0")}`;
}

/** With microseconds, where there are any, which `Date` has not. */
function isoOf(ms: number): string {
  const micros = Math.round(ms * 1000);
  const iso = new Date(Math.floor(micros / 1000)).toISOString();
  return micros % 1000 === 0 ? iso : iso.replace("Z", `${String(micros % 1000).padStart(3, "0")}Z`);
}
