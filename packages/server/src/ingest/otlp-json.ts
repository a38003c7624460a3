import { TOO_MANY_NESTED, explainJsonError, isObject } from "../http/json-body.ts";
import { hasTooManyNested } from "../http/json-depth.ts";
import {
  DecodeError,
  MAX_VALUE_DEPTH,
  SIGNAL_HINT,
  SPAN_KINDS,
  findIdProblem,
  isLink,
  type Attributes,
  type AttributeValue,
  type DecodedSpans,
  type OtlpEvent,
  type OtlpLink,
  type OtlpSpan,
  type StatusCode,
} from "./otlp-span.ts";
import { addCut, addSpan, keptParts } from "./span-parts.ts";
import { LastType, TypedList, isUntoldDouble, setAttribute, typesOf } from "./value-types.ts";

type JsonObject = Record<string, unknown>;

/** What a span has of what it is sent within. */
type Sender = Pick<OtlpSpan, "resource" | "scopeName" | "scopeVersion" | "scopeAttributes" | "scopeSchemaUrl">;

/**
 * OTLP/JSON: ids are hex, 64-bit integers numbers or decimal text, names lowerCamelCase. The snake_case of the protobuf files is
 * accepted too, as the protobuf JSON mapping asks of readers, and so are ids in base64, as it writes them.
 *
 * @throws {DecodeError}
 */
export function decodeOtlpJson(body: Uint8Array): DecodedSpans {
  const request = parse(body);
  if (field(request, "resourceLogs") !== undefined || field(request, "resourceMetrics") !== undefined) {
    throw new DecodeError(`The body holds OTLP logs or metrics. ${SIGNAL_HINT}.`);
  }
  const decoded: DecodedSpans = { resources: [], spans: [], rejected: 0, cutParts: 0, reason: null };
  for (const resourceSpans of listOf(request, "resourceSpans", "resourceSpans")) {
    const resourceValue = field(resourceSpans, "resource");
    const resource = isObject(resourceValue)
      ? readAttributes(field(resourceValue, "attributes"), "resource")
      : new Map();
    decoded.resources.push(resource);
    for (const scopeSpans of listOf(resourceSpans, "scopeSpans", "scopeSpans")) {
      const scopeValue = field(scopeSpans, "scope");
      const scope = isObject(scopeValue) ? scopeValue : {};
      const spans = field(scopeSpans, "spans") ?? [];
      if (!Array.isArray(spans)) throw new DecodeError("spans is not a list.");
      const sender: Sender = {
        resource,
        scopeName: text(scope["name"]),
        scopeVersion: text(scope["version"]),
        scopeAttributes: readAttributes(field(scope, "attributes"), "scope"),
        scopeSchemaUrl: text(field(scopeSpans, "schemaUrl")),
      };
      for (const wire of spans as unknown[]) readSpanInto(decoded, wire, sender);
    }
  }
  return decoded;
}

function parse(body: Uint8Array): JsonObject {
  if (hasTooManyNested(body)) throw new DecodeError(`The body has ${TOO_MANY_NESTED}.`);
  let value: unknown;
  try {
    // What is no UTF-8 is replaced, as in protobuf.
    value = JSON.parse(new TextDecoder().decode(body));
  } catch (error) {
    throw new DecodeError(explainJsonError(error));
  }
  if (!isObject(value)) throw new DecodeError("The body is not a JSON object with resourceSpans.");
  return value;
}

/** A span with a fault is rejected alone: its neighbours are stored. */
function readSpanInto(decoded: DecodedSpans, wire: unknown, sender: Sender): void {
  if (!isObject(wire)) {
    decoded.rejected += 1;
    decoded.reason ??= "a span is not an object";
    return;
  }
  const name = text(wire["name"]);
  try {
    const span = readSpan(wire, sender);
    const problem = findIdProblem(span);
    if (problem === null) {
      addSpan(decoded, span);
      return;
    }
    decoded.reason ??= `span "${name.slice(0, 80)}": ${problem}`;
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    decoded.reason ??= `span "${name.slice(0, 80)}": ${error.message}`;
  }
  decoded.rejected += 1;
}

