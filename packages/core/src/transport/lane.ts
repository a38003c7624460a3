import { platform } from "#platform";
import type { DestinationContext } from "../pipeline/destination.ts";
import { addDrops, type Drops, type Receipt } from "../pipeline/ledger.ts";
import type { DropReason } from "../tracer/api.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { retryDelayMs } from "./backoff.ts";
import { Batch } from "./batch.ts";
import type { BatchWriter, LaneFormat } from "./lane-format.ts";
import type { Outcome } from "./outcome.ts";
import { sendBatch } from "./send.ts";
import { Split } from "./split.ts";
import { Waiters } from "./waiters.ts";

/** Requests one lane has under way at most; one while the backend fails. */
const MAX_IN_FLIGHT = 4;
/** Batches that are compressed at once while they wait. */
const MAX_COMPRESSING = 2;
/** Encoding stops after this and goes on when the event loop has turned. */
const SLICE_MS = 5;
/** How often a destination that refused the keys is tried. */
const UNAUTHORIZED_RETRY_MS = 60_000;

interface Queued<R> {
  readonly record: R;
  readonly receipt: Receipt;
  readonly wave: number;
}

/**
 * One queue towards one URL: collects records, seals them into batches, sends with retry. Its bounds are bytes and age, not
 * attempts. Every receipt it is given is settled exactly once.
 */
export class Lane<R extends { readonly bytes: number }> {
  readonly #name: string;
  readonly #format: LaneFormat<R>;
  readonly #context: DestinationContext;
  readonly #intervalMs: number;

  #queue: Queued<R>[] = [];
  #queuedBytes = 0;
  #lastBatchBytes = 0;
  #writer: BatchWriter<R> | undefined;
  #ends: number[] = [];
  #written: Receipt[] = [];
  #writtenWave = 0;
  #drainScheduled = false;
  /** What is queued goes out although no bound is reached. */
  #due = false;
  #cancelInterval: (() => void) | undefined;

  readonly #waiting: Batch[] = [];
  /** Every batch that is not settled: it waits, is under way, or is held back by its split. */
  readonly #open = new Set<Batch>();
  readonly #inFlight = new Map<Batch, AbortController>();
  #failures = 0;
  #retryAt = 0;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  /** Batches that delivered something. */
  #deliveries = 0;
  readonly #toCompress = new Set<Batch>();
  #compressing = 0;
  /**
   * Every flush closes a wave and waits for it, not for what comes later. A batch counts towards its oldest record's wave;
   * the keys ascend, as records are sealed in order.
   */
  #wave = 0;
  readonly #openWaves = new Map<number, number>();
  readonly #waiters = new Waiters();

  paused = false;
  queued = 0;
  sent = 0;
  retried = 0;
  requests = 0;
  bytesSent = 0;
  lastError: string | undefined;
  readonly dropped: Drops = {};

  constructor(name: string, format: LaneFormat<R>, context: DestinationContext, intervalMs: number) {
    this.#name = name;
    this.#format = format;
    this.#context = context;
    this.#intervalMs = intervalMs;
  }

  push(record: R, receipt: Receipt): void {
    this.queued++;
    if (this.#closed) {
      this.#lose([receipt], "after_shutdown");
      return;
    }
    this.#queue.push({ record, receipt, wave: this.#wave });
    this.#queuedBytes += record.bytes;
    this.#context.budget.charge(record.bytes);
    const { flushAt, maxBatchBytes } = this.#context.settings;
    const isFull = this.#written.length + this.#queue.length >= flushAt || this.#queuedBytes >= maxBatchBytes;
    if (isFull) this.#scheduleDrain();
    else this.#startInterval();
  }

  get isFailing(): boolean {
    return this.#failures > 0 || this.paused;
  }

  /** Calls of `flush` that have not returned. */
  get flushing(): number {
    return this.#waiters.size;
  }

