import type { DropReason } from "../tracer/api.ts";

export type Drops = Partial<Record<DropReason, number>>;

export function addDrops(drops: Drops, reason: DropReason, count: number): void {
  drops[reason] = (drops[reason] ?? 0) + count;
}

export function sumDrops(drops: Drops): number {
  let sum = 0;
  for (const count of Object.values(drops)) sum += count;
  return sum;
}

/**
 * Counts one kind of record (observations, or scores) so that at every moment
 * `started = open + queued + sent + dropped + unsampled`. Each record moves once from one column to the next.
 */
export class Ledger {
  started = 0;
  open = 0;
  unsampled = 0;
  queued = 0;
  sent = 0;
  readonly dropped: Drops = {};

  start(): void {
    this.started++;
    this.open++;
  }

  startUnsampled(): void {
    this.started++;
    this.unsampled++;
  }

  /** Started and refused at once. */
  refuse(reason: DropReason): void {
    this.started++;
    addDrops(this.dropped, reason, 1);
  }

  /** From open to queued; the receipt takes it on. */
  enqueue(recordId: string, destinations: number): Receipt {
    this.open--;
    this.queued++;
    return new Receipt(this, recordId, destinations);
  }

  drop(reason: DropReason): void {
    this.open--;
    addDrops(this.dropped, reason, 1);
  }

  settle(accepted: boolean, reason: DropReason): void {
    this.queued--;
    if (accepted) this.sent++;
    else addDrops(this.dropped, reason, 1);
  }
}

/**
 * Follows one record through all destinations: it counts as sent when one of them took it, and as dropped, for the first
 * reason, when none did.
 */
export class Receipt {
  /** Names the record in a backend's answer. */
  readonly recordId: string;
  readonly #ledger: Ledger;
  #outstanding: number;
  #accepted = false;
  #reason: DropReason | undefined;

  constructor(ledger: Ledger, recordId: string, destinations: number) {
    this.#ledger = ledger;
    this.recordId = recordId;
    this.#outstanding = destinations;
  }

  /** Destinations that have not settled it. */
  get outstanding(): number {
    return this.#outstanding;
  }

  accept(): void {
    this.#accepted = true;
    this.#settleOne();
  }

  drop(reason: DropReason): void {
    this.#reason ??= reason;
    this.#settleOne();
  }

  #settleOne(): void {
    this.#outstanding--;
    if (this.#outstanding === 0) this.#ledger.settle(this.#accepted, this.#reason ?? "internal_error");
  }
}
