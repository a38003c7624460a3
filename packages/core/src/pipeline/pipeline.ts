import { platform } from "#platform";
import { warnRarely } from "../log.ts";
import type { CapturedFields, ObservationRecord, OpenObservation, ScoreRecord } from "../model/record.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceAttributes } from "../model/types.ts";
import { runUnrecorded } from "../context/context.ts";
import { applyMask, type Mask } from "../serialize/mask.ts";
import { leaveMedia, takeMedia } from "../serialize/media.ts";
import { maskReads, maskViews, type MaskedObservation } from "../serialize/mask-views.ts";
import { toObservationRecord, toStartRecord } from "../serialize/observation.ts";
import type { DropReason } from "../tracer/api.ts";
import { Fifo } from "../util/fifo.ts";
import { messageOf } from "../util/text.ts";
import { Waiters } from "../transport/waiters.ts";
import type { ByteBudget } from "./budget.ts";
import type { Destination } from "./destination.ts";
import type { Ledger } from "./ledger.ts";

/** Work on ended observations stops after this and goes on when the event loop has turned. */
const SLICE_MS = 2;
/**
 * With more than this waiting, work is done at once: deferring a long burst costs twice (reference/hot-path.md). Not with fewer: before
 * the code is compiled a slice does little, and what is done at once then is a long block.
 */
const HIGH_WATER = 512;
/** Tasks that one more brings about above the mark: what a slow mask has left waiting goes down without a pause. */
const AT_ONCE = 2;
/** Records that wait for an asynchronous mask or a hash at once; the rest wait their turn. */
const MAX_WAITING = 64;

/** One thing to do between a user's call and the queues. */
type Task =
  | OpenObservation
  | { kind: "start"; observation: OpenObservation }
  | ScoreRecord
  | { kind: "trace"; observation: OpenObservation; attributes: TraceAttributes; bytes: number };

/** What a mask has left of a task. */
type Masked = MaskedObservation | ScoreRecord | TraceAttributes;

export interface PipelineOptions {
  /** They do not throw. */
  destinations: readonly Destination[];
  budget: ByteBudget;
  observations: Ledger;
  scores: Ledger;
  mask: Mask | undefined;
  /** Attachments travel apart from the payload. */
  media: boolean;
  maxValueBytes: number;
}