  /**
   * Sends all there is now; resolves when that is settled, when the keys were refused, when the next attempt would come after
   * `deadlineAt` (epoch milliseconds), or when `signal` fires.
   */
  async flush(signal: AbortSignal, deadlineAt = Number.POSITIVE_INFINITY): Promise<void> {
    const upTo = this.#wave++;
    this.#due = true;
    this.#retryAt = 0;
    this.#drain();
    this.#pump();
    if (this.#oldestWave() > upTo) return;
    await this.#waiters.wait(upTo, deadlineAt, signal);
  }

  /** Drops what is left as `shutdown` and stops what is under way. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelInterval?.();
    this.#cancelRetry?.();
    this.#context.budget.release(this.#queuedBytes + (this.#writer?.length ?? 0));
    this.#lose([...this.#written, ...this.#queue.map(({ receipt }) => receipt)], "shutdown");
    this.#queue = [];
    this.#written = [];
    this.#writer = undefined;
    for (const batch of this.#open) this.#dropBatch(batch, "shutdown");
    this.#waiting.length = 0;
    for (const abort of this.#inFlight.values()) abort.abort(new Error("the tracer was shut down"));
    this.#waiters.wakeAll();
  }

  #startInterval(): void {
    this.#cancelInterval ??= setQuietTimeout(() => {
      this.#cancelInterval = undefined;
      this.#due = true;
      this.#scheduleDrain();
    }, this.#intervalMs);
  }

  #scheduleDrain(): void {
    if (this.#drainScheduled) return;
    this.#drainScheduled = true;
    platform.defer(() => {
      this.#drainScheduled = false;
      if (!this.#closed) this.#drain();
    });
  }

  /** Writes queued records into batches for one slice of time. */
  #drain(): void {
    const until = performance.now() + SLICE_MS;
    const queue = this.#queue;
    let next = 0;
    while (next < queue.length) {
      this.#write(queue[next++]!);
      if (performance.now() >= until) break;
    }
    this.#queue = queue.slice(next);
    if (this.#queue.length > 0) {
      this.#scheduleDrain();
    } else if (this.#due) {
      this.#due = false;
      this.#seal();
    } else if (this.#written.length > 0) {
      this.#startInterval();
    }
    this.#wakeSettled();
  }

