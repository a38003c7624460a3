import { platform } from "#platform";
import { scoreEvent } from "../exporters/score-event.ts";
import { warnRarely } from "../log.ts";
import type { ScoreRecord } from "../model/record.ts";
import type { FlushResult } from "../tracer/api.ts";
import { retryDelayMs } from "../transport/backoff.ts";
import { holdTimeout, setQuietTimeout } from "../util/timers.ts";
import { onPageHide } from "./page-hide.ts";
import { MAX_KEEPALIVE_BYTES, type Delivery, type ScoreSender } from "./score-sender.ts";
import { utf8 } from "../util/utf8.ts";

/** Bytes of JSON that wait for the backend; further scores are refused and counted as `queue_full`. */
export const MAX_QUEUED_BYTES = 1024 * 1024;
/** Scores that wait longer for a backend to come back are given up and counted as `expired`. */
export const MAX_AGE_MS = 10 * 60_000;
/** Scores given within this time leave together. */
const BATCH_MS = 100;
/** What the end of a process waits for at most, in all. */
const EXIT_TIMEOUT_MS = 2_000;

/** Why a score was given up; the list is closed. */
export type ScoreDropReason =
  /** 1 MiB was waiting already, or the score alone has more than 60 KiB, which no browser sends from a page that goes. */
  | "queue_full"
  /** The backend was not to be reached for 10 minutes. */
  | "expired"
  /** The backend refused it. */
  | "rejected"
  /** It has no name, or its value does not fit its type. */
  | "invalid"
  /** Given after `close`, or still waiting when `close` reached its deadline. */
  | "closed";

/** At every moment: given = queued + sent + dropped (all reasons). */
export interface ScoreStats {
  given: number;
  queued: number;
  sent: number;
  dropped: Partial<Record<ScoreDropReason, number>>;
  /** Scores sent once more. */
  retried: number;
  /** Scores whose mask threw or took too long; they are sent with a placeholder in every field. */
  maskFailed: number;
  lastError: string | undefined;
}

/** One score on its way; settled once. */
interface Ticket {
  eventId: string;
  json: string;
  bytes: number;
  readonly givenAt: number;
  outcome: "sent" | ScoreDropReason | undefined;
}

/**
 * Scores as telemetry: queued, sent in batches, tried again while the backend is away, sent at once when the page goes or the
 * process ends. Nothing throws.
 */
export class ScoreQueue {
  readonly stats: ScoreStats = {
    given: 0,
    queued: 0,
    sent: 0,
    dropped: {},
    retried: 0,
    maskFailed: 0,
    lastError: undefined,
  };
  readonly #sender: ScoreSender;
  readonly #unsettled = new Set<Ticket>();
  readonly #flushes = new Set<{ tickets: Set<Ticket>; end: () => void }>();
  readonly #undo: (() => void)[] = [];
  #waiting: Ticket[] = [];
  #heldBytes = 0;
  #inFlight = 0;
  #failures = 0;
  #isClosed = false;
  #cancelTimer: (() => void) | undefined;

  constructor(sender: ScoreSender) {
    this.#sender = sender;
  }

  /** `record`: the score after its mask; `undefined` for one that no backend takes. */
  add(record: ScoreRecord | undefined | Promise<ScoreRecord | undefined>): void {
    const ticket: Ticket = { eventId: "", json: "", bytes: 0, givenAt: performance.now(), outcome: undefined };
    this.stats.given++;
    this.stats.queued++;
    this.#unsettled.add(ticket);
    this.#listen();
    if (record instanceof Promise) {
      void record.then(
        (masked) => this.#enqueue(ticket, masked),
        () => this.#settle(ticket, "invalid"),
      );
    } else {
      this.#enqueue(ticket, record);
    }
  }

  #enqueue(ticket: Ticket, record: ScoreRecord | undefined): void {
    if (record === undefined) return this.#settle(ticket, "invalid");
    if (this.#isClosed) return this.#settle(ticket, "closed");
    ticket.eventId = record.eventId;
    ticket.json = scoreEvent(record);
    ticket.bytes = utf8(ticket.json).byteLength + 1;
    if (ticket.bytes > MAX_KEEPALIVE_BYTES || this.#heldBytes + ticket.bytes > MAX_QUEUED_BYTES) {
      ticket.bytes = 0;
      return this.#settle(ticket, "queue_full");
    }
    this.#heldBytes += ticket.bytes;
    this.#waiting.push(ticket);
    this.#schedule(BATCH_MS);
  }

