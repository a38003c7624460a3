import type { ValueType } from "../api/types.ts";
import {
  DecodeError,
  MAX_VALUE_DEPTH,
  SIGNAL_HINT,
  findIdProblem,
  isLink,
  type Attributes,
  type AttributeValue,
  type DecodedSpans,
  type OtlpEvent,
  type OtlpLink,
  type OtlpSpan,
} from "./otlp-span.ts";
import * as wire from "./otlp-fields.ts";
import { addSpan, closeParts, pushPart } from "./span-parts.ts";
import { LastType, TypedList, isUntoldDouble, setAttribute, typesOf } from "./value-types.ts";
import { WireError, WireReader } from "./wire-reader.ts";

/** @throws {DecodeError} when the bytes are no `ExportTraceServiceRequest`. */
export function decodeOtlpProtobuf(body: Uint8Array): DecodedSpans {
  const decoded: DecodedSpans = { resources: [], spans: [], rejected: 0, cutParts: 0, reason: null };
  let looksLikeSpans = false;
  for (const span of readRequest(body, decoded.resources)) {
    const problem = findIdProblem(span);
    looksLikeSpans ||= problem === null || span.startTimeUnixNano > 0n;
    if (problem === null) {
      addSpan(decoded, span);
    } else {
      decoded.rejected += 1;
      decoded.reason ??= `span "${span.name.slice(0, 80)}": ${problem}`;
    }
  }
  // Logs and metrics have the same outer shape; what reads as spans then has neither ids nor a start.
  if (decoded.rejected > 0 && !looksLikeSpans) {
    throw new DecodeError(`No span of the body has ids or a start time. ${SIGNAL_HINT}.`);
  }
  return decoded;
}

