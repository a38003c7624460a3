/**
 * The vocabulary of Spanwise. Words follow Langfuse where it has one, the provider's own or OpenTelemetry's elsewhere.
 * Options are `?: T | undefined` so that callers under `exactOptionalPropertyTypes` can pass what they have.
 */

/** What kind of work an observation stands for. The values are Langfuse's `langfuse.observation.type`. */
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

/**
 * How an observation ended. `cancelled`: the caller stopped it (abort, early `break`). `interrupted`: it waits for a human
 * (LangGraph's `interrupt()`). `incomplete`: the process let go of it before it ended.
 */
export type ObservationStatus = "running" | "ok" | "error" | "cancelled" | "interrupted" | "incomplete";

/** Epoch milliseconds; the fraction carries microseconds. */
export type EpochMs = number;

/**
 * A `Date`, or epoch milliseconds. What is neither (microseconds, nanoseconds, text, OpenTelemetry's `[seconds, nanoseconds]`) is
 * passed over; what looks like seconds is taken as milliseconds of 1970. Both are told in the log, once a minute.
 */
export type TimeInput = Date | EpochMs;

/** A value that survives JSON. Buckets of `usageDetails` and `costDetails` are numbers. */
export type UsageDetails = Record<string, number>;
export type CostDetails = Record<string, number>;

/** A prompt of a prompt manager that a generation was made from. */
export interface PromptReference {
  name: string;
  version: number;
}

/** Another observation that this one has to do with, in its own or another trace: a resume and the interrupt before it. */
export interface ObservationLink {
  traceId: string;
  observationId: string;
  /** A word for it, such as `resume`: lower case, digits, `_`, `-` and `.`, at most 64 characters. */
  kind: string;
}

/** An object of any fields. */
// oxlint-disable-next-line typescript/no-explicit-any -- `unknown` would refuse interfaces, which have no index signature
export type AnyFields = Record<string, any>;

/** What can be said of an observation at its start, by `update` and at its `end`. `metadata` merges by top key, all else replaces. */
export interface ObservationAttributes {
  /** What kind of work it turned out to be, where the start could not tell; nothing becomes an event. */
  type?: Exclude<ObservationType, "event"> | undefined;
  input?: unknown;
  output?: unknown;
  metadata?: AnyFields | undefined;
  level?: ObservationLevel | undefined;
  /** Set with `level: "ERROR"` it becomes the error's text. */
  statusMessage?: string | undefined;
  /** Left out, it is told from `level`: `error` for ERROR, else `ok`. */
  status?: Exclude<ObservationStatus, "running"> | undefined;
  version?: string | undefined;
  /** The model that answered, or the one asked for while none has. */
  model?: string | undefined;
  /** `openai`, `azure`, `anthropic`, ...: OpenTelemetry's `gen_ai.provider.name`. */
  provider?: string | undefined;
  modelParameters?: AnyFields | undefined;
  /** Tokens in disjoint buckets; see {@link UsageDetails} and `docs/architecture.md`. A bucket that is no number is left out. */
  usageDetails?: Readonly<Record<string, number | null | undefined>> | undefined;
  /** US dollars, when the caller or the provider knows them. The server computes cost otherwise. */
  costDetails?: Readonly<Record<string, number | null | undefined>> | undefined;
  /** When the first visible token arrived. */
  completionStartTime?: TimeInput | undefined;
  prompt?: PromptReference | undefined;
  /** Shown by a Spanwise server; other destinations have no word for it. */
  link?: ObservationLink | undefined;
}

/** What belongs to the whole trace; carried on every observation of it. `tags` unite, `metadata` merges by top key, all else replaces. */
export interface TraceAttributes {
  traceName?: string | undefined;
  userId?: string | undefined;
  sessionId?: string | undefined;
  tags?: readonly string[] | undefined;
  metadata?: AnyFields | undefined;
  release?: string | undefined;
  environment?: string | undefined;
  version?: string | undefined;
  public?: boolean | undefined;
}

/** Where an observation hangs when its parent is in another process or known by id only. */
export interface ParentReference {
  /** 32 hex. */
  traceId: string;
  /** The parent observation's id (16 hex). Left out: a root of the trace of this id, such as one of `createTraceId(seed)`. */
  observationId?: string | undefined;
  /** The parent's sampling decision; left out, it is decided here from the trace id. */
  sampled?: boolean | undefined;
}

export type ScoreDataType = "NUMERIC" | "CATEGORICAL" | "BOOLEAN" | "TEXT";

export interface ScoreInput {
  name: string;
  /** A number for NUMERIC and BOOLEAN (0 or 1), a string for CATEGORICAL and TEXT, a boolean for BOOLEAN. */
  value: number | string | boolean;
  /** Told from the value when left out: number → NUMERIC, boolean → BOOLEAN, string → CATEGORICAL. */
  dataType?: ScoreDataType | undefined;
  comment?: string | undefined;
  metadata?: AnyFields | undefined;
  /** Upsert key: the same id sent twice is one score. Random when left out. */
  id?: string | undefined;
  configId?: string | undefined;
}

/** A score that names what it is about. */
export interface ScoreTarget {
  traceId?: string | undefined;
  observationId?: string | undefined;
  sessionId?: string | undefined;
}
