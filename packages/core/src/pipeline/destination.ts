import type { ObservationRecord, ScoreRecord } from "../model/record.ts";
import type { DestinationStats } from "../tracer/api.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import type { Spool } from "../transport/spool.ts";
import type { ByteBudget } from "./budget.ts";
import type { Receipt } from "./ledger.ts";

/** Where records go. It takes them without waiting, settles every receipt once, and never throws. */
export interface Destination {
  readonly name: string;
  pushObservation(record: ObservationRecord, receipt: Receipt): void;
  pushScore(record: ScoreRecord, receipt: Receipt): void;
  /** Whether it wants to know of observations that still run. */
  readonly live: boolean;
  /** A live start record: best effort, not part of the accounts. */
  pushStart(record: ObservationRecord): void;
  /** An attachment that a record refers to; each is sent once. Best effort: it is not part of the accounts. */
  pushMedia(media: Media, context: MediaContext): void;
  /** The last request failed. */
  readonly isFailing: boolean;
  /**
   * Sends what is queued, now, pauses and back-offs notwithstanding; resolves when nothing of that is left, when nothing more
   * can pass before `deadlineAt` (of `performance.now()`), or when `signal` fires.
   */
  flush(signal: AbortSignal, deadlineAt?: number): Promise<void>;
  /** Drops what is left as `shutdown` and takes nothing more. */
  close(): void;
  stats(): DestinationStats;
}

/** Of a destination that has done nothing. */
export function emptyStats(name: string): DestinationStats {
  return {
    name,
    queued: 0,
    sent: 0,
    dropped: {},
    retried: 0,
    requests: 0,
    bytesSent: 0,
    paused: false,
    lastError: undefined,
  };
}

/** What a tracer gives an exporter to make its destination with. */
export interface DestinationContext {
  readonly budget: ByteBudget;
  readonly settings: DeliverySettings;
  readonly resource: ResourceInfo;
  /** Keeps on disk what is not delivered. */
  readonly spool?: Spool | undefined;
  /** Whether an observation runs. */
  hasOpen(): boolean;
  /** A failed request, for the log and `stats().lastError`. */
  onError(destination: string, message: string): void;
  /** Called when records are lost, with the closed list's reason. */
  onDrop(destination: string, reason: string, count: number): void;
}

export interface DeliverySettings {
  readonly flushAt: number;
  /** Milliseconds; `undefined`: the destination chooses (200 on loopback, else 1000). */
  readonly flushIntervalMs: number | undefined;
  readonly maxBatchBytes: number;
  readonly maxAgeMs: number;
  readonly timeoutMs: number;
  readonly live: boolean | undefined;
  readonly fetch: typeof fetch | undefined;
}

/** What is the same for every record of a process. */
export interface ResourceInfo {
  readonly serviceName: string;
  readonly environment: string;
  readonly release: string | undefined;
  readonly version: string | undefined;
  /** Random, one a process: tells its records from another's, however often `init` is called. */
  readonly instanceId: string;
}

/** What `exporters` takes: `spanwise()`, `langfuse()`, `otlp()`, `console()`, `memory()`. */
export interface Exporter {
  /** Named in the start line; `undefined` when nothing leaves the process. */
  readonly host: string | undefined;
  readonly name: string;
  connect(context: DestinationContext): Destination;
}