function readSpan(wire: JsonObject, sender: Sender): OtlpSpan {
  const parent = readId(field(wire, "parentSpanId"));
  const statusValue = field(wire, "status");
  const status = isObject(statusValue) ? statusValue : {};
  const events = listOf(wire, "events", "events");
  const keptEvents = keptParts(events);
  const links = listOf(wire, "links", "links");
  const keptLinks = keptParts(links);
  return {
    traceId: readId(field(wire, "traceId")),
    spanId: readId(field(wire, "spanId")),
    parentSpanId: /^0*$/.test(parent) ? null : parent,
    name: text(wire["name"]),
    startTimeUnixNano: nanos(field(wire, "startTimeUnixNano"), "startTimeUnixNano"),
    endTimeUnixNano: nanos(field(wire, "endTimeUnixNano"), "endTimeUnixNano"),
    attributes: readAttributes(field(wire, "attributes"), "span"),
    droppedAttributesCount: uint32(field(wire, "droppedAttributesCount")),
    events: keptEvents.map(readEvent),
    droppedEventsCount: addCut(uint32(field(wire, "droppedEventsCount")), events.length - keptEvents.length),
    cutEvents: events.length - keptEvents.length,
    links: keptLinks.map(readLink).filter(isLink),
    droppedLinksCount: addCut(uint32(field(wire, "droppedLinksCount")), links.length - keptLinks.length),
    cutLinks: links.length - keptLinks.length,
    kind: spanKind(field(wire, "kind")),
    traceState: text(field(wire, "traceState")),
    flags: uint32(field(wire, "flags")),
    statusCode: statusCode(status["code"]),
    statusMessage: text(status["message"]),
    resource: sender.resource,
    scopeName: sender.scopeName,
    scopeVersion: sender.scopeVersion,
    scopeAttributes: sender.scopeAttributes,
    scopeSchemaUrl: sender.scopeSchemaUrl,
  };
}

function readEvent(wire: JsonObject): OtlpEvent {
  return {
    name: text(wire["name"]),
    timeUnixNano: nanos(field(wire, "timeUnixNano"), "timeUnixNano"),
    attributes: readAttributes(field(wire, "attributes"), "event"),
    droppedAttributesCount: uint32(field(wire, "droppedAttributesCount")),
  };
}

function readLink(wire: JsonObject): OtlpLink {
  return {
    traceId: readId(field(wire, "traceId")),
    spanId: readId(field(wire, "spanId")),
    traceState: text(field(wire, "traceState")),
    flags: uint32(field(wire, "flags")),
    attributes: readAttributes(field(wire, "attributes"), "link"),
    droppedAttributesCount: uint32(field(wire, "droppedAttributesCount")),
  };
}

/** 16 or 8 bytes; neither is as long as hex of them. */
const BASE64_ID = /^(?:[A-Za-z0-9+/_-]{22}(?:==)?|[A-Za-z0-9+/_-]{11}=?)$/;

/** Hex as OTLP asks for, or base64, which the protobuf JSON mapping makes of ids where nobody told it better. */
function readId(value: unknown): string {
  const id = text(value);
  return BASE64_ID.test(id) ? Buffer.from(id, "base64").toString("hex") : id.toLowerCase();
}

/** Counts and flags say something about the span and are no reason to lose it: what is no such number is 0. */
function uint32(value: unknown): number {
  const number = typeof value === "string" && /^\d{1,10}$/.test(value) ? Number(value) : value;
  return Number.isInteger(number) && Number(number) >= 0 && Number(number) < 2 ** 32 ? Number(number) : 0;
}

const SPAN_KIND_NAMES: readonly unknown[] = SPAN_KINDS.map((kind) => `SPAN_KIND_${kind}`);

function spanKind(value: unknown): number {
  return SPAN_KIND_NAMES.includes(value) ? SPAN_KIND_NAMES.indexOf(value) : uint32(value);
}

/** Enums are numbers in OTLP/JSON; names come from encoders that follow the general protobuf mapping. */
function statusCode(value: unknown): StatusCode {
  if (value === 1 || value === "1" || value === "STATUS_CODE_OK") return 1;
  if (value === 2 || value === "2" || value === "STATUS_CODE_ERROR") return 2;
  return 0;
}

function readAttributes(list: unknown, owner: string, depth = 0): Attributes {
  const attributes: Attributes = new Map();
  if (list === undefined || list === null) return attributes;
  if (!Array.isArray(list)) throw new DecodeError(`the ${owner}'s attributes are not a list of key and value`);
  for (const entry of list as unknown[]) {
    // An empty text may be left out.
    const key = isObject(entry) ? (entry["key"] ?? "") : undefined;
    if (!isObject(entry) || typeof key !== "string") {
      throw new DecodeError(`the ${owner}'s attributes are not a list of key and value`);
    }
    last.type = null;
    const value = readValue(entry["value"], depth);
    setAttribute(attributes, key, value, last.take());
  }
  return attributes;
}