/** @param resources gets those of the request, with and without spans. */
function readRequest(body: Uint8Array, resources: Attributes[]): OtlpSpan[] {
  const reader = new WireReader(body);
  const spans: OtlpSpan[] = [];
  try {
    for (let tag = reader.next(); tag !== 0; tag = reader.next()) {
      if (tag === wire.REQUEST_RESOURCE_SPANS) resources.push(readResourceSpans(reader, spans));
      else reader.skip(tag);
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    throw new DecodeError(`The body is not an OTLP trace export in protobuf: ${error.message}. ${SIGNAL_HINT}.`);
  }
  return spans;
}

/** @returns the resource, which may be written behind its spans. */
function readResourceSpans(reader: WireReader, spans: OtlpSpan[]): Attributes {
  const resource: Attributes = new Map();
  reader.message((tag) => {
    if (tag === wire.RESOURCE_SPANS_RESOURCE) {
      reader.message((inner) => {
        if (inner === wire.RESOURCE_ATTRIBUTES) readAttribute(reader, resource);
        else reader.skip(inner);
      });
    } else if (tag === wire.RESOURCE_SPANS_SCOPE_SPANS) readScopeSpans(reader, resource, spans);
    else reader.skip(tag);
  });
  return resource;
}

function readScopeSpans(reader: WireReader, resource: Attributes, spans: OtlpSpan[]): void {
  const scopeAttributes: Attributes = new Map();
  let [name, version, schemaUrl] = ["", "", ""];
  const first = spans.length;
  reader.message((tag) => {
    if (tag === wire.SCOPE_SPANS_SPANS) spans.push(readSpan(reader, resource, scopeAttributes));
    else if (tag === wire.SCOPE_SPANS_SCHEMA_URL) schemaUrl = reader.string();
    else if (tag === wire.SCOPE_SPANS_SCOPE) {
      reader.message((inner) => {
        if (inner === wire.SCOPE_NAME) name = reader.string();
        else if (inner === wire.SCOPE_VERSION) version = reader.string();
        else if (inner === wire.SCOPE_ATTRIBUTES) readAttribute(reader, scopeAttributes);
        else reader.skip(inner);
      });
    } else reader.skip(tag);
  });
  // At the end: the scope may be written behind its spans.
  for (const span of spans.slice(first)) {
    span.scopeName = name;
    span.scopeVersion = version;
    span.scopeSchemaUrl = schemaUrl;
  }
}

function readSpan(reader: WireReader, resource: Attributes, scopeAttributes: Attributes): OtlpSpan {
  const span: OtlpSpan = {
    traceId: "",
    spanId: "",
    parentSpanId: null,
    name: "",
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: new Map(),
    droppedAttributesCount: 0,
    events: [],
    droppedEventsCount: 0,
    cutEvents: 0,
    links: [],
    droppedLinksCount: 0,
    cutLinks: 0,
    kind: 0,
    traceState: "",
    flags: 0,
    statusCode: 0,
    statusMessage: "",
    resource,
    scopeName: "",
    scopeVersion: "",
    scopeAttributes,
    scopeSchemaUrl: "",
  };
  reader.message((tag) => readSpanField(reader, tag, span));
  if (span.cutEvents + span.cutLinks > 0) closeParts(span);
  return span;
}

function readSpanField(reader: WireReader, tag: number, span: OtlpSpan): void {
  switch (tag) {
    case wire.SPAN_ATTRIBUTES:
      readAttribute(reader, span.attributes);
      return;
    case wire.SPAN_TRACE_ID:
      span.traceId = reader.hex();
      return;
    case wire.SPAN_ID:
      span.spanId = reader.hex();
      return;
    case wire.SPAN_PARENT_ID: {
      const id = reader.hex();
      // No parent is an empty field by the specification; some senders write zeros.
      span.parentSpanId = /^0*$/.test(id) ? null : id;
      return;
    }
    case wire.SPAN_NAME:
      span.name = reader.string();
      return;
    case wire.SPAN_START:
      span.startTimeUnixNano = reader.fixed64();
      return;
    case wire.SPAN_END:
      span.endTimeUnixNano = reader.fixed64();
      return;
    case wire.SPAN_KIND:
      span.kind = reader.uint32() | 0;
      return;
    case wire.SPAN_FLAGS:
      span.flags = reader.fixed32();
      return;
    case wire.SPAN_STATUS:
      reader.message((inner) => readStatusField(reader, inner, span));
      return;
    case wire.SPAN_EVENTS:
      span.cutEvents = pushPart(span.events, readEvent(reader), span.cutEvents);
      return;
    case wire.SPAN_LINKS: {
      const link = readLink(reader);
      if (isLink(link)) span.cutLinks = pushPart(span.links, link, span.cutLinks);
      return;
    }
    case wire.SPAN_TRACE_STATE:
      span.traceState = reader.string();
      return;
    case wire.SPAN_DROPPED_ATTRIBUTES:
      span.droppedAttributesCount = reader.uint32();
      return;
    case wire.SPAN_DROPPED_EVENTS:
      span.droppedEventsCount = reader.uint32();
      return;
    case wire.SPAN_DROPPED_LINKS:
      span.droppedLinksCount = reader.uint32();
      return;
    default:
      reader.skip(tag);
  }
}

function readStatusField(reader: WireReader, tag: number, span: OtlpSpan): void {
  if (tag === wire.STATUS_MESSAGE) span.statusMessage = reader.string();
  else if (tag === wire.STATUS_CODE) {
    const code = reader.uint32();
    span.statusCode = code === 1 || code === 2 ? code : 0;
  } else reader.skip(tag);
}

function readEvent(reader: WireReader): OtlpEvent {
  const event: OtlpEvent = { name: "", timeUnixNano: 0n, attributes: new Map(), droppedAttributesCount: 0 };
  reader.message((tag) => {
    if (tag === wire.EVENT_NAME) event.name = reader.string();
    else if (tag === wire.EVENT_TIME) event.timeUnixNano = reader.fixed64();
    else if (tag === wire.EVENT_ATTRIBUTES) readAttribute(reader, event.attributes);
    else if (tag === wire.EVENT_DROPPED_ATTRIBUTES) event.droppedAttributesCount = reader.uint32();
    else reader.skip(tag);
  });
  return event;
}

function readLink(reader: WireReader): OtlpLink {
  const attributes: Attributes = new Map();
  const link: OtlpLink = { traceId: "", spanId: "", traceState: "", flags: 0, attributes, droppedAttributesCount: 0 };
  reader.message((tag) => {
    if (tag === wire.LINK_TRACE_ID) link.traceId = reader.hex();
    else if (tag === wire.LINK_SPAN_ID) link.spanId = reader.hex();
    else if (tag === wire.LINK_TRACE_STATE) link.traceState = reader.string();
    else if (tag === wire.LINK_ATTRIBUTES) readAttribute(reader, attributes);
    else if (tag === wire.LINK_DROPPED_ATTRIBUTES) link.droppedAttributesCount = reader.uint32();
    else if (tag === wire.LINK_FLAGS) link.flags = reader.fixed32();
    else reader.skip(tag);
  });
  return link;
}

const last = new LastType();

function readAttribute(reader: WireReader, attributes: Attributes, depth = 0): void {
  let key = "";
  let value: AttributeValue = null;
  let type: ValueType | null = null;
  reader.message((tag) => {
    if (tag === wire.KEY_VALUE_KEY) key = reader.name();
    else if (tag === wire.KEY_VALUE_VALUE) {
      value = readValue(reader, depth);
      type = last.take();
    } else reader.skip(tag);
  });
  setAttribute(attributes, key, value, type);
}

function readValue(reader: WireReader, depth: number): AttributeValue {
  let value: AttributeValue = null;
  last.type = null;
  if (depth > MAX_VALUE_DEPTH) {
    reader.skip(wire.KEY_VALUE_VALUE);
    return null;
  }
  reader.message((tag) => {
    switch (tag) {
      case wire.VALUE_STRING:
        value = reader.string();
        last.type = null;
        return;
      case wire.VALUE_INT:
        value = reader.int64();
        last.type = typeof value === "string" ? "int" : null;
        return;
      case wire.VALUE_BOOL:
        value = reader.bool();
        last.type = null;
        return;
      case wire.VALUE_DOUBLE: {
        const number = reader.double();
        last.type = isUntoldDouble(number) ? "double" : null;
        value = Number.isFinite(number) ? number : String(number);
        return;
      }
      case wire.VALUE_ARRAY:
        value = readArray(reader, depth + 1);
        return;
      case wire.VALUE_LIST:
        value = readKeyValues(reader, depth + 1);
        return;
      case wire.VALUE_BYTES:
        value = reader.base64();
        last.type = "bytes";
        return;
      default:
        reader.skip(tag);
    }
  });
  return value;
}

function readArray(reader: WireReader, depth: number): AttributeValue[] {
  const list = new TypedList();
  reader.message((tag) => {
    if (tag === wire.ARRAY_VALUES) list.push(readValue(reader, depth), last.take());
    else reader.skip(tag);
  });
  last.type = list.readType();
  return list.values;
}

function readKeyValues(reader: WireReader, depth: number): AttributeValue {
  const members: Attributes = new Map();
  reader.message((tag) => {
    if (tag === wire.LIST_VALUES) readAttribute(reader, members, depth);
    else reader.skip(tag);
  });
  last.type = typesOf(members) ?? null;
  return Object.fromEntries(members);
}
