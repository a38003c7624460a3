/**
 * What the viewer reads: the shapes behind `/api/*`. Times are epoch milliseconds (fraction = microseconds), durations
 * milliseconds, cost US dollars. A cost of `null` means "no price known" and is never shown as 0.
 */

export type ObservationType =
  | "span"
  | "generation"
  | "event"
  | "embedding"
  | "agent"
  | "tool"
  | "chain"
  | "retriever"
  | "evaluator"
  | "guardrail";

export type ObservationLevel = "DEBUG" | "DEFAULT" | "WARNING" | "ERROR";

export type ObservationStatus = "running" | "ok" | "error" | "cancelled" | "interrupted" | "incomplete";

/** Totals over a trace or a subtree. An agent's aggregate usage is left out where a descendant reports its own. */
export interface Totals {
  /** All tokens; `null` when no observation reported usage. */
  totalTokens: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  /** `null`: no price known for any part. */
  cost: number | null;
  /** True when some usage had no price: `cost` is then a lower bound. */
  costIncomplete: boolean;
}

/** `GET /api/traces` */
export interface TraceSummary extends Totals {
  traceId: string;
  projectId: string;
  /** The trace's name, else its root's. */
  name: string;
  userId: string | null;
  sessionId: string | null;
  /** In the rows of lists at most 100, and 32 768 characters. */
  tags: string[];
  /** How many there are, whatever the row has of them. */
  tagCount: number;
  environment: string;
  release: string | null;
  startTime: number;
  /** `null` while something in it is still running. */
  endTime: number | null;
  durationMs: number | null;
  /** The root's status; `running` while the root runs. */
  status: ObservationStatus;
  observationCount: number;
  errorCount: number;
  /** Distinct models, in order of first use; in the rows of lists at most 100, and 32 768 characters. */
  models: string[];
  /** How many there are, whatever the row has of them. */
  modelCount: number;
  /** The newest, oldest first: at most 100, and about 32 768 characters. `GET /api/scores?traceId=` has all, by page. */
  scores: RowScore[];
  /** How many there are, those of its observations among them: more than `scores` where some were left out. */
  scoreCount: number;
  /** Text of the root's input and output, at most 300 characters each. */
  inputPreview: string | null;
  outputPreview: string | null;
}

export interface TraceListResponse {
  data: TraceSummary[];
  /** Opaque; `null` on the last page. */
  nextCursor: string | null;
}

/** One row of the tree: all small fields, no payload. */
export interface ObservationSummary {
  id: string;
  traceId: string;
  /** `null` for a root. May name an observation that never arrived: show it as a root with "parent missing". */
  parentId: string | null;
  type: ObservationType;
  name: string;
  startTime: number;
  /** `null` while running. */
  endTime: number | null;
  completionStartTime: number | null;
  level: ObservationLevel;
  status: ObservationStatus;
  statusMessage: string | null;
  model: string | null;
  provider: string | null;
  /** Disjoint buckets. */
  usage: Record<string, number> | null;
  /** US dollars a bucket, with `total`. `null`: no price known. */
  cost: Record<string, number> | null;
  /** Where `cost` comes from: the caller, or the price table. */
  costSource: "provided" | "computed" | null;
  /** True when this usage repeats what descendants report and is not added to totals. */
  usageAggregate: boolean;
  hasInput: boolean;
  hasOutput: boolean;
}

/** `GET /api/traces/:traceId`; with `?observations=none` without them: a large trace's come as columns (`TraceSkeleton`). */
export interface TraceDetail {
  trace: TraceSummary & { metadata: Record<string, unknown> | null; public: boolean; version: string | null };
  /** By start time, then id. */
  observations: ObservationSummary[];
  /** All, oldest first. */
  scores: Score[];
}

/** `GET /api/traces/:traceId/observations/:id` */
export interface ObservationDetail extends ObservationSummary {
  projectId: string;
  /** As recorded: any JSON value, or `null` when absent (see `hasInput`). */
  input: unknown;
  output: unknown;
  metadata: Record<string, unknown> | null;
  modelParameters: Record<string, unknown> | null;
  version: string | null;
  prompt: { name: string; version: number | null } | null;
  /** The tools that a model call was offered, as its SDK described them; `null`: none. Not found in an input above 1 MiB, or where `?head=` cuts it. */
  toolDefinitions: unknown[] | null;
  /** Every attribute of the span and its resource as received and not mapped elsewhere. */
  attributes: Record<string, unknown>;
  resource: Record<string, unknown>;
  scope: { name: string; version: string | null } | null;
  /** The span's events, exceptions among them; `time` in epoch milliseconds. */
  events: {
    name: string;
    time: number;
    attributes: Record<string, unknown>;
    droppedAttributesCount?: number | undefined;
    /** Nanoseconds after the microsecond of `time`, where there are any. */
    nanos?: number | undefined;
    /** See {@link SpanFacts.types}. */
    types?: Record<string, ValueType> | undefined;
  }[];
  /** `null` when it did not come as a span, or came before the server kept this. */
  span: SpanFacts | null;
  scores: Score[];
  /** With `?head=`: the payloads that were cut, each given as a string that holds the beginning of its JSON. */
  truncated?: ("input" | "output" | "metadata" | "modelParameters" | "attributes" | "resource" | "events" | "span")[];
}