const last = new LastType();

function readValue(wire: unknown, depth: number): AttributeValue {
  if (!isObject(wire) || depth > MAX_VALUE_DEPTH) return null;
  const stringValue = field(wire, "stringValue");
  if (typeof stringValue === "string") return stringValue;
  const boolValue = field(wire, "boolValue");
  if (typeof boolValue === "boolean") return boolValue;
  const intValue = field(wire, "intValue");
  if (typeof intValue === "number" || typeof intValue === "string") return integer(intValue);
  const doubleValue = field(wire, "doubleValue");
  // "NaN" and "Infinity" are text in JSON.
  if (typeof doubleValue === "number" || typeof doubleValue === "string") return double(doubleValue);
  const arrayValue = field(wire, "arrayValue");
  if (isObject(arrayValue)) return readArray(arrayValue["values"], depth + 1);
  const kvlistValue = field(wire, "kvlistValue");
  if (isObject(kvlistValue)) {
    const members = readAttributes(kvlistValue["values"], "attribute", depth + 1);
    last.type = typesOf(members) ?? null;
    return Object.fromEntries(members);
  }
  const bytesValue = field(wire, "bytesValue");
  if (typeof bytesValue !== "string") return null;
  last.type = "bytes";
  return bytesValue;
}

function readArray(wire: unknown, depth: number): AttributeValue[] {
  if (!Array.isArray(wire)) return [];
  const list = new TypedList();
  for (const item of wire as unknown[]) list.push(readValue(item, depth), last.take());
  last.type = list.readType();
  return list.values;
}

function integer(value: number | string): AttributeValue {
  // A number that is too large was rounded by whoever read the JSON.
  if (typeof value === "number" && (Number.isSafeInteger(value) || !Number.isInteger(value))) return value;
  const digits = typeof value === "number" ? BigInt(value).toString() : value;
  if (!/^-?\d{1,20}$/.test(digits)) return value;
  const number = Number(digits);
  if (Number.isSafeInteger(number)) return number;
  if (!isInt64(BigInt(digits))) return value;
  last.type = "int";
  return digits;
}

function isInt64(value: bigint): boolean {
  return BigInt.asIntN(64, value) === value;
}

function double(value: number | string): AttributeValue {
  const number = typeof value === "number" ? value : Number(value);
  if (isUntoldDouble(number)) last.type = "double";
  return Number.isFinite(number) ? number : String(value);
}

const MAX_UINT64 = 2n ** 64n - 1n;

function nanos(value: unknown, name: string): bigint {
  if (value === undefined || value === null || value === "") return 0n;
  const isNumber = typeof value === "number" && Number.isFinite(value) && value >= 0;
  if (isNumber || (typeof value === "string" && /^\d{1,20}$/.test(value))) {
    const exact = BigInt(isNumber ? Math.trunc(value) : value);
    if (exact <= MAX_UINT64) return exact;
  }
  throw new DecodeError(`${name} is not a number of nanoseconds`);
}

/** @throws {DecodeError} when the member is there and is no list of objects. */
function listOf(owner: JsonObject, member: string, label: string): JsonObject[] {
  const list = field(owner, member);
  if (list === undefined || list === null) {
    // An export of nothing is an empty object; any other object without spans was meant for another route.
    if (member === "resourceSpans" && Object.keys(owner).length > 0) {
      throw new DecodeError("The body has no resourceSpans.");
    }
    return [];
  }
  if (!Array.isArray(list) || !list.every(isObject)) throw new DecodeError(`${label} is not a list of objects.`);
  return list;
}

function field(owner: JsonObject, camelCase: string): unknown {
  const value = owner[camelCase];
  if (value !== undefined) return value;
  return owner[SNAKE_CASE.get(camelCase) ?? camelCase];
}

const SNAKE_CASE: ReadonlyMap<string, string> = new Map(
  [
    "resourceLogs",
    "resourceMetrics",
    "resourceSpans",
    "scopeSpans",
    "traceId",
    "spanId",
    "parentSpanId",
    "startTimeUnixNano",
    "endTimeUnixNano",
    "timeUnixNano",
    "traceState",
    "schemaUrl",
    "droppedAttributesCount",
    "droppedEventsCount",
    "droppedLinksCount",
    "stringValue",
    "boolValue",
    "intValue",
    "doubleValue",
    "arrayValue",
    "kvlistValue",
    "bytesValue",
  ].map((name) => [name, name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)]),
);

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