  #write({ record, receipt, wave }: Queued<R>): void {
    const { budget, settings } = this.#context;
    if (this.#writer && this.#writer.length + record.bytes > settings.maxBatchBytes) this.#seal();
    const writer = (this.#writer ??= this.#format.createWriter(this.#lastBatchBytes));
    const before = writer.length;
    this.#queuedBytes -= record.bytes;
    budget.release(record.bytes);
    try {
      this.#ends.push(writer.append(record));
      if (this.#written.length === 0) this.#writtenWave = wave;
      this.#written.push(receipt);
      budget.charge(writer.length - before);
    } catch (error) {
      this.#fail(`could not encode a record: ${String(error)}`);
      this.#lose([receipt], "internal_error");
    }
    if (this.#written.length >= settings.flushAt || writer.length >= settings.maxBatchBytes) this.#seal();
  }

  #seal(): void {
    const writer = this.#writer;
    if (!writer || this.#written.length === 0) return;
    const { budget } = this.#context;
    this.#lastBatchBytes = writer.length;
    budget.release(writer.length);
    const { wrap } = this.#format;
    const batch = new Batch(writer.finish(), this.#ends, this.#written, Date.now(), this.#writtenWave, wrap, budget);
    this.#track(batch);
    this.#waiting.push(batch);
    if (this.isFailing) this.#compressLater(batch);
    this.#writer = undefined;
    this.#ends = [];
    this.#written = [];
    this.#pump();
  }

  #pump(): void {
    while (!this.#closed && this.#waiting.length > 0) {
      const limit = this.#failures > 0 || this.paused ? 1 : MAX_IN_FLIGHT;
      if (this.#inFlight.size >= limit) return;
      const waitMs = this.#retryAt - Date.now();
      if (waitMs > 0) {
        this.#cancelRetry?.();
        this.#cancelRetry = setQuietTimeout(() => this.#pump(), waitMs);
        return;
      }
      const batch = this.#waiting.shift()!;
      if (Date.now() - batch.sealedAt > this.#context.settings.maxAgeMs) this.#dropBatch(batch, "expired");
      else void this.#send(batch);
    }
  }

  /** Never rejects. */
  async #send(batch: Batch): Promise<void> {
    const { timeoutMs, fetch } = this.#context.settings;
    const abort = new AbortController();
    this.#inFlight.set(batch, abort);
    this.requests++;
    const outcome = await sendBatch(batch, this.#format, { timeoutMs, fetch, abort });
    this.#inFlight.delete(batch);
    try {
      await this.#conclude(batch, outcome);
    } catch (error) {
      this.#fail(`internal error: ${String(error)}`);
      this.#dropBatch(batch, "internal_error");
    }
    this.#pump();
  }

  async #conclude(batch: Batch, outcome: Outcome): Promise<void> {
    if (outcome.kind === "delivered") {
      await this.#settle(batch, outcome);
      return;
    }
    if (this.#closed) {
      this.#dropBatch(batch, "shutdown");
      return;
    }
    switch (outcome.kind) {
      case "retry":
        this.#fail(outcome.message);
        this.#waiting.unshift(batch);
        this.#postpone(retryDelayMs(this.#failures++, outcome.afterMs));
        break;
      case "unauthorized":
        this.#waiting.unshift(batch);
        this.#pause(outcome.message);
        break;
      case "split":
        await this.#divide(batch, outcome);
        break;
      case "refused":
        this.#fail(outcome.message);
        this.#dropBatch(batch, "rejected");
        break;
    }
  }

  async #divide(batch: Batch, outcome: Extract<Outcome, { kind: "split" }>): Promise<void> {
    const { reason, message, isFirewall = false } = outcome;
    const isProven =
      batch.split?.hasPassed || (batch.blockedAt !== undefined && batch.blockedAt < this.#deliveries) || !isFirewall;
    if (batch.receipts.length === 1 && isProven) {
      this.#fail(message);
      this.#dropBatch(batch, reason);
      return;
    }
    if (isFirewall && !batch.split && (this.paused || batch.receipts.length === 1)) {
      // Perhaps nothing passes: another batch is tried next, and what that shows decides about this one.
      batch.blockedAt = this.#deliveries;
      this.#waiting.push(batch);
      this.#pause(message);
      return;
    }
    const split = batch.split ?? new Split(reason);
    split.lastMessage = message;
    split.isFirewall ||= isFirewall;
    if (batch.receipts.length === 1) {
      split.held.push(batch);
      this.#concludePart(batch);
      return;
    }
    const { parts, held } = await split.parts(batch, reason);
    if (!batch.release()) {
      // Closed meanwhile: its records were counted as lost then.
      for (const part of [...parts, ...held]) part.release();
      return;
    }
    for (const part of [...parts, ...held]) this.#track(part);
    split.held.push(...held);
    this.#waiting.unshift(...parts);
    this.#forget(batch);
    this.#concludePart(batch);
  }

  /** Decides about the parts that a split held back, when all others are settled. */
  #concludePart({ split }: Batch): void {
    if (!split?.conclude() || this.#closed) return;
    const held = split.takeHeld();
    if (held.length === 0) return;
    if (split.hasPassed) {
      this.#waiting.unshift(...held);
      return;
    }
    if (split.isFirewall) {
      for (const part of held) {
        part.split = undefined;
        part.blockedAt = this.#deliveries;
      }
      this.#waiting.push(...held);
      this.#pause(split.lastMessage);
      return;
    }
    this.#fail(`${split.lastMessage}. No record of a batch passed`);
    for (const part of held) this.#dropBatch(part, split.reason);
  }

  #pause(message: string): void {
    const advice = `${message}. Check the keys; records are kept and tried once a minute`;
    this.lastError = advice;
    // Said once, until a batch passes; under a name of its own, so that no other trouble's line stands in for it.
    if (!this.paused) this.#context.onError(`${this.#name} authentication`, advice);
    this.paused = true;
    this.#postpone(UNAUTHORIZED_RETRY_MS);
  }

  #postpone(delayMs: number): void {
    this.retried++;
    this.#retryAt = Date.now() + delayMs;
    for (const batch of this.#waiting) this.#compressLater(batch);
    if (this.#inFlight.size > 0) return;
    if (this.paused) this.#waiters.wakeAll();
    else this.#waiters.wakeDueBefore(this.#retryAt);
  }

  /** While the backend is away everything that waits shrinks, and memory with it: few at a time, as each takes a copy. */
  #compressLater(batch: Batch): void {
    if (batch.isCompressed) return;
    this.#toCompress.add(batch);
    if (this.#compressing < MAX_COMPRESSING) void this.#compressAll();
  }

  /** Never rejects. */
  async #compressAll(): Promise<void> {
    this.#compressing++;
    for (const batch of this.#toCompress) {
      this.#toCompress.delete(batch);
      if (!this.isFailing || this.#closed) continue;
      try {
        await batch.compress();
      } catch (error) {
        this.#fail(`could not compress: ${String(error)}`);
      }
    }
    this.#compressing--;
  }

  async #settle(batch: Batch, outcome: Extract<Outcome, { kind: "delivered" }>): Promise<void> {
    const rest = outcome.again.length > 0 ? await batch.pick(outcome.again) : undefined;
    // Closed while the answer was on its way: it was counted as lost then.
    if (!batch.release()) {
      rest?.release();
      return;
    }
    for (const part of batch.body()) this.bytesSent += part.byteLength;
    this.#failures = 0;
    this.#retryAt = 0;
    this.paused = false;
    this.#deliveries++;
    if (batch.split) batch.split.hasPassed = true;
    if (outcome.message) this.#fail(outcome.message);
    const refused = new Set(outcome.refused);
    const again = new Set(outcome.again);
    const lost: Receipt[] = [];
    batch.receipts.forEach((receipt, position) => {
      if (again.has(position)) return;
      if (refused.has(position)) {
        lost.push(receipt);
        return;
      }
      this.queued--;
      this.sent++;
      receipt.accept();
    });
    this.#lose(lost, "rejected");
    if (rest) {
      this.#track(rest);
      this.#waiting.unshift(rest);
      this.#postpone(retryDelayMs(this.#failures++, undefined));
    }
    this.#forget(batch);
    this.#concludePart(batch);
  }

  #dropBatch(batch: Batch, reason: DropReason): void {
    if (!batch.release()) return;
    this.#lose(batch.receipts, reason);
    this.#forget(batch);
    this.#concludePart(batch);
  }

  #lose(receipts: readonly Receipt[], reason: DropReason): void {
    if (receipts.length === 0) return;
    this.queued -= receipts.length;
    addDrops(this.dropped, reason, receipts.length);
    for (const receipt of receipts) receipt.drop(reason);
    this.#context.onDrop(this.#name, reason, receipts.length);
  }

  #track(batch: Batch): void {
    this.#open.add(batch);
    this.#openWaves.set(batch.wave, (this.#openWaves.get(batch.wave) ?? 0) + 1);
  }

  #forget(batch: Batch): void {
    this.#open.delete(batch);
    const left = this.#openWaves.get(batch.wave)! - 1;
    if (left > 0) this.#openWaves.set(batch.wave, left);
    else this.#openWaves.delete(batch.wave);
    this.#wakeSettled();
  }

  #oldestWave(): number {
    const [sealed] = this.#openWaves.keys();
    if (sealed !== undefined) return sealed;
    return this.#written.length > 0 ? this.#writtenWave : (this.#queue[0]?.wave ?? Number.POSITIVE_INFINITY);
  }

  #wakeSettled(): void {
    if (this.#waiters.size > 0) this.#waiters.wakeSettled(this.#oldestWave());
  }

  #fail(message: string): void {
    this.lastError = message;
    this.#context.onError(this.#name, message);
  }
}
