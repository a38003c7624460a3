import type { ObservationRecord, ScoreRecord } from "../model/record.ts";
import type { Destination, DestinationContext } from "../pipeline/destination.ts";
import { addDrops, Ledger, type Drops, type Receipt } from "../pipeline/ledger.ts";
import type { DestinationStats } from "../tracer/api.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import { MediaUploader } from "../transport/media-uploader.ts";
import { Lane } from "../transport/lane.ts";
import type { LaneFormat } from "../transport/lane-format.ts";

export interface HttpDestinationParts {
  name: string;
  spans: LaneFormat<ObservationRecord>;
  /** Left out: scores are counted as `unsupported`. */
  scores?: LaneFormat<ScoreRecord> | undefined;
  /** Where attachments go; left out, the payload keeps a reference to what nobody has. */
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
  readonly #unsupported: Drops = {};

  constructor(parts: HttpDestinationParts, context: DestinationContext) {
    this.name = parts.name;
    this.live = parts.live;
    this.#spans = new Lane(parts.name, parts.spans, context, parts.flushIntervalMs);
    this.#media = parts.media && new MediaUploader(parts.name, parts.media.baseUrl, parts.media.headers, context);
    const silent = { ...context, onError: () => {}, onDrop: () => {} };
    this.#starts = new Lane(parts.name, parts.spans, silent, 0);
    this.#scores = parts.scores && new Lane(parts.name, parts.scores, context, parts.flushIntervalMs);
  }

  get isFailing(): boolean {
    return this.#spans.isFailing || (this.#scores?.isFailing ?? false);
  }

  pushObservation(record: ObservationRecord, receipt: Receipt): void {
    this.#spans.push(record, receipt);
  }

  pushStart(record: ObservationRecord): void {
    if (this.#starts.queued >= MAX_WAITING_STARTS) return;
    this.#startLedger.start();
    this.#starts.push(record, this.#startLedger.enqueue(record.id, 1));
  }

  pushScore(record: ScoreRecord, receipt: Receipt): void {
    if (this.#scores) {
      this.#scores.push(record, receipt);
      return;
    }
    addDrops(this.#unsupported, "unsupported", 1);
    receipt.drop("unsupported");
  }

  pushMedia(media: Media, context: MediaContext): void {
    this.#media?.push(media, context);
  }

  /** `deadlineAt`: epoch milliseconds when `signal` fires, if known; a `Retry-After` beyond it is then not waited for. */
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
    this.#media?.close();
    this.#scores?.close();
  }

  stats(): DestinationStats {
    const dropped: Drops = { ...this.#spans.dropped };
    const stats: DestinationStats = {
      name: this.name,
      queued: this.#spans.queued,
      sent: this.#spans.sent,
      dropped,
      retried: this.#spans.retried,
      requests: this.#spans.requests,
      bytesSent: this.#spans.bytesSent,
      paused: this.#spans.paused,
      lastError: this.#spans.lastError,
    };
    const scores = this.#scores;
    if (!scores) return { ...stats, dropped: { ...dropped, ...this.#unsupported } };
    for (const [reason, count] of Object.entries(scores.dropped)) addDrops(dropped, reason as keyof Drops, count);
    return {
      ...stats,
      queued: stats.queued + scores.queued,
      sent: stats.sent + scores.sent,
      retried: stats.retried + scores.retried,
      requests: stats.requests + scores.requests,
      bytesSent: stats.bytesSent + scores.bytesSent,
      paused: stats.paused || scores.paused,
      lastError: stats.lastError ?? scores.lastError,
    };
  }
}