  /** Sends all that waits at once, beside what is under way: who asks for it may be gone before the answers come. */
  sendNow(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    while (this.#waiting.length > 0) this.#sendBatch();
  }

  /** Resolves when all that was given before has been sent or given up, or at the deadline. Never rejects. */
  async flush(timeoutMs: number): Promise<FlushResult> {
    const tickets = [...this.#unsettled];
    if (tickets.length > 0) {
      await new Promise<void>((resolve) => {
        const end = (): void => {
          cancel();
          this.#flushes.delete(flush);
          resolve();
        };
        const flush = { tickets: new Set(tickets), end };
        const cancel = holdTimeout(end, timeoutMs);
        this.#flushes.add(flush);
        this.sendNow();
      });
    }
    const count = (wanted: Ticket["outcome"]): number => tickets.filter(({ outcome }) => outcome === wanted).length;
    const sent = count("sent");
    const failed = count("rejected");
    const pending = count(undefined);
    return { sent, failed, dropped: tickets.length - sent - failed - pending, pending };
  }

  /** Flushes and takes nothing more; what is left at the deadline is counted as `closed`. */
  async close(timeoutMs: number): Promise<FlushResult> {
    const result = await this.flush(timeoutMs);
    this.#isClosed = true;
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    for (const undo of this.#undo.splice(0)) undo();
    for (const ticket of this.#waiting.splice(0)) this.#settle(ticket, "closed");
    return result;
  }

  /** From the first score on: the last ones are sent when the page goes or the process has nothing left to do. */
  #listen(): void {
    if (this.#undo.length > 0 || this.#isClosed) return;
    this.#undo.push(
      onPageHide(() => this.sendNow()),
      platform.onIdleExit(async () => {
        if (this.#unsettled.size > 0) await this.flush(EXIT_TIMEOUT_MS);
      }),
    );
  }

  #schedule(ms: number): void {
    this.#cancelTimer ??= setQuietTimeout(() => {
      this.#cancelTimer = undefined;
      if (this.#waiting.length > 0) this.#sendBatch();
    }, ms);
  }

  #sendBatch(): void {
    const batch: Ticket[] = [];
    let bytes = 0;
    while (this.#waiting.length > 0 && bytes + this.#waiting[0]!.bytes <= MAX_KEEPALIVE_BYTES) {
      const ticket = this.#waiting.shift()!;
      bytes += ticket.bytes;
      batch.push(ticket);
    }
    this.#inFlight++;
    void this.#sender.send(batch).then((delivery) => {
      this.#inFlight--;
      this.#digest(batch, delivery);
    });
  }

  #digest(batch: readonly Ticket[], delivery: Delivery): void {
    if (delivery.message !== undefined) {
      this.stats.lastError = delivery.message;
      warnRarely("score-queue", `scores: ${delivery.message}`);
    }
    const again: Ticket[] = [];
    for (const ticket of batch) {
      const what = delivery.outcomeOf(ticket.eventId);
      if (what !== "again") this.#settle(ticket, what);
      else if (this.#isClosed) this.#settle(ticket, "closed");
      else if (performance.now() - ticket.givenAt > MAX_AGE_MS) this.#settle(ticket, "expired");
      else again.push(ticket);
    }
    this.stats.retried += again.length;
    this.#waiting.unshift(...again);
    this.#failures = again.length > 0 ? this.#failures + 1 : 0;
    if (this.#waiting.length === 0) return;
    // One request at a time while the backend fails.
    if (again.length > 0) this.#schedule(retryDelayMs(this.#failures - 1, delivery.afterMs));
    else if (this.#inFlight === 0) this.#schedule(0);
  }

  #settle(ticket: Ticket, outcome: "sent" | ScoreDropReason): void {
    ticket.outcome = outcome;
    this.#heldBytes -= ticket.bytes;
    this.stats.queued--;
    if (outcome === "sent") this.stats.sent++;
    else this.stats.dropped[outcome] = (this.stats.dropped[outcome] ?? 0) + 1;
    this.#unsettled.delete(ticket);
    for (const flush of this.#flushes) {
      flush.tickets.delete(ticket);
      if (flush.tickets.size === 0) flush.end();
    }
  }
}
