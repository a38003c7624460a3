import type { SpanFacts, SpanLink } from "../api/types.ts";
import { SPAN_KINDS, type Attributes, type OtlpLink, type OtlpSpan } from "../ingest/otlp-span.ts";
import { typesOf } from "../ingest/value-types.ts";

/** Of spans that have a kind and flags only, which nearly all are: by both, its text. Flags in use are a handful; hostile ones are not kept. */
const plainTexts = new Map<string, string>();
const MAX_PLAIN_TEXTS = 256;

/**
 * What OpenTelemetry says of a span and no observation has a field for, as JSON, so that it can be shown and handed on unchanged.
 *
 * @param kept the attributes that are stored as such: nobody asks for the types of the others.
 */
export function spanFactsText(span: OtlpSpan, kept: Attributes): string {
  const kind = SPAN_KINDS[span.kind] ?? "UNSPECIFIED";
  const nanos = nanosOf(span);
  const types = typesOf(span.attributes, kept);
  if (types !== undefined || !isPlain(span)) return JSON.stringify({ ...spanFacts(span, kind, nanos), types });
  if (nanos !== null) return `{"kind":"${kind}","flags":${span.flags},"nanos":[${nanos[0]},${nanos[1]}]}`;
  const key = `${kind} ${span.flags}`;
  let text = plainTexts.get(key);
  if (text === undefined) {
    text = JSON.stringify({ kind, flags: span.flags } satisfies SpanFacts);
    if (plainTexts.size < MAX_PLAIN_TEXTS) plainTexts.set(key, text);
  }
  return text;
}

function isPlain(span: OtlpSpan): boolean {
  return (
    span.links.length === 0 &&
    span.traceState === "" &&
    span.droppedAttributesCount === 0 &&
    span.droppedEventsCount === 0 &&
    span.droppedLinksCount === 0 &&
    span.scopeAttributes.size === 0 &&
    span.scopeSchemaUrl === "" &&
    typesOf(span.resource) === undefined
  );
}

/** What the times of a row, which are doubles of milliseconds, cannot hold. A span that ends before it starts is stored as ending there. */
function nanosOf({ startTimeUnixNano: start, endTimeUnixNano: end }: OtlpSpan): [number, number] | null {
  const first = start === 0n ? end : start;
  const nanos: [number, number] = [nanosAfterMicros(first), nanosAfterMicros(end < first ? first : end)];
  return nanos[0] === 0 && nanos[1] === 0 ? null : nanos;
}

export function nanosAfterMicros(nanos: bigint): number {
  return Number(nanos % 1000n);
}

function spanFacts(span: OtlpSpan, kind: SpanFacts["kind"], nanos: SpanFacts["nanos"] | null): SpanFacts {
  return {
    kind,
    flags: span.flags,
    ...(nanos === null ? {} : { nanos }),
    ...given("traceState", span.traceState),
    ...(span.links.length === 0 ? {} : { links: span.links.map(toLink) }),
    ...given("droppedAttributesCount", span.droppedAttributesCount),
    ...given("droppedEventsCount", span.droppedEventsCount),
    ...given("droppedLinksCount", span.droppedLinksCount),
    ...sharedFacts(span.scopeAttributes, scopeFacts),
    ...given("schemaUrl", span.scopeSchemaUrl),
    ...sharedFacts(span.resource, resourceFacts),
  };
}

/**
 * Characters of JSON that the rows of a scope, or of a resource, have each a copy of. Scopes have a handful of attributes: with thousands of them
 * a small request would take gigabytes.
 */
const MAX_SHARED_CHARS = 4096;

const shared = new WeakMap<Attributes, Partial<SpanFacts>>();

/** Written out once for all spans that share them. */
function sharedFacts(attributes: Attributes, read: (attributes: Attributes) => Partial<SpanFacts>): Partial<SpanFacts> {
  let facts = shared.get(attributes);
  if (facts === undefined) shared.set(attributes, (facts = read(attributes)));
  return facts;
}

function scopeFacts(attributes: Attributes): Partial<SpanFacts> {
  const facts = { ...attributesOf("scopeAttributes", attributes), scopeTypes: typesOf(attributes) };
  return isShort(facts) ? facts : { droppedScopeAttributesCount: attributes.size };
}

/** The attributes themselves are kept once. */
function resourceFacts(attributes: Attributes): Partial<SpanFacts> {
  const facts = { resourceTypes: typesOf(attributes) };
  return isShort(facts) ? facts : {};
}

function isShort(facts: Partial<SpanFacts>): boolean {
  return JSON.stringify(facts).length <= MAX_SHARED_CHARS;
}

function toLink(link: OtlpLink): SpanLink {
  return {
    traceId: link.traceId,
    spanId: link.spanId,
    ...given("traceState", link.traceState),
    ...given("flags", link.flags),
    ...attributesOf("attributes", link.attributes),
    types: typesOf(link.attributes),
    ...given("droppedAttributesCount", link.droppedAttributesCount),
  };
}

/** A member that is left out when it is empty or 0, as protobuf does. */
function given<N extends string, V extends string | number>(name: N, value: V): Partial<Record<N, V>> {
  return (value === "" || value === 0 ? {} : { [name]: value }) as Partial<Record<N, V>>;
}

function attributesOf<N extends string>(name: N, value: Attributes): Partial<Record<N, Record<string, unknown>>> {
  return (value.size === 0 ? {} : { [name]: Object.fromEntries(value) }) as Partial<Record<N, Record<string, unknown>>>;
}
