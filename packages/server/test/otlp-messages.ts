import Long from "long";
import protobuf from "protobufjs";

protobuf.util.Long = Long;
protobuf.configure();

// Written from opentelemetry-proto's .proto files, apart from what src declares: the tests hold the wire, not the schema's copy.
const { root } = protobuf.parse(
  `
  syntax = "proto3";
  package t;
  message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
    ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message Scope { string name = 1; string version = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Resource { repeated KeyValue attributes = 1; uint32 dropped_attributes_count = 2; }
  message Status { string message = 2; int32 code = 3; }
  message RpcStatus { int32 code = 1; string message = 2; }
  message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; uint32 dropped_attributes_count = 4; }
  message Link { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; repeated KeyValue attributes = 4;
    uint32 dropped_attributes_count = 5; fixed32 flags = 6; }
  message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; fixed32 flags = 16; string name = 5;
    int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
    uint32 dropped_attributes_count = 10; repeated Event events = 11; uint32 dropped_events_count = 12; repeated Link links = 13;
    uint32 dropped_links_count = 14; Status status = 15; string from_the_future = 1999; }
  message ScopeSpans { Scope scope = 1; repeated Span spans = 2; string schema_url = 3; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; string schema_url = 3; }
  message Request { repeated ResourceSpans resource_spans = 1; }
  message PartialSuccess { int64 rejected_spans = 1; string error_message = 2; }
  message Response { PartialSuccess partial_success = 1; }
  message LogRecord { fixed64 time_unix_nano = 1; fixed64 observed_time_unix_nano = 11; int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message LogsRequest { repeated ResourceLogs resource_logs = 1; }
  message Metric { string name = 1; string description = 2; string unit = 3; }
  message ScopeMetrics { Scope scope = 1; repeated Metric metrics = 2; }
  message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scope_metrics = 2; }
  message MetricsRequest { repeated ResourceMetrics resource_metrics = 1; }
  `,
  { keepCase: false },
);

/** OTLP/JSON of a trace export; times are decimal text, ids hex. */
export interface JsonExport {
  resourceSpans: { resource: object; scopeSpans: { scope: object; spans: JsonSpan[] }[] }[];
}

export interface JsonSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes?: { key: string; value: unknown }[];
  events?: object[];
  status?: object;
  links?: { traceId: string; spanId: string; [field: string]: unknown }[];
  [field: string]: unknown;
}

export function attribute(key: string, value: unknown): { key: string; value: unknown } {
  return { key, value: anyValue(value) };
}

function anyValue(value: unknown): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "number") return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  return { kvlistValue: { values: Object.entries(value as object).map(([key, member]) => attribute(key, member)) } };
}

export const NOW_NANOS = 1_795_000_000_123_456_789n;

export function span(
  number: number,
  attributes: Record<string, unknown> = {},
  change: Partial<JsonSpan> = {},
): JsonSpan {
  return {
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: number.toString(16).padStart(16, "0"),
    name: `span ${number}`,
    startTimeUnixNano: String(NOW_NANOS),
    endTimeUnixNano: String(NOW_NANOS + 5_000_000n),
    attributes: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    ...change,
  };
}

export function exportOf(spans: JsonSpan[], resource: Record<string, unknown> = {}): JsonExport {
  const attributes = Object.entries(resource).map(([key, value]) => attribute(key, value));
  return {
    resourceSpans: [{ resource: { attributes }, scopeSpans: [{ scope: { name: "test", version: "1" }, spans }] }],
  };
}

/** The same export as protobuf. */
export function toProtobuf(json: JsonExport, name = "Request"): Uint8Array {
  const bytes = (hex: string | undefined): Uint8Array => Buffer.from(hex ?? "", "hex");
  const request = {
    resourceSpans: json.resourceSpans.map((resourceSpans) => ({
      ...resourceSpans,
      scopeSpans: resourceSpans.scopeSpans.map((scopeSpans) => ({
        ...scopeSpans,
        spans: scopeSpans.spans.map((one) => ({
          ...one,
          traceId: bytes(one.traceId),
          spanId: bytes(one.spanId),
          parentSpanId: bytes(one.parentSpanId),
          ...(one.links === undefined
            ? {}
            : { links: one.links.map((l) => ({ ...l, traceId: bytes(l.traceId), spanId: bytes(l.spanId) })) }),
        })),
      })),
    })),
  };
  return encode(name, request);
}

export function encode(name: string, message: object): Uint8Array {
  const type = root.lookupType(`t.${name}`);
  return type.encode(type.fromObject(message)).finish();
}

export function decodeResponse(bytes: Uint8Array): {
  partialSuccess?: { rejectedSpans: string; errorMessage: string };
} {
  const type = root.lookupType("t.Response");
  return type.toObject(type.decode(bytes), { longs: String });
}

/** A `google.rpc.Status`. */
export function decodeStatus(bytes: Uint8Array): { code: number; message: string } {
  const type = root.lookupType("t.RpcStatus");
  return type.toObject(type.decode(bytes), { defaults: true }) as { code: number; message: string };
}
