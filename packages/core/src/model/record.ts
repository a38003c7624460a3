import type { TraceUpdates } from "./trace-fields.ts";
import type {
  CostDetails,
  EpochMs,
  ObservationAttributes,
  ObservationLevel,
  ObservationLink,
  ObservationStatus,
  ObservationType,
  PromptReference,
  ScoreDataType,
  TraceAttributes,
  UsageDetails,
} from "./types.ts";

/** Trace attributes ready for the wire: masked, of the right types, metadata serialised. */
export interface TraceFields {
  readonly name?: string | undefined;
  readonly userId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly tags?: readonly string[] | undefined;
  /** A JSON object. */
  readonly metadata?: string | undefined;
  readonly release?: string | undefined;
  readonly environment?: string | undefined;
  readonly version?: string | undefined;
  readonly public?: boolean | undefined;
}

/**
 * An observation as every destination gets it: small fields as they are, the large ones as serialised JSON. It is immutable
 * but for the trace attributes, which `updateTrace` may still change until a destination seals the record into a batch.
 */
export interface ObservationRecord {
  readonly kind: "observation";
  /** `start`: a live record of what still runs, without payload. An `end` record replaces it in any order of arrival. */
  readonly phase: "start" | "end";
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  /** The parent is in another process or tracer: this is the application's root though it has a parent. */
  readonly isAppRoot: boolean;
  readonly type: ObservationType;
  readonly name: string;
  readonly startTime: EpochMs;
  /** Absent on start records. */
  readonly endTime: EpochMs | undefined;
  readonly level: ObservationLevel;
  readonly status: ObservationStatus;
  readonly statusMessage: string | undefined;
  readonly version: string | undefined;
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly modelParameters: string | undefined;
  readonly usageDetails: UsageDetails | undefined;
  readonly costDetails: CostDetails | undefined;
  readonly completionStartTime: EpochMs | undefined;
  readonly prompt: PromptReference | undefined;
  readonly link: ObservationLink | undefined;
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly metadata: string | undefined;
  readonly trace: TraceView;
  /** What was cut to `maxValueBytes`, with its true size: `input.messages.0.content=5242880 characters`. */
  readonly truncated: readonly string[];
  /** What it holds in memory, estimated. */
  readonly bytes: number;
}

/** The trace attributes of one record, with what was updated since. */
export interface TraceView {
  current(): TraceFields;
}

export interface ScoreRecord {
  readonly kind: "score";
  readonly id: string;
  /** This sending of the score: a score sent again with the same `id` is another event. */
  readonly eventId: string;
  readonly name: string;
  readonly dataType: ScoreDataType;
  readonly value: number | string;
  readonly comment: string | undefined;
  /** A JSON object. */
  readonly metadata: string | undefined;
  readonly configId: string | undefined;
  readonly traceId: string | undefined;
  readonly observationId: string | undefined;
  readonly sessionId: string | undefined;
  readonly environment: string | undefined;
  readonly timestamp: EpochMs;
  readonly bytes: number;
}

export type TelemetryRecord = ObservationRecord | ScoreRecord;

/** An observation between its start and its pipeline: captured copies only, no object of the user's. */
export interface OpenObservation {
  readonly kind: "observation";
  readonly id: string;
  readonly traceId: string;
  readonly parentId: string | undefined;
  readonly isAppRoot: boolean;
  type: ObservationType;
  readonly name: string;
  readonly startTime: EpochMs;
  /** Trace attributes in force at the start. */
  readonly traceAttributes: TraceAttributes | undefined;
  readonly fields: CapturedFields;
  /** Estimated bytes of `fields`, as charged to the budget. */
  bytes: number;
  /** What each field weighs, so that replacing one gives its bytes back. */
  readonly fieldBytes: FieldBytes;
  /** A captured text may be a data URI: only then are attachments looked for. */
  mayHaveMedia: boolean;
  /** What `updateTrace` says of its trace; shared by the observations of the trace that are open together. */
  readonly updates: TraceUpdates;
  /** `performance.now()` at the call: no clock that is set hides what runs. */
  readonly startedAt: number;
  endTime: EpochMs | undefined;
  /** A live start record went out. */
  announced: boolean;
  /** What an integration knows of an answer that still comes in; asked when the observation is let go of. */
  describe: (() => ObservationAttributes) | undefined;
}

export interface FieldBytes extends Partial<Record<keyof CapturedFields, number>> {
  /** Each top key of the metadata, since updates replace them one by one. */
  metadataKeys?: Map<string, number>;
}

/** Attributes after capture; `undefined` and "not given" are the same. */
export interface CapturedFields {
  input?: unknown;
  output?: unknown;
  metadata?: Record<string, unknown>;
  level?: ObservationLevel;
  status?: ObservationStatus;
  statusMessage?: string;
  version?: string;
  model?: string;
  provider?: string;
  modelParameters?: Record<string, unknown>;
  usageDetails?: UsageDetails;
  costDetails?: CostDetails;
  completionStartTime?: EpochMs;
  prompt?: PromptReference;
  link?: ObservationLink;
}
