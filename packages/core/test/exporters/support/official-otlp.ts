// The generated decoder of OpenTelemetry's own JavaScript packages, made from the official .proto files.
import generated from "@opentelemetry/otlp-transformer/build/src/generated/root.js";

type Json = Record<string, unknown>;

interface MessageType {
  decode(bytes: Uint8Array): unknown;
  toObject(message: unknown, options: { longs: typeof String; bytes: typeof String; defaults?: boolean }): Json;
  verify(message: Json): string | null;
  fromObject(object: Json): unknown;
  encode(message: unknown): { finish(): Uint8Array };
}

const { opentelemetry } = generated as unknown as {
  opentelemetry: { proto: { collector: { trace: { v1: { ExportTraceServiceRequest: MessageType } } } } };
};
const Request = opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;

export interface OfficialSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano?: string;
  attributes: { key: string; value: Json }[];
  status?: { code?: number; message?: string };
  flags: number;
}

export interface OfficialRequest {
  resourceSpans: {
    resource: { attributes: { key: string; value: Json }[] };
    scopeSpans: { scope: { name: string; version: string }; spans: OfficialSpan[] }[];
  }[];
}

/** Integers as decimal strings, ids in hex: the form of OTLP/JSON. */
export function decodeProtobuf(bytes: Uint8Array): OfficialRequest {
  const object = Request.toObject(Request.decode(bytes), { longs: String, bytes: String });
  return mapIds(object as unknown as OfficialRequest, (id) => Buffer.from(id, "base64").toString("hex"));
}

/** By way of the official message classes, so that a field they do not know, or of another type, does not come through. */
export function decodeJson(bytes: Uint8Array): OfficialRequest {
  const json = JSON.parse(Buffer.from(bytes).toString("utf8")) as OfficialRequest;
  const encoded = mapIds(json, (id) => Buffer.from(id, "hex").toString("base64"));
  return decodeProtobuf(Request.encode(Request.fromObject(encoded as unknown as Json)).finish());
}

function mapIds(request: OfficialRequest, map: (id: string) => string): OfficialRequest {
  return {
    resourceSpans: request.resourceSpans.map((resourceSpans) => ({
      ...resourceSpans,
      scopeSpans: resourceSpans.scopeSpans.map((scopeSpans) => ({
        ...scopeSpans,
        spans: scopeSpans.spans.map((span) => ({
          ...span,
          traceId: map(span.traceId),
          spanId: map(span.spanId),
          ...(span.parentSpanId && { parentSpanId: map(span.parentSpanId) }),
        })),
      })),
    })),
  };
}

/** Attributes as JavaScript values; a key that stands twice fails. */
export function attributesOf(pairs: readonly { key: string; value: Json }[]): Record<string, unknown> {
  const attributes: Record<string, unknown> = {};
  for (const { key, value } of pairs) {
    if (Object.hasOwn(attributes, key)) throw new Error(`the attribute ${key} stands twice`);
    attributes[key] = valueOf(value);
  }
  return attributes;
}

function valueOf(value: Json): unknown {
  if (typeof value["intValue"] === "string") return BigInt(value["intValue"]);
  const list = value["arrayValue"] as { values: Json[] } | undefined;
  if (list) return list.values.map(valueOf);
  return value["stringValue"] ?? value["boolValue"] ?? value["doubleValue"];
}