/** What OpenTelemetry says of a span beside its attributes and events. What was empty or 0 is left out. */
export interface SpanFacts {
  kind: "UNSPECIFIED" | "INTERNAL" | "SERVER" | "CLIENT" | "PRODUCER" | "CONSUMER";
  /** W3C trace flags in the low byte; 256: it is known whether the parent is remote, 512: it is. */
  flags: number;
  /** Nanoseconds after the microseconds of start and end, 0 to 999 each, where there are any: times are exported as they came. */
  nanos?: number[] | undefined;
  /** W3C `tracestate`. */
  traceState?: string | undefined;
  /** Spans that this one is caused by or belongs to, in other traces too. */
  links?: SpanLink[] | undefined;
  /** What the sender left out, over limits of its own. */
  droppedAttributesCount?: number | undefined;
  droppedEventsCount?: number | undefined;
  droppedLinksCount?: number | undefined;
  scopeAttributes?: Record<string, unknown> | undefined;
  /** Of the scope, which had more than the server keeps with each span (4096 characters as JSON): then it keeps none. */
  droppedScopeAttributesCount?: number | undefined;
  /** Of the scope. */
  schemaUrl?: string | undefined;
  /** What the JSON of attributes does not tell of them, by name, so that they are exported as they came. */
  types?: Record<string, ValueType> | undefined;
  scopeTypes?: Record<string, ValueType> | undefined;
  resourceTypes?: Record<string, ValueType> | undefined;
}

/**
 * `double`: a number without a fraction, or one that is text here (`NaN`, `Infinity`); `int`: an integer that is decimal text here, beyond 2^53;
 * `bytes`: they are base64 text here. Of an object it is that of its members. Of a list it is the type of all its items, or a list of their types, where
 * `null` and what is missing at its end stand for items of which JSON tells all.
 */
export type ValueType = "double" | "int" | "bytes" | { [member: string]: ValueType } | (ValueType | null)[];

export interface SpanLink {
  traceId: string;
  spanId: string;
  traceState?: string | undefined;
  flags?: number | undefined;
  attributes?: Record<string, unknown> | undefined;
  /** See {@link SpanFacts.types}. */
  types?: Record<string, ValueType> | undefined;
  droppedAttributesCount?: number | undefined;
}

/** A score in the row of a list: long values are cut. */
export interface RowScore extends Score {
  /** What was above 1000 characters: a text ends in `…`, metadata is `null`. */
  truncated?: ("stringValue" | "comment" | "metadata")[];
}

export interface Score {
  id: string;
  projectId: string;
  name: string;
  dataType: "NUMERIC" | "CATEGORICAL" | "BOOLEAN" | "TEXT";
  /** BOOLEAN: 0 or 1. */
  value: number | null;
  stringValue: string | null;
  source: "API" | "ANNOTATION" | "EVAL";
  comment: string | null;
  metadata: Record<string, unknown> | null;
  traceId: string | null;
  observationId: string | null;
  sessionId: string | null;
  timestamp: number;
  /** What Langfuse's clients give with a score: kept and given back. */
  environment?: string | null | undefined;
  configId?: string | null | undefined;
  queueId?: string | null | undefined;
  authorUserId?: string | null | undefined;
  /** Of a dataset run as a whole. */
  datasetRunId?: string | null | undefined;
  /** When the server got it first and last. */
  createdAt?: number | null | undefined;
  updatedAt?: number | null | undefined;
}

/**
 * `GET /api/events?project=&trace=`: server-sent events, one JSON object a message, at most one each 50 ms. With `Last-Event-ID` the
 * stream goes on after that event, over a lost connection. Where that cannot be (the server was restarted, or too much happened
 * meanwhile) an event named `reset` comes, with `{}`: everything is to be read anew.
 */
export interface ChangeEvent {
  /** Traces that got new or changed rows since the last event. */
  traceIds: string[];
}

/** Every error answer of the server. */
export interface ErrorResponse {
  error: string;
  message: string;
}
