import { platform } from "#platform";
import type { DestinationContext } from "../pipeline/destination.ts";
import type { Receipt } from "../pipeline/ledger.ts";
import type { DropReason } from "../tracer/api.ts";
import { setQuietTimeout } from "../util/timers.ts";
import { AwakeClock } from "./awake-clock.ts";
import { retryDelayMs } from "./backoff.ts";
import type { Batch } from "./batch.ts";
import type { RequestFormat } from "./lane-format.ts";
import type { Outcome } from "./outcome.ts";
import { sendBatch } from "./send.ts";
import { Split } from "./split.ts";
import type { Tally } from "./tally.ts";
import { Waiters } from "./waiters.ts";

/** Requests one lane has under way at most; one while the backend fails. */
const MAX_IN_FLIGHT = 4;
/** Share of the byte bound above which batches are compressed although the backend does not fail. */
const COMPRESS_SHARE = 1 / 16;
/** Batches that are compressed at once while they wait: of Node's four threads for such work one is left to the application. */
const MAX_COMPRESSING = 3;
/** How often a destination that refused the keys is tried. */
const UNAUTHORIZED_RETRY_MS = 60_000;

/** A request that is not over this long after its time-out never will be. */
const DEAD_AFTER_MS = 1_000;

interface Attempt {
  readonly abort: AbortController;
  /** Epoch milliseconds: a clock that stands still while the process is frozen would not tell. */
  readonly deadAt: number;
}

/** Sends sealed batches with retry. Its bounds are bytes and age, not attempts. */
export class Delivery {
  readonly #format: RequestFormat;
  readonly #context: DestinationContext;
  readonly #tally: Tally;
  readonly #waiting: Batch[] = [];
  /** Every batch that is not settled: it waits, is under way, or is held back by its split. */
  readonly #open = new Set<Batch>();
  readonly #inFlight = new Map<Batch, Attempt>();
  readonly #clock = new AwakeClock();
  #failures = 0;
  /** Of `performance.now()`. */
  #retryAt = 0;
  #cancelRetry: (() => void) | undefined;
  #closed = false;
  /** Batches that delivered something. */
  #deliveries = 0;
  readonly #toCompress = new Set<Batch>();
  #compressing = 0;
  /** How many open batches each wave has; the keys ascend, as batches are sealed in order. */
  readonly #openWaves = new Map<number, number>();
  readonly #waiters = new Waiters();
  /** See `#sendAlong`. */
  readonly #turns = new Set<() => void>();

  constructor(format: RequestFormat, context: DestinationContext, tally: Tally) {
    this.#format = format;
    this.#context = context;
    this.#tally = tally;
  }

  get isFailing(): boolean {
    return this.#failures > 0 || this.#tally.paused;
  }

  /** Calls of `flush` that have not returned. */
  get flushing(): number {
    return this.#waiters.size;
  }

  add(batch: Batch): void {
    this.#track(batch);
    this.#waiting.push(batch);
    if (this.#isBehind()) for (const waiting of this.#waiting) this.#compressLater(waiting);
    this.#pump();
  }

  /** A backend that is away, or so slow that what waits for it takes much of the memory there is. */
  #isBehind(): boolean {
    const { used, max } = this.#context.budget;
    return this.isFailing || used > max * COMPRESS_SHARE;
  }

