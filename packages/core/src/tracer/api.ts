import type {
  ObservationAttributes,
  ObservationType,
  ParentReference,
  ScoreInput,
  ScoreTarget,
  TimeInput,
  TraceAttributes,
} from "../model/types.ts";
import type { SpoolStats } from "../transport/spool.ts";

export interface StartOptions {
  /** Default `span`. */
  type?: ObservationType | undefined;
  /** Langfuse's name for `type`. */
  asType?: ObservationType | undefined;
  /** Default: now. See {@link TimeInput}. */
  startTime?: TimeInput | undefined;
  /** Left out: the active observation. `null` forces a root. */
  parent?: Observation | ParentReference | null | undefined;
  trace?: TraceAttributes | undefined;
}

export type ChildOptions = Omit<StartOptions, "type" | "asType" | "parent">;

export interface EndOptions {
  /** Default: now; never before the start. See {@link TimeInput}. */
  endTime?: TimeInput | undefined;
}

/**
 * A handle on one observation. Every method is safe at any time and never throws: updating or ending after the end is
 * ignored and counted, a parent may end before its children, and a handle that is dropped without `end` is exported as
 * `incomplete`.
 */
export interface Observation {
  /** 16 lower-case hex digits. */
  readonly id: string;
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly type: ObservationType;
  /** False when the trace was not sampled or tracing is off: the handle then carries context and records nothing. */
  readonly recording: boolean;
  /** W3C header value for outgoing requests. */
  readonly traceparent: string;

  update(attributes: ObservationAttributes): this;
  updateTrace(attributes: TraceAttributes): this;
  end(attributes?: ObservationAttributes, options?: EndOptions): void;

  /** A score of this observation. */
  score(score: ScoreInput): void;
  /** A score of the whole trace. */
  scoreTrace(score: ScoreInput): void;

  startObservation(
    name: string,
    attributes?: ObservationAttributes,
    options?: Omit<StartOptions, "parent">,
  ): Observation;
  span(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  generation(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  embedding(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  agent(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  tool(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  chain(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  retriever(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  evaluator(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  guardrail(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
  /** A point in time: starts and ends at once. */
  event(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation;
}

export interface FlushOptions {
  /** Default `flushTimeoutMs` (10 s), also for what is no number. From 0 down nothing is waited for; the most is 25 days. */
  timeoutMs?: number | undefined;
}

/** What a flush did, in observations and scores. `failed` were refused by a backend, `pending` are still queued at the deadline. */
export interface FlushResult {
  sent: number;
  failed: number;
  dropped: number;
  pending: number;
}

/**
 * The tracer as adapters and a second copy of this package see it: a small shape, checked by duck type and versioned by the
 * global symbol's name.
 */
export interface Tracer {
  readonly id: string;
  readonly enabled: boolean;
  startObservation(name: string, attributes?: ObservationAttributes, options?: StartOptions): Observation;
  /** Runs `fn` with `observation` active: what is started inside becomes its child. */
  runWithObservation<T>(observation: Observation, fn: () => T): T;
  getActiveObservation(): Observation | undefined;
  /** A handle on an observation of this tracer that is still open. */
  findObservation(id: string): Observation | undefined;
  score(score: ScoreInput & ScoreTarget): void;
  flush(options?: FlushOptions): Promise<FlushResult>;
  shutdown(options?: FlushOptions): Promise<FlushResult>;
  stats(): TracerStats;
}

/** Why an observation or score was not delivered. The list is closed. */
export type DropReason =
  /** The byte bound `maxQueueBytes` was reached. */
  | "queue_full"
  /** Older than `maxAgeMs` when the backend was still not reachable. */
  | "expired"
  /** The backend refused this record (400 or partial success). */
  | "rejected"
  /** Larger than a batch may be, or answered with 413 when alone. */
  | "too_large"
  /** Recorded after `shutdown`. */
  | "after_shutdown"
  /** Still queued when `shutdown` reached its deadline. */
  | "shutdown"
  /** A defect of ours while preparing the record; counted, never thrown. */
  | "internal_error"
  /** The destination cannot carry scores or attachments (`otlp()`). */
  | "unsupported";

/** Attachments of one destination. They are not part of the accounts of observations: a record never waits for its attachments. */
export interface MediaStats {
  queued: number;
  queuedBytes: number;
  /** Settled: sent, or known to the backend already. */
  uploaded: number;
  /** Attempts that came to nothing and were made again. */
  retried: number;
  /** Given up: refused, older than `maxAgeMs`, left at shutdown, or there was no room. `lastError` says which came last. */
  failed: number;
}

export interface DestinationStats {
  name: string;
  queued: number;
  sent: number;
  dropped: Partial<Record<DropReason, number>>;
  retried: number;
  requests: number;
  bytesSent: number;
  /** Set while a destination is paused (401 or 403). */
  paused: boolean;
  lastError: string | undefined;
  /** Absent where attachments are not uploaded. */
  media?: MediaStats | undefined;
}

/** At every moment: started = open + queued + sent + dropped (all reasons) + unsampled. */
export interface TracerStats {
  started: number;
  open: number;
  queued: number;
  sent: number;
  dropped: Partial<Record<DropReason, number>>;
  unsampled: number;
  retried: number;
  /** Bytes held: captured values, records, waiting batches. */
  bytesHeld: number;
  bytesSent: number;
  /** `update` or `end` on a handle that had ended. */
  afterEnd: number;
  /** Observations exported as `incomplete` by a bound (`maxOpen`, `maxOpenMs`) or by shutdown. */
  evicted: number;
  /** Fields cut to `maxValueBytes`. */
  truncated: number;
  /** Fields replaced because `mask` threw or timed out. */
  maskFailed: number;
  scores: { started: number; queued: number; sent: number; dropped: Partial<Record<DropReason, number>> };
  lastError: string | undefined;
  /** What is on disk; undefined without the option `spool`. */
  spool?: SpoolStats | undefined;
  destinations: DestinationStats[];
}
