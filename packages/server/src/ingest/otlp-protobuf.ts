import Long from "long";
import protobuf from "protobufjs/light.js";
import { OTLP_SCHEMA } from "./otlp-schema.ts";
import {
  DecodeError,
  MAX_VALUE_DEPTH,
  SIGNAL_HINT,
  findIdProblem,
  isLink,
  type Attributes,
  type AttributeValue,
  type DecodedSpans,
  type OtlpLink,
  type OtlpSpan,
  type StatusCode,
} from "./otlp-span.ts";

// protobufjs looks for `long` by itself and reads 64-bit integers as inexact numbers where it does not find it, which depends on the
// loader's conditions: it is given one.
protobuf.util.Long = Long;
protobuf.configure();

const root = protobuf.Root.fromJSON(OTLP_SCHEMA as unknown as protobuf.INamespace);
const requestType = root.lookupType("ExportTraceServiceRequest");
const responseType = root.lookupType("ExportTraceServiceResponse");

interface WireKeyValue {
  key: string;
  value?: WireValue | null;
}
interface WireValue {
  value?: keyof WireValue;
  stringValue?: string;
  boolValue?: boolean;
  intValue?: Long | number;
  doubleValue?: number;
  arrayValue?: { values: WireValue[] };
  kvlistValue?: { values: WireKeyValue[] };
  bytesValue?: Uint8Array;
}
interface WireLink {
  traceId: Uint8Array;
  spanId: Uint8Array;
  traceState: string;
  attributes: WireKeyValue[];
  droppedAttributesCount: number;
  flags: number;
}
interface WireSpan {
  traceId: Uint8Array;
  spanId: Uint8Array;
  traceState: string;
  kind: number;
  flags: number;
  parentSpanId: Uint8Array;
  name: string;
  startTimeUnixNano: Long | number;
  endTimeUnixNano: Long | number;
  attributes: WireKeyValue[];
  droppedAttributesCount: number;
  events: {
    timeUnixNano: Long | number;
    name: string;
    attributes: WireKeyValue[];
    droppedAttributesCount: number;
  }[];
  droppedEventsCount: number;
  links: WireLink[];
  droppedLinksCount: number;
  status?: { message: string; code: number } | null;
}
interface WireScopeSpans {
  scope?: { name: string; version: string; attributes: WireKeyValue[] } | null;
  spans: WireSpan[];
  schemaUrl: string;
}
interface WireRequest {
  resourceSpans: { resource?: { attributes: WireKeyValue[] } | null; scopeSpans: WireScopeSpans[] }[];
}

/** What a span has of what it is sent within. */
type Sender = Pick<OtlpSpan, "resource" | "scopeName" | "scopeVersion" | "scopeAttributes" | "scopeSchemaUrl">;

/** @throws {DecodeError} when the bytes are no `ExportTraceServiceRequest`. */
export function decodeOtlpProtobuf(body: Uint8Array): DecodedSpans {
  let request: WireRequest;
  try {
    // A Node Buffer decodes strings natively, several times faster than a plain Uint8Array.
    request = requestType.decode(Buffer.from(body.buffer, body.byteOffset, body.byteLength)) as unknown as WireRequest;
  } catch (error) {
    throw new DecodeError(
      `The body is not an OTLP trace export in protobuf: ${(error as Error).message}. ${SIGNAL_HINT}.`,
    );
  }
  const decoded: DecodedSpans = { resources: [], spans: [], rejected: 0, reason: null };
  let looksLikeSpans = false;
  for (const resourceSpans of request.resourceSpans) {
    const resource = readAttributes(resourceSpans.resource?.attributes ?? [], 0);
    decoded.resources.push(resource);
    for (const scopeSpans of resourceSpans.scopeSpans) {
      const sender: Sender = {
        resource,
        scopeName: scopeSpans.scope?.name ?? "",
        scopeVersion: scopeSpans.scope?.version ?? "",
        scopeAttributes: readAttributes(scopeSpans.scope?.attributes ?? [], 0),
        scopeSchemaUrl: scopeSpans.schemaUrl,
      };
      for (const wire of scopeSpans.spans) {
        const span = readSpan(wire, sender);
        const problem = findIdProblem(span);
        looksLikeSpans ||= problem === null || span.startTimeUnixNano > 0n;
        if (problem === null) {
          decoded.spans.push(span);
        } else {
          decoded.rejected += 1;
          decoded.reason ??= `span "${span.name.slice(0, 80)}": ${problem}`;
        }
      }
    }
  }
  // Logs and metrics have the same outer shape; what reads as spans then has neither ids nor a start.
  if (decoded.rejected > 0 && !looksLikeSpans) {
    throw new DecodeError(`No span of the body has ids or a start time. ${SIGNAL_HINT}.`);
  }
  return decoded;
}

