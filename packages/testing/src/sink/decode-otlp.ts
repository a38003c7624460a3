import Long from "long";
import protobuf from "protobufjs";
import { otlpTraceProto } from "./otlp-proto.ts";
import { asObject, asObjects, asString, parseJson } from "../json.ts";
import type { JsonObject } from "../json.ts";
import type { OtlpAttributes, OtlpExport, OtlpSpan, OtlpValue } from "./otlp-types.ts";

// protobufjs looks for `long` by `require`, which fails silently under Vitest's conditions and rounds nanoseconds to doubles.
protobuf.util.Long = Long;
protobuf.configure();

const types = protobuf.parse(otlpTraceProto, { keepCase: false }).root;
const requestType = types.lookupType("otlp.ExportTraceServiceRequest");
const responseType = types.lookupType("otlp.ExportTraceServiceResponse");

/**
 * Decodes an OTLP trace export. Protobuf unless `encoding` is `json`.
 * @throws when the bytes are not a valid `ExportTraceServiceRequest`.
 */
export function decodeOtlp(bytes: Uint8Array, encoding: "protobuf" | "json" = "protobuf"): OtlpExport {
  const message: JsonObject =
    encoding === "json"
      ? asObject(parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes)))
      : // Longs become strings: nanoseconds do not fit a double.
        requestType.toObject(requestType.decode(bytes), { longs: String });
  const spans: OtlpSpan[] = [];
  const resources: OtlpAttributes[] = [];
  for (const resourceSpans of asObjects(message["resourceSpans"])) {
    const resource = toAttributes(asObject(resourceSpans["resource"])["attributes"]).attributes;
    resources.push(resource);
    for (const scopeSpans of asObjects(resourceSpans["scopeSpans"])) {
      const rawScope = asObject(scopeSpans["scope"]);
      const scope = {
        name: asString(rawScope["name"]),
        version: asString(rawScope["version"]),
        attributes: toAttributes(rawScope["attributes"]).attributes,
      };
      for (const span of asObjects(scopeSpans["spans"])) spans.push({ ...toSpan(span), resource, scope });
    }
  }
  return { spans, resources };
}

/** The protobuf body of a reply; empty when nothing was rejected, as the specification asks. */
export function encodeOtlpResponse(partialSuccess?: { rejectedSpans: number; errorMessage: string }): Uint8Array {
  if (partialSuccess === undefined) return new Uint8Array();
  return responseType.encode(responseType.fromObject({ partialSuccess })).finish();
}

function toSpan(span: JsonObject): Omit<OtlpSpan, "resource" | "scope"> {
  const { attributes, duplicateKeys } = toAttributes(span["attributes"]);
  const status = asObject(span["status"]);
  const parentSpanId = toId(span["parentSpanId"]);
  return {
    traceId: toId(span["traceId"]),
    spanId: toId(span["spanId"]),
    parentSpanId: parentSpanId === "" ? undefined : parentSpanId,
    traceState: asString(span["traceState"]),
    name: asString(span["name"]),
    kind: Number(span["kind"] ?? 0),
    startTimeUnixNano: toBigInt(span["startTimeUnixNano"]),
    endTimeUnixNano: toBigInt(span["endTimeUnixNano"]),
    attributes,
    duplicateKeys,
    events: asObjects(span["events"]).map((event) => ({
      name: asString(event["name"]),
      timeUnixNano: toBigInt(event["timeUnixNano"]),
      attributes: toAttributes(event["attributes"]).attributes,
    })),
    links: asObjects(span["links"]).map((link) => ({
      traceId: toId(link["traceId"]),
      spanId: toId(link["spanId"]),
      attributes: toAttributes(link["attributes"]).attributes,
    })),
    status: { code: Number(status["code"] ?? 0), message: asString(status["message"]) },
    flags: Number(span["flags"] ?? 0),
  };
}

function toAttributes(raw: unknown): { attributes: OtlpAttributes; duplicateKeys: string[] } {
  const attributes: OtlpAttributes = {};
  const duplicateKeys: string[] = [];
  for (const pair of asObjects(raw)) {
    const key = asString(pair["key"]);
    if (Object.hasOwn(attributes, key)) duplicateKeys.push(key);
    attributes[key] = toValue(pair["value"]);
  }
  return { attributes, duplicateKeys };
}

function toValue(raw: unknown): OtlpValue {
  const value = asObject(raw);
  if (value["stringValue"] !== undefined) return asString(value["stringValue"]);
  if (value["boolValue"] !== undefined) return value["boolValue"] === true;
  if (value["intValue"] !== undefined) {
    const big = toBigInt(value["intValue"]);
    return big <= BigInt(Number.MAX_SAFE_INTEGER) && big >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(big) : big;
  }
  if (value["doubleValue"] !== undefined) return Number(value["doubleValue"]);
  if (value["arrayValue"] !== undefined) return asObjects(asObject(value["arrayValue"])["values"]).map(toValue);
  if (value["kvlistValue"] !== undefined) return toAttributes(asObject(value["kvlistValue"])["values"]).attributes;
  if (value["bytesValue"] !== undefined) return toBytes(value["bytesValue"]);
  return null;
}

/** Protobuf carries ids as bytes, OTLP/JSON as hex. */
function toId(raw: unknown): string {
  return typeof raw === "string" ? raw.toLowerCase() : Buffer.from(toBytes(raw)).toString("hex");
}

/** OTLP/JSON carries bytes in base64. */
function toBytes(raw: unknown): Uint8Array {
  if (raw instanceof Uint8Array) return Uint8Array.from(raw);
  return typeof raw === "string" ? Buffer.from(raw, "base64") : new Uint8Array();
}

/** 64-bit integers are strings in OTLP/JSON and in what protobufjs gives back. */
function toBigInt(raw: unknown): bigint {
  return typeof raw === "string" || typeof raw === "number" ? BigInt(raw) : 0n;
}
