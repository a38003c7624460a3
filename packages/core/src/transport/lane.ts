import type { DestinationContext } from "../pipeline/destination.ts";
import type { Receipt } from "../pipeline/ledger.ts";
import { messageOf } from "../util/text.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { Batch } from "./batch.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Delivery } from "./delivery.ts";
import type { BatchWriter, LaneFormat, WrittenRecords } from "./lane-format.ts";
import { openSpool, type LaneSpool } from "./spool.ts";
import { Tally } from "./tally.ts";

/**
 * One queue towards one URL: writes records into a batch as they come, seals it when it is full or due, and hands it to the
 * delivery. Every receipt it is given is settled exactly once.
 */
export class Lane<R extends { readonly bytes: number }> {
  readonly tally: Tally;
  readonly #format: LaneFormat<R>;
  readonly #context: DestinationContext;
  readonly #intervalMs: number;
  readonly #delivery: Delivery;
  readonly #spool: LaneSpool | undefined;
  #writer: BatchWriter<R> | undefined;
  #lastBatchBytes = 0;
  readonly #pool = new BufferPool();
  /** Receipts of what the writer holds. */
  #written: Receipt[] = [];
  #cancelInterval: (() => void) | undefined;
  #isClosed = false;
  /** Every flush closes a wave and waits for it, not for what comes later. A batch is of the wave in which it was sealed. */
  #wave = 0;

  constructor(name: string, format: LaneFormat<R>, context: DestinationContext, intervalMs: number) {
    this.tally = new Tally(name, context);
    this.#format = format;
    this.#context = context;
    this.#intervalMs = intervalMs;
    this.#delivery = new Delivery(format, context, this.tally);
    this.#spool = openSpool(name, format, context);
  }

  get isFailing(): boolean {
    return this.#delivery.isFailing;
  }

  /** Calls of `flush` that have not returned. */
  get flushing(): number {
    return this.#delivery.flushing;
  }

  push(record: R, receipt: Receipt): void {
    this.tally.queued++;
    if (this.#isClosed) {
      this.tally.lose([receipt], "after_shutdown");
      return;
    }
    const { flushAt, maxBatchBytes } = this.#context.settings;
    if (this.#writer && this.#writer.length + record.bytes > maxBatchBytes) this.#seal();
    const writer = (this.#writer ??= this.#format.createWriter(this.#lastBatchBytes, this.#pool));
    const before = writer.length;
    try {
      writer.append(record);
    } catch (error) {
      this.tally.fail(`could not encode a record: ${messageOf(error)}`);
      this.tally.lose([receipt], "internal_error");
      return;
    }
    this.#written.push(receipt);
    this.#context.budget.charge(writer.length - before);
    if (this.#written.length >= flushAt || writer.length >= maxBatchBytes) this.#seal();
    else this.#cancelInterval ??= setQuietTimeout(() => this.#seal(), this.#intervalMs);
  }

  /**
   * Sends all there is now; resolves when that is settled, when the keys were refused, when the next attempt would come after
   * `deadlineAt` (of `performance.now()`), or when `signal` fires.
   */
  flush(signal: AbortSignal, deadlineAt = Number.POSITIVE_INFINITY): Promise<void> {
    this.#seal();
    return this.#delivery.flush(this.#wave++, deadlineAt, signal);
  }

  /** Drops what is left as `shutdown` and stops what is under way. */
  close(): void {
    if (this.#isClosed) return;
    if (this.#spool) this.#seal();
    this.#isClosed = true;
    this.#cancelInterval?.();
    this.#context.budget.release(this.#writer?.length ?? 0);
    this.#writer = undefined;
    this.tally.lose(this.#written, "shutdown");
    this.#written = [];
    this.#delivery.close();
    this.#spool?.close();
  }

  #seal(): void {
    this.#cancelInterval?.();
    this.#cancelInterval = undefined;
    const writer = this.#writer;
    if (!writer || this.#written.length === 0) return;
    const { budget } = this.#context;
    const receipts = this.#written;
    budget.release(writer.length);
    this.#lastBatchBytes = writer.length;
    this.#writer = undefined;
    this.#written = [];
    let records: WrittenRecords;
    try {
      records = writer.finish();
    } catch (error) {
      // No memory for a copy: nobody is there to catch it when the timer has called.
      this.tally.fail(`could not seal a batch: ${messageOf(error)}`);
      this.tally.lose(receipts, "internal_error");
      return;
    }
    const batch = new Batch(records, receipts, this.#delivery.now(), this.#wave, this.#format.wrap, budget);
    batch.entry = this.#spool?.add(batch);
    // A spool reads it when it likes, and a `fetch` of the user's may keep what it was given.
    if (!this.#spool && !this.#context.settings.fetch) batch.pool = this.#pool;
    this.#delivery.add(batch);
  }
}