/**
 * From an ended observation to the destinations' queues: mask → media → serialise, once for all destinations and off the caller's
 * stack.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  readonly #tasks = new Fifo<Task>();
  #scheduled = false;
  /** Tasks so far: each has its number. */
  #added = 0;
  /** The tasks that wait for a mask or a hash, by their numbers, in order. */
  readonly #waiting = new Map<number, Task>();
  readonly #waiters = new Waiters();
  #isRunning = false;
  /** Nothing can be waited for any more: attachments stay in the payload, within its bound. */
  #isClosing = false;
  /** The next flush is the last: it waits for what comes meanwhile too. */
  isEnding = false;
  maskFailed = 0;
  truncated = 0;

  constructor(options: PipelineOptions) {
    this.#options = options;
  }

  get destinations(): readonly Destination[] {
    return this.#options.destinations;
  }

  add(task: Task): void {
    this.#tasks.push(task);
    this.#added++;
    if (this.#tasks.length > HIGH_WATER) this.#run(AT_ONCE);
    this.#schedule();
  }

  /** Brings all that was added so far to the destinations and has those that are wanted send it, until `signal` fires. */
  async flush(
    signal: AbortSignal,
    deadlineAt: number,
    isWanted: (destination: Destination) => boolean = () => true,
  ): Promise<void> {
    for (let added = -1; added < this.#added && !signal.aborted;) {
      added = this.#added;
      this.#runSlice();
      // Any number is lower than that of a pipeline without tasks.
      const upTo = this.isEnding ? Number.MAX_VALUE : this.#added;
      if (this.#oldest() <= upTo) await this.#waiters.wait(upTo, Number.POSITIVE_INFINITY, signal);
      await Promise.all(
        this.#options.destinations.filter(isWanted).map((destination) => destination.flush(signal, deadlineAt)),
      );
      if (!this.isEnding) break;
    }
  }

  close(): void {
    this.#isClosing = true;
    this.#run(Number.POSITIVE_INFINITY);
    for (let task = this.#tasks.shift(); task; task = this.#tasks.shift()) this.#lose(task, "shutdown");
    for (const task of this.#waiting.values()) this.#lose(task, "shutdown");
    this.#waiting.clear();
    for (const destination of this.#options.destinations) destination.close();
  }

  /** The lowest number of a task that is not done. */
  #oldest(): number {
    const [waiting = Number.POSITIVE_INFINITY] = this.#waiting.keys();
    return Math.min(waiting, this.#tasks.length > 0 ? this.#added - this.#tasks.length + 1 : Number.POSITIVE_INFINITY);
  }

  #canRun(): boolean {
    return this.#tasks.length > 0 && this.#waiting.size < MAX_WAITING;
  }

  #schedule(): void {
    if (this.#scheduled || !this.#canRun()) return;
    this.#scheduled = true;
    platform.defer(() => {
      this.#scheduled = false;
      this.#runSlice();
    });
  }

  #runSlice(): void {
    this.#run(Number.POSITIVE_INFINITY, SLICE_MS);
    this.#schedule();
  }

  /** Does at most `count` tasks, for some `sliceMs`. Tasks whose mask is asynchronous go on by themselves. */
  #run(count: number, sliceMs = Number.POSITIVE_INFINITY): void {
    // A mask or a logger that records something itself: that waits its turn.
    if (this.#isRunning) return;
    this.#isRunning = true;
    const until = performance.now() + sliceMs;
    for (let done = 0; done < count && this.#canRun(); done++) {
      const task = this.#tasks.shift()!;
      this.#do(task, this.#added - this.#tasks.length);
      // A look at the clock takes less than a hundredth of a task.
      if (performance.now() >= until) break;
    }
    this.#isRunning = false;
    this.#wake();
  }

  #wake(): void {
    if (this.#waiters.size > 0) this.#waiters.wakeSettled(this.#oldest());
  }

  #do(task: Task, number: number): void {
    try {
      const { mask } = this.#options;
      const masked = mask ? this.#mask(mask, task) : undefined;
      const distributing =
        masked instanceof Promise
          ? // Not what was lost meanwhile: it is counted.
            this.#inOrder(task, masked).then((record) =>
              this.#waiting.has(number) ? this.#distribute(task, record, number) : undefined,
            )
          : this.#distribute(task, masked, number);
      if (distributing) this.#await(task, number, distributing);
    } catch (error) {
      this.#failed(task, error);
    }
  }

  /** The updates of one trace apply in the order in which they were made, however long each is masked. */
  #inOrder(task: Task, masked: Promise<Masked>): Promise<Masked> {
    if (task.kind !== "trace") return masked;
    const { updates } = task.observation;
    const before = updates.pending;
    const ordered = before ? before.then(() => masked) : masked;
    updates.pending = ordered;
    return ordered;
  }

  #await(task: Task, number: number, work: Promise<void>): void {
    this.#waiting.set(number, task);
    void work
      .catch((error: unknown) => {
        if (this.#waiting.has(number)) this.#failed(task, error);
      })
      .finally(() => {
        this.#waiting.delete(number);
        this.#schedule();
        this.#wake();
      });
  }

  #mask(mask: Mask, task: Task): Masked | Promise<Masked> {
    return runUnrecorded(() =>
      applyMask<Masked>(
        mask,
        () => maskViews[task.kind](task as never),
        (view) => maskReads[task.kind](task as never, view),
        this.#maskFailed,
      ),
    );
  }

  readonly #maskFailed = (error: unknown): void => {
    this.maskFailed++;
    // What a mask throws may quote what it was to hide.
    const kind = error instanceof Error ? error.name : typeof error;
    warnRarely("mask", `mask failed (${kind}); the record's fields are replaced by a placeholder`);
  };

  /** A promise where something has to be waited for. */
  #distribute(task: Task, masked: Masked | undefined, number: number): Promise<void> | undefined {
    switch (task.kind) {
      case "observation":
        return this.#observation(task, masked as MaskedObservation | undefined, number);
      case "start":
        this.#start(task.observation, masked as MaskedObservation | undefined);
        return undefined;
      case "score":
        this.#score((masked as ScoreRecord | undefined) ?? task);
        return undefined;
      case "trace": {
        const attributes = (masked as TraceAttributes | undefined) ?? task.attributes;
        const { updates } = task.observation;
        updates.attributes = mergeTraceAttributes(updates.attributes, attributes);
        this.#release(task);
        return undefined;
      }
    }
  }

  #observation(
    observation: OpenObservation,
    masked: MaskedObservation | undefined,
    number: number,
  ): Promise<void> | undefined {
    const ready = masked ?? unmasked(observation);
    const extracting =
      ready.mayHaveMedia && !this.#isClosing
        ? this.#takeMedia(observation, ready.fields, masked !== undefined)
        : undefined;
    if (extracting)
      return extracting.then(() => {
        if (this.#waiting.has(number)) this.#serialise(observation, ready);
      });
    this.#serialise(observation, ready);
    return undefined;
  }

  #serialise(observation: OpenObservation, { name, fields, trace }: MaskedObservation): void {
    const { destinations, budget, observations, maxValueBytes } = this.#options;
    const record = toObservationRecord(observation, name, fields, trace, observation.updates, maxValueBytes);
    this.truncated += record.truncated.length;
    budget.release(observation.bytes);
    const receipt = observations.enqueue(record.id, destinations.length);
    for (const destination of destinations) destination.pushObservation(record, receipt);
  }

  /** Sends attachments on their way and leaves references in `fields`. */
  #takeMedia(observation: OpenObservation, fields: CapturedFields, isMasked: boolean): Promise<void> | undefined {
    if (!this.#options.media) {
      leaveMedia(fields);
      return undefined;
    }
    const { traceId, id: observationId } = observation;
    return takeMedia(fields, isMasked, (media, field) => {
      for (const destination of this.#options.destinations) {
        destination.pushMedia(media, { traceId, observationId, field });
      }
    });
  }

  #start(observation: OpenObservation, masked: MaskedObservation | undefined): void {
    // Ended while the mask ran: the end record says it all.
    if (observation.endTime !== undefined) return;
    const { name, fields, trace } = masked ?? unmasked(observation);
    const record: ObservationRecord = toStartRecord(observation, name, fields, trace, observation.updates);
    for (const destination of this.#options.destinations) if (destination.live) destination.pushStart(record);
  }

  #score(score: ScoreRecord): void {
    const { destinations, scores, budget } = this.#options;
    budget.release(score.bytes);
    const receipt = scores.enqueue(score.eventId, destinations.length);
    for (const destination of destinations) destination.pushScore(score, receipt);
  }

  /** A defect of ours: counted, never thrown. */
  #failed(task: Task, error: unknown): void {
    warnRarely("pipeline", `a ${task.kind} record was lost: ${messageOf(error)}`);
    this.#lose(task, "internal_error");
  }

  #release(task: Exclude<Task, { kind: "start" }>): void {
    this.#options.budget.release(task.bytes);
    if (task.kind === "trace") task.observation.updates.queuedBytes -= task.bytes;
  }

  #lose(task: Task, reason: DropReason): void {
    if (task.kind === "start") return;
    this.#release(task);
    if (task.kind === "observation") this.#options.observations.drop(reason);
    if (task.kind === "score") this.#options.scores.drop(reason);
  }
}

function unmasked({ name, fields, traceAttributes, mayHaveMedia }: OpenObservation): MaskedObservation {
  return { name, fields, trace: traceAttributes, mayHaveMedia };
}