/** `ExportTraceServiceResponse`; no bytes at all when everything was accepted. */
export function encodeOtlpResponse(rejected: number, reason: string | null): Uint8Array<ArrayBuffer> {
  if (rejected === 0) return new Uint8Array(0);
  const message = responseType.create({ partialSuccess: { rejectedSpans: rejected, errorMessage: reason ?? "" } });
  return new Uint8Array(responseType.encode(message).finish());
}

function readSpan(wire: WireSpan, sender: Sender): OtlpSpan {
  const code = wire.status?.code;
  return {
    traceId: hex(wire.traceId),
    spanId: hex(wire.spanId),
    parentSpanId: isAllZero(wire.parentSpanId) ? null : hex(wire.parentSpanId),
    name: wire.name,
    startTimeUnixNano: toBigInt(wire.startTimeUnixNano),
    endTimeUnixNano: toBigInt(wire.endTimeUnixNano),
    attributes: readAttributes(wire.attributes, 0),
    droppedAttributesCount: wire.droppedAttributesCount,
    events: wire.events.map((event) => ({
      name: event.name,
      timeUnixNano: toBigInt(event.timeUnixNano),
      attributes: readAttributes(event.attributes, 0),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: wire.droppedEventsCount,
    links: wire.links.map(readLink).filter(isLink),
    droppedLinksCount: wire.droppedLinksCount,
    kind: wire.kind,
    traceState: wire.traceState,
    flags: wire.flags,
    statusCode: code === 1 || code === 2 ? (code satisfies StatusCode) : 0,
    statusMessage: wire.status?.message ?? "",
    resource: sender.resource,
    scopeName: sender.scopeName,
    scopeVersion: sender.scopeVersion,
    scopeAttributes: sender.scopeAttributes,
    scopeSchemaUrl: sender.scopeSchemaUrl,
  };
}

function readLink(wire: WireLink): OtlpLink {
  return {
    traceId: hex(wire.traceId),
    spanId: hex(wire.spanId),
    traceState: wire.traceState,
    flags: wire.flags,
    attributes: readAttributes(wire.attributes, 0),
    droppedAttributesCount: wire.droppedAttributesCount,
  };
}

function readAttributes(list: readonly WireKeyValue[], depth: number): Attributes {
  const attributes: Attributes = new Map();
  for (const { key, value } of list) attributes.set(key, readValue(value, depth));
  return attributes;
}

function readValue(value: WireValue | null | undefined, depth: number): AttributeValue {
  if (value === null || value === undefined || depth > MAX_VALUE_DEPTH) return null;
  switch (value.value) {
    case "stringValue":
      return value.stringValue ?? "";
    case "boolValue":
      return value.boolValue ?? false;
    case "intValue":
      return toInteger(value.intValue ?? 0);
    case "doubleValue":
      return Number.isFinite(value.doubleValue) ? (value.doubleValue ?? 0) : String(value.doubleValue);
    case "arrayValue":
      return (value.arrayValue?.values ?? []).map((item) => readValue(item, depth + 1));
    case "kvlistValue":
      return Object.fromEntries(readAttributes(value.kvlistValue?.values ?? [], depth + 1));
    case "bytesValue":
      return Buffer.from(value.bytesValue ?? []).toString("base64");
    default:
      return null;
  }
}

/** An absent field is an empty array by protobufjs, and not bytes. */
function hex(bytes: Uint8Array | number[]): string {
  return Buffer.from(bytes).toString("hex");
}

/** No parent is an empty field by the specification; some senders write zeros. */
function isAllZero(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0);
}

function toBigInt(value: Long | number): bigint {
  if (typeof value === "number") return BigInt(value);
  return (BigInt(value.high >>> 0) << 32n) | BigInt(value.low >>> 0);
}

function toInteger(value: Long | number): number | string {
  if (typeof value === "number") return value;
  const exact = BigInt.asIntN(64, toBigInt(value));
  const number = Number(exact);
  return Number.isSafeInteger(number) ? number : exact.toString();
}
