import type { DestinationContext } from "../pipeline/destination.ts";
import { addDrops, type Drops, type Receipt } from "../pipeline/ledger.ts";
import type { DropReason } from "../tracer/api.ts";

/** What one lane has done so far, and how it tells of failures and losses. */
export class Tally {
  /** The keys were refused. */
  paused = false;
  queued = 0;
  sent = 0;
  retried = 0;
  requests = 0;
  bytesSent = 0;
  lastError: string | undefined;
  readonly dropped: Drops = {};
  readonly #name: string;
  readonly #context: DestinationContext;

  constructor(name: string, context: DestinationContext) {
    this.#name = name;
    this.#context = context;
  }

  accept(receipt: Receipt): void {
    this.queued--;
    this.sent++;
    receipt.accept();
  }

  lose(receipts: readonly Receipt[], reason: DropReason): void {
    if (receipts.length === 0) return;
    this.queued -= receipts.length;
    addDrops(this.dropped, reason, receipts.length);
    for (const receipt of receipts) receipt.drop(reason);
    this.#context.onDrop(this.#name, reason, receipts.length);
  }

  /** `topic`: trouble of another kind is said under a name of its own, so that no other's line stands in for it. */
  fail(message: string, topic?: string): void {
    this.lastError = message;
    this.#context.onError(topic === undefined ? this.#name : `${this.#name} ${topic}`, message);
  }
}