  /** Tries at once, and waits for the batches of all waves up to `upTo`. */
  async flush(upTo: number, deadlineAt: number, signal: AbortSignal): Promise<void> {
    this.#retryAt = 0;
    this.#pump();
    if (this.#oldestWave() > upTo) return;
    const settling = this.#waiters.wait(upTo, deadlineAt, signal);
    await (platform.isRequestBound ? this.#sendAlong(upTo, settling) : settling);
  }

  /**
   * workerd ends a request of ours with the request of the application's in whose code it was made. Whoever waits there sends
   * what it waits for itself, and nothing that comes after: it would not stay for it. The promises are made here, since a
   * promise goes on where it was made.
   */
  async #sendAlong(upTo: number, settling: Promise<void>): Promise<void> {
    const settled = settling.then(() => true);
    for (;;) {
      let turn!: () => void;
      const called = new Promise<boolean>((resolve) => (turn = () => resolve(false)));
      this.#turns.add(turn);
      const isSettled = await Promise.race([settled, called]);
      this.#turns.delete(turn);
      if (isSettled) break;
      this.#pump(upTo);
    }
    // It may have been the one with the timer.
    this.#next();
  }

  #next(): void {
    if (!platform.isRequestBound) this.#pump();
    for (const turn of this.#turns) turn();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry?.();
    for (const batch of this.#open) this.#leave(batch);
    this.#waiting.length = 0;
    for (const { abort } of this.#inFlight.values()) abort.abort(new Error("the tracer was shut down"));
    this.#waiters.wakeAll();
  }

  /** What `maxAgeMs` is measured by: leaves out the time that the process was frozen. */
  now(): number {
    return this.#clock.read(this.#retryAt, this.#context.settings.timeoutMs);
  }

  /**
   * A frozen process wakes with requests that nobody answers, and workerd lets a request of ours die with the request of the
   * application's that made it, without a word: such a batch is sent again.
   */
  #takeBackDead(): void {
    for (const [batch, { abort, deadAt }] of this.#inFlight) {
      if (Date.now() < deadAt) continue;
      this.#inFlight.delete(batch);
      this.#waiting.unshift(batch);
      this.#tally.retried++;
      abort.abort(new Error("no answer"));
    }
  }

  #pump(upTo = Number.POSITIVE_INFINITY): void {
    if (!this.#closed) this.#takeBackDead();
    while (!this.#closed && this.#waiting.length > 0 && this.#waiting[0]!.wave <= upTo) {
      const limit = this.#failures > 0 || this.#tally.paused ? 1 : MAX_IN_FLIGHT;
      if (this.#inFlight.size >= limit) return;
      const waitMs = this.#retryAt - performance.now();
      if (waitMs > 0) {
        this.#cancelRetry?.();
        this.#cancelRetry = setQuietTimeout(() => this.#next(), waitMs);
        return;
      }
      const batch = this.#waiting.shift()!;
      // Of a backend that is there nothing is too old: `maxAgeMs` of 0 is one attempt.
      const isOld = this.isFailing && this.now() - batch.sealedAt > this.#context.settings.maxAgeMs;
      if (isOld) this.#dropBatch(batch, "expired");
      else void this.#send(batch);
    }
  }

  /** Never rejects. */
  async #send(batch: Batch): Promise<void> {
    const { timeoutMs, fetch } = this.#context.settings;
    const abort = new AbortController();
    this.#inFlight.set(batch, { abort, deadAt: Date.now() + timeoutMs + DEAD_AFTER_MS });
    this.#tally.requests++;
    const outcome = await sendBatch(batch, this.#format, { timeoutMs, fetch, abort });
    if (this.#inFlight.get(batch)?.abort !== abort) return;
    this.#inFlight.delete(batch);
    try {
      await this.#conclude(batch, outcome);
    } catch (error) {
      this.#tally.fail(`internal error: ${String(error)}`);
      this.#dropBatch(batch, "internal_error");
    }
    this.#next();
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
        this.#tally.fail(outcome.message);
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
        this.#tally.fail(outcome.message);
        this.#dropBatch(batch, "rejected");
        break;
    }
  }

  async #divide(batch: Batch, outcome: Extract<Outcome, { kind: "split" }>): Promise<void> {
    const { reason, message, isFirewall = false } = outcome;
    const isProven =
      batch.split?.hasPassed || (batch.blockedAt !== undefined && batch.blockedAt < this.#deliveries) || !isFirewall;
    if (batch.receipts.length === 1 && isProven) {
      this.#tally.fail(message);
      this.#dropBatch(batch, reason);
      return;
    }
    if (isFirewall && !batch.split && (this.#tally.paused || batch.receipts.length === 1)) {
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
    this.#tally.fail(`${split.lastMessage}. No record of a batch passed`);
    for (const part of held) this.#dropBatch(part, split.reason);
  }

  #pause(message: string): void {
    const advice = `${message}. Check the keys; records are kept and tried once a minute`;
    // Said once, until a batch passes.
    if (!this.#tally.paused) this.#tally.fail(advice, "authentication");
    this.#tally.paused = true;
    this.#postpone(UNAUTHORIZED_RETRY_MS);
  }

  #postpone(delayMs: number): void {
    this.#tally.retried++;
    // Before the next try has a time: until there, the process may have been frozen with the request under way.
    this.now();
    this.#retryAt = performance.now() + delayMs;
    for (const batch of this.#waiting) this.#compressLater(batch);
    if (this.#inFlight.size > 0) return;
    if (this.#tally.paused) this.#waiters.wakeAll();
    else this.#waiters.wakeDueBefore(this.#retryAt);
  }

  /** Everything that waits shrinks, and memory with it: few at a time, as each takes a thread. */
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
      if (this.#closed || !this.#isBehind()) continue;
      try {
        await batch.compress();
      } catch (error) {
        this.#tally.fail(`could not compress: ${String(error)}`);
      }
    }
    this.#compressing--;
  }

  async #settle(batch: Batch, outcome: Extract<Outcome, { kind: "delivered" }>): Promise<void> {
    const rest = outcome.again.length > 0 ? await batch.pick(outcome.again) : undefined;
    // Closed while the answer was on its way: it was counted as lost then.
    if (!batch.releaseDelivered()) {
      rest?.release();
      return;
    }
    for (const part of batch.body()) this.#tally.bytesSent += part.byteLength;
    this.#failures = 0;
    this.#retryAt = 0;
    this.#tally.paused = false;
    this.#deliveries++;
    if (batch.split) batch.split.hasPassed = true;
    if (outcome.message) this.#tally.fail(outcome.message);
    const refused = new Set(outcome.refused);
    const again = new Set(outcome.again);
    const lost: Receipt[] = [];
    batch.receipts.forEach((receipt, position) => {
      if (again.has(position)) return;
      if (refused.has(position)) {
        lost.push(receipt);
        return;
      }
      this.#tally.accept(receipt);
    });
    this.#tally.lose(lost, "rejected");
    if (rest) {
      this.#track(rest);
      this.#waiting.unshift(rest);
      this.#postpone(retryDelayMs(this.#failures++, undefined));
    }
    this.#forget(batch);
    this.#concludePart(batch);
  }

  /** What is on disk stays queued: it is sent from there. */
  #leave(batch: Batch): void {
    if (!batch.entry?.keep(batch.receipts)) {
      this.#dropBatch(batch, "shutdown");
      return;
    }
    batch.release();
    this.#forget(batch);
  }

  #dropBatch(batch: Batch, reason: DropReason): void {
    if (!batch.release()) return;
    this.#tally.lose(batch.receipts, reason);
    this.#forget(batch);
    this.#concludePart(batch);
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
    const [oldest = Number.POSITIVE_INFINITY] = this.#openWaves.keys();
    return oldest;
  }

  #wakeSettled(): void {
    if (this.#waiters.size > 0) this.#waiters.wakeSettled(this.#oldestWave());
  }
}
