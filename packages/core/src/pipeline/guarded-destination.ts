import { warnRarely } from "../log.ts";
import type { ObservationRecord, ScoreRecord } from "../model/record.ts";
import type { Media, MediaContext } from "../serialize/media.ts";
import type { DestinationStats } from "../tracer/api.ts";
import { ignoreRejection } from "../util/ignore-rejection.ts";
import { messageOf } from "../util/text.ts";
import { emptyStats, type Destination, type DestinationContext } from "./destination.ts";
import type { Receipt } from "./ledger.ts";

/**
 * A destination as it may be called: what one of the user's own throws, rejects or does not have costs the record that it was given,
 * and nobody else's. A flush that never ends is given up at its deadline by whoever waits for it.
 */
export class GuardedDestination implements Destination {
  readonly name: string;
  readonly live: boolean;
  readonly #inner: Destination;
  readonly #onDrop: DestinationContext["onDrop"];

  constructor(inner: Destination, onDrop: DestinationContext["onDrop"]) {
    this.#inner = inner;
    this.#onDrop = onDrop;
    this.name = this.#try(() => inner.name) ?? "exporter";
    this.live = this.#try(() => inner.live) ?? false;
  }

  get isFailing(): boolean {
    return this.#try(() => this.#inner.isFailing) ?? false;
  }

  pushObservation(record: ObservationRecord, receipt: Receipt): void {
    this.#push(receipt, () => this.#inner.pushObservation(record, receipt));
  }

  pushScore(record: ScoreRecord, receipt: Receipt): void {
    this.#push(receipt, () => this.#inner.pushScore(record, receipt));
  }

  pushStart(record: ObservationRecord): void {
    this.#try(() => this.#inner.pushStart(record));
  }

  pushMedia(media: Media, context: MediaContext): void {
    this.#try(() => this.#inner.pushMedia(media, context));
  }

  async flush(signal: AbortSignal, deadlineAt?: number): Promise<void> {
    try {
      // It may give anything, also what only looks like a promise.
      await this.#try(() => this.#inner.flush(signal, deadlineAt));
    } catch {
      // A promise's rejection is said by `#try`.
    }
  }

  close(): void {
    this.#try(() => this.#inner.close());
  }

  stats(): DestinationStats {
    const none = emptyStats(this.name);
    return this.#try(() => ({ ...none, ...this.#inner.stats() })) ?? none;
  }

  /** What is thrown, or rejected later, costs the record of `receipt`, unless what threw had settled it before. */
  #push(receipt: Receipt, push: () => void): void {
    const { outstanding } = receipt;
    // What is settled after `push` may be others' doing.
    let settledIn: number | undefined;
    this.#try(push, () => {
      if ((settledIn ?? receipt.outstanding) < outstanding) return;
      receipt.drop("internal_error");
      this.#onDrop(this.name, "internal_error", 1);
    });
    settledIn = receipt.outstanding;
  }

  #try<T>(fn: () => T, onError?: () => void): T | undefined {
    const failed = (error: unknown): void => {
      warnRarely(`exporter ${this.name}`, `an exporter threw: ${messageOf(error)}`);
      onError?.();
    };
    try {
      const result = fn();
      ignoreRejection(result, failed);
      return result;
    } catch (error) {
      failed(error);
      return undefined;
    }
  }
}
