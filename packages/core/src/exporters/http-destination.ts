import type { ObservationRecord, ScoreRecord } from "../model/record.ts";
import { emptyStats, type Destination, type DestinationContext } from "../pipeline/destination.ts";
import { addDrops, Ledger, type Drops, type Receipt } from "../pipeline/ledger.ts";
import type { DestinationStats } from "../tracer/api.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import { MediaUploader } from "../transport/media-uploader.ts";
import { Lane } from "../transport/lane.ts";
import type { LaneFormat } from "../transport/lane-format.ts";
import { Heartbeat } from "./heartbeat.ts";

export interface HttpDestinationParts {
  name: string;
  spans: LaneFormat<ObservationRecord>;
  /** Left out: scores are counted as `unsupported`. */
  scores?: LaneFormat<ScoreRecord> | undefined;
  /** Where attachments go; left out, they are counted as `unsupported` and the payload keeps a reference to what nobody has. */
  media?: { baseUrl: string; headers: Record<string, string> } | undefined;
  flushIntervalMs: number;
  live: boolean;
}

/** Start records that may wait; more are not worth keeping, as the end records follow. */
const MAX_WAITING_STARTS = 1000;

/** A backend behind HTTP: one lane for observations, one for scores, one for what still runs. */
export class HttpDestination implements Destination {
  readonly name: string;
  readonly live: boolean;
  readonly #spans: Lane<ObservationRecord>;
  readonly #scores: Lane<ScoreRecord> | undefined;
  readonly #media: MediaUploader | undefined;
  /** Best effort and silent: the end records follow, and what is wrong with the backend they say. */
  readonly #starts: Lane<ObservationRecord>;
  /** Start records are counted here and nowhere else. */
  readonly #startLedger = new Ledger();
  readonly #heartbeat: Heartbeat;
  readonly #context: DestinationContext;
  readonly #unsupported: Drops = {};

  constructor(parts: HttpDestinationParts, context: DestinationContext) {
    this.name = parts.name;
    this.#context = context;
    this.live = parts.live;
    this.#spans = new Lane(parts.name, parts.spans, context, parts.flushIntervalMs);
    this.#media = parts.media && new MediaUploader(parts.name, parts.media.baseUrl, parts.media.headers, context);
    const silent = { ...context, onError: () => {}, onDrop: () => {}, spool: undefined };
    this.#starts = new Lane(parts.name, parts.spans, silent, 0);
    this.#heartbeat = new Heartbeat(parts.spans, context);
    this.#scores = parts.scores && new Lane(parts.name, parts.scores, context, parts.flushIntervalMs);
  }

  get isFailing(): boolean {
    return this.#spans.isFailing || (this.#scores?.isFailing ?? false);
  }

  pushObservation(record: ObservationRecord, receipt: Receipt): void {
    this.#spans.push(record, receipt);
  }

  pushStart(record: ObservationRecord): void {
    if (this.#starts.tally.queued >= MAX_WAITING_STARTS) return;
    this.#startLedger.start();
    this.#heartbeat.start();
    this.#starts.push(record, this.#startLedger.enqueue(record.id, 1));
  }

  pushScore(record: ScoreRecord, receipt: Receipt): void {
    if (this.#scores) {
      this.#scores.push(record, receipt);
      return;
    }
    this.#refuse();
    receipt.drop("unsupported");
  }

  #refuse(): void {
    addDrops(this.#unsupported, "unsupported", 1);
    this.#context.onDrop(this.name, "unsupported", 1);
  }

  pushMedia(media: Media, context: MediaContext): void {
    if (this.#media) this.#media.push(media, context);
    else this.#refuse();
  }

  /** `deadlineAt`: when `signal` fires, by `performance.now()`, if known; a `Retry-After` beyond it is then not waited for. */
  async flush(signal: AbortSignal, deadlineAt = Number.POSITIVE_INFINITY): Promise<void> {
    await Promise.all([
      this.#spans.flush(signal, deadlineAt),
      this.#scores?.flush(signal, deadlineAt),
      this.#media?.flush(signal),
    ]);
  }

  close(): void {
    this.#spans.close();
    this.#starts.close();
    this.#heartbeat.close();
    this.#media?.close();
    this.#scores?.close();
  }

  stats(): DestinationStats {
    const dropped: Drops = { ...this.#unsupported };
    const stats: DestinationStats = { ...emptyStats(this.name), dropped, media: this.#media?.stats() };
    for (const lane of [this.#spans, this.#scores]) {
      if (!lane) continue;
      const { tally } = lane;
      for (const key of ["queued", "sent", "retried", "requests", "bytesSent"] as const) stats[key] += tally[key];
      for (const [reason, count] of Object.entries(tally.dropped)) addDrops(dropped, reason as keyof Drops, count);
      stats.paused ||= tally.paused;
      stats.lastError ??= tally.lastError;
    }
    return stats;
  }
}
