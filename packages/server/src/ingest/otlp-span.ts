/** An attribute's value: JSON, with bytes as base64 text and integers beyond 2^53 as decimal text. */
export type AttributeValue = string | number | boolean | null | AttributeValue[] | { [key: string]: AttributeValue };

export type Attributes = Map<string, AttributeValue>;

export interface OtlpEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Attributes;
  droppedAttributesCount: number;
}

export interface OtlpLink {
  /** 32 and 16 lower-case hex digits, as sent: a link with other ids says nothing and is left out by the decoders. */
  traceId: string;
  spanId: string;
  traceState: string;
  flags: number;
  attributes: Attributes;
  droppedAttributesCount: number;
}

/** One span as both encodings give it, before any meaning is read into its attributes. */
export interface OtlpSpan {
  /** 32 and 16 lower-case hex digits. */
  traceId: string;
  spanId: string;
  parentSpanId: string | null;
  name: string;
  startTimeUnixNano: bigint;
  /** 0n when the sender gave none. */
  endTimeUnixNano: bigint;
  attributes: Attributes;
  droppedAttributesCount: number;
  events: OtlpEvent[];
  /** Those that the decoder left out among them: `cutEvents`. See `span-parts.ts`. */
  droppedEventsCount: number;
  cutEvents: number;
  links: OtlpLink[];
  droppedLinksCount: number;
  cutLinks: number;
  /** OTLP's `Span.SpanKind`, 0 to 5. */
  kind: number;
  /** W3C `tracestate`; empty when none was sent. */
  traceState: string;
  /** W3C trace flags in the low byte, then whether the parent is remote. */
  flags: number;
  statusCode: StatusCode;
  statusMessage: string;
  resource: Attributes;
  scopeName: string;
  scopeVersion: string;
  /** Shared by all spans of a scope. */
  scopeAttributes: Attributes;
  scopeSchemaUrl: string;
}

/** OTLP's `Span.SpanKind`, by its number. */
export const SPAN_KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"] as const;

/** OTLP's `Status.StatusCode`. */
export type StatusCode = 0 | 1 | 2;
export const STATUS_UNSET = 0;
export const STATUS_ERROR = 2;

export interface DecodedSpans {
  /** All of them, those without spans too: they are heartbeats. */
  resources: Attributes[];
  spans: OtlpSpan[];
  /** Spans that cannot be stored. */
  rejected: number;
  /** Events and links that were left out of the others. */
  cutParts: number;
  /** What the sender is told: why the first span cannot be stored, or what was left out of it. */
  reason: string | null;
}

/** The body is not what its content type says; the message tells the sender why. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";
}

/** Values nested deeper are cut to `null`: far beyond what any SDK sends, far below what a stack holds. */
export const MAX_VALUE_DEPTH = 64;

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;

/** Why the ids make the span impossible to store, or `null` when they are sound. */
export function findIdProblem(span: { traceId: string; spanId: string; parentSpanId: string | null }): string | null {
  if (!TRACE_ID.test(span.traceId)) return "traceId is not 16 non-zero bytes";
  if (!SPAN_ID.test(span.spanId)) return "spanId is not 8 non-zero bytes";
  if (span.parentSpanId !== null && !SPAN_ID.test(span.parentSpanId)) return "parentSpanId is not 8 non-zero bytes";
  return null;
}

/** True for a link that names a span. */
export function isLink({ traceId, spanId }: { traceId: string; spanId: string }): boolean {
  return TRACE_ID.test(traceId) && SPAN_ID.test(spanId);
}

export const SIGNAL_HINT = "OTLP logs and metrics are not accepted here, only traces";
