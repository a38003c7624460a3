import { field } from "./wire-reader.ts";

/**
 * The fields of opentelemetry-proto 1.x that a trace export is made of, numbered as there
 * (https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto and collector/trace/v1). Fields we do not read (the
 * resource's dropped count and schema) are left out: the decoder skips them.
 */
export const REQUEST_RESOURCE_SPANS: number = field(1, "bytes");

export const RESOURCE_SPANS_RESOURCE: number = field(1, "bytes");
export const RESOURCE_SPANS_SCOPE_SPANS: number = field(2, "bytes");
export const RESOURCE_ATTRIBUTES: number = field(1, "bytes");

export const SCOPE_SPANS_SCOPE: number = field(1, "bytes");
export const SCOPE_SPANS_SPANS: number = field(2, "bytes");
export const SCOPE_SPANS_SCHEMA_URL: number = field(3, "bytes");
export const SCOPE_NAME: number = field(1, "bytes");
export const SCOPE_VERSION: number = field(2, "bytes");
export const SCOPE_ATTRIBUTES: number = field(3, "bytes");

export const SPAN_TRACE_ID: number = field(1, "bytes");

export const SPAN_ID: number = field(2, "bytes");

export const SPAN_TRACE_STATE: number = field(3, "bytes");

export const SPAN_PARENT_ID: number = field(4, "bytes");

export const SPAN_NAME: number = field(5, "bytes");

export const SPAN_KIND: number = field(6, "varint");

export const SPAN_START: number = field(7, "fixed64");

export const SPAN_END: number = field(8, "fixed64");

export const SPAN_ATTRIBUTES: number = field(9, "bytes");

export const SPAN_DROPPED_ATTRIBUTES: number = field(10, "varint");

export const SPAN_EVENTS: number = field(11, "bytes");

export const SPAN_DROPPED_EVENTS: number = field(12, "varint");

export const SPAN_LINKS: number = field(13, "bytes");

export const SPAN_DROPPED_LINKS: number = field(14, "varint");

export const SPAN_STATUS: number = field(15, "bytes");

export const SPAN_FLAGS: number = field(16, "fixed32");

export const EVENT_TIME: number = field(1, "fixed64");
export const EVENT_NAME: number = field(2, "bytes");
export const EVENT_ATTRIBUTES: number = field(3, "bytes");
export const EVENT_DROPPED_ATTRIBUTES: number = field(4, "varint");

export const LINK_TRACE_ID: number = field(1, "bytes");
export const LINK_SPAN_ID: number = field(2, "bytes");
export const LINK_TRACE_STATE: number = field(3, "bytes");
export const LINK_ATTRIBUTES: number = field(4, "bytes");
export const LINK_DROPPED_ATTRIBUTES: number = field(5, "varint");
export const LINK_FLAGS: number = field(6, "fixed32");

export const STATUS_MESSAGE: number = field(2, "bytes");
export const STATUS_CODE: number = field(3, "varint");

export const KEY_VALUE_KEY: number = field(1, "bytes");
export const KEY_VALUE_VALUE: number = field(2, "bytes");

export const VALUE_STRING: number = field(1, "bytes");
export const VALUE_BOOL: number = field(2, "varint");
export const VALUE_INT: number = field(3, "varint");
export const VALUE_DOUBLE: number = field(4, "fixed64");
export const VALUE_ARRAY: number = field(5, "bytes");
export const VALUE_LIST: number = field(6, "bytes");
export const VALUE_BYTES: number = field(7, "bytes");

export const ARRAY_VALUES: number = field(1, "bytes");

export const LIST_VALUES: number = field(1, "bytes");
