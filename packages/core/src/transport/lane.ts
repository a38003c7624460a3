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

/** Requests one lane has under way at most; one while the backend fails. */
const MAX_IN_FLIGHT = 4;
/** Encoding stops after this and goes on when the event loop has turned. */
const SLICE_MS = 5;
/** How often a destination that refused the keys is tried. */
const UNAUTHORIZED_RETRY_MS = 60_000;

interface Queued<R> {
  readonly record: R;
  readonly receipt: Receipt;
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
  #drainScheduled = false;
  /** What is queued goes out although no bound is reached. */
  #due = false;
  #cancelInterval: (() => void) | undefined;

  readonly #waiting: Batch[] = [];
  readonly #inFlight = new Map<Batch, AbortController>();
  #failures = 0;
  #retryAt = 0;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  #idleWaiters: (() => void)[] = [];

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
    this.#queue.push({ record, receipt });
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

  /** Sends all there is now; resolves when every record is settled or `signal` fires. */
  async flush(signal: AbortSignal): Promise<void> {
    this.#due = true;
    this.#retryAt = 0;
    this.#drain();
    this.#pump();
    if (this.queued === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idleWaiters.push(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
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
    for (const batch of this.#waiting.splice(0)) this.#dropBatch(batch, "shutdown");
    for (const [batch, abort] of this.#inFlight) {
      this.#dropBatch(batch, "shutdown");
      abort.abort(new Error("the tracer was shut down"));
    }
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
  }

  #write({ record, receipt }: Queued<R>): void {
    const { budget, settings } = this.#context;
    if (this.#writer && this.#writer.length + record.bytes > settings.maxBatchBytes) this.#seal();
    const writer = (this.#writer ??= this.#format.createWriter(this.#lastBatchBytes));
    const before = writer.length;
    this.#queuedBytes -= record.bytes;
    budget.release(record.bytes);
    try {
      this.#ends.push(writer.append(record));
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
    this.#waiting.push(new Batch(writer.finish(), this.#ends, this.#written, Date.now(), this.#format.wrap, budget));
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
        this.#postpone(batch, retryDelayMs(this.#failures++, outcome.afterMs));
        break;
      case "unauthorized":
        // Said once: `paused` stays true until a batch passes.
        if (!this.paused) this.#fail(`${outcome.message}. Check the keys; records are kept and tried once a minute`);
        this.paused = true;
        this.#postpone(batch, UNAUTHORIZED_RETRY_MS);
        break;
      case "split":
        if (batch.receipts.length > 1) {
          const parts = await batch.split();
          if (batch.release()) this.#waiting.unshift(...parts);
          else for (const part of parts) part.release();
        } else {
          this.#fail(outcome.message);
          this.#dropBatch(batch, outcome.reason);
        }
        break;
      case "refused":
        this.#fail(outcome.message);
        this.#dropBatch(batch, "rejected");
        break;
    }
  }

  #postpone(batch: Batch, delayMs: number): void {
    this.retried++;
    this.#retryAt = Date.now() + delayMs;
    this.#waiting.unshift(batch);
    // While the backend is away everything that waits shrinks, and memory with it.
    for (const waiting of this.#waiting) {
      waiting.compress().catch((error: unknown) => this.#fail(`could not compress: ${String(error)}`));
    }
  }

  async #settle(batch: Batch, outcome: Extract<Outcome, { kind: "delivered" }>): Promise<void> {
    // Closed while the answer was on its way: it was counted as lost then.
    if (!batch.release()) return;
    for (const part of batch.body()) this.bytesSent += part.byteLength;
    this.#failures = 0;
    this.#retryAt = 0;
    this.paused = false;
    if (outcome.message) this.#fail(outcome.message);
    const rest = outcome.again.length > 0 ? await batch.pick(outcome.again) : undefined;
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
    if (rest && this.#closed) this.#dropBatch(rest, "shutdown");
    else if (rest) this.#postpone(rest, retryDelayMs(this.#failures++, undefined));
    this.#wakeWhenIdle();
  }

  #dropBatch(batch: Batch, reason: DropReason): void {
    if (batch.release()) this.#lose(batch.receipts, reason);
  }

  #lose(receipts: readonly Receipt[], reason: DropReason): void {
    if (receipts.length === 0) return;
    this.queued -= receipts.length;
    addDrops(this.dropped, reason, receipts.length);
    for (const receipt of receipts) receipt.drop(reason);
    this.#context.onDrop(this.#name, reason, receipts.length);
    this.#wakeWhenIdle();
  }

  #wakeWhenIdle(): void {
    if (this.queued > 0) return;
    for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #fail(message: string): void {
    this.lastError = message;
    this.#context.onError(this.#name, message);
  }
}
