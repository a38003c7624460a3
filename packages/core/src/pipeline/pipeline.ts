import { platform } from "#platform";
import { log } from "../log.ts";
import type { CapturedFields, ObservationRecord, OpenObservation, ScoreRecord } from "../model/record.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceUpdates } from "../model/trace-fields.ts";
import type { TraceAttributes } from "../model/types.ts";
import { applyMask, type Mask, type MaskRecord } from "../serialize/mask.ts";
import { extractMedia } from "../serialize/media.ts";
import { maskedObservation, maskedScore, maskedTrace, maskViews } from "../serialize/mask-views.ts";
import { toObservationRecord, toStartRecord } from "../serialize/observation.ts";
import type { DropReason } from "../tracer/api.ts";
import type { ByteBudget } from "./budget.ts";
import type { Destination } from "./destination.ts";
import type { Ledger } from "./ledger.ts";

/** Work on ended observations stops after this and goes on when the event loop has turned. */
const SLICE_MS = 5;
/** With more than this waiting, work is done at once: deferring a long burst costs twice (reference/hot-path.md). */
const HIGH_WATER = 128;
/** Tasks between two looks at the clock. */
const CHUNK = 8;
/** Records that wait for an asynchronous mask or a hash at once; the rest wait their turn. */
const MAX_WAITING = 64;

/** One thing to do between a user's call and the queues. */
type Task =
  | { kind: "observation"; observation: OpenObservation; updates: TraceUpdates }
  | { kind: "start"; observation: OpenObservation; updates: TraceUpdates }
  | { kind: "score"; score: ScoreRecord }
  | { kind: "trace"; traceId: string; updates: TraceUpdates; attributes: TraceAttributes };

export interface PipelineOptions {
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
  #tasks: Task[] = [];
  #scheduled = false;
  /** Tasks that wait for a mask or a hash. */
  #waiting = 0;
  #idleWaiters: (() => void)[] = [];
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
    if (this.#tasks.length > HIGH_WATER) this.#run(this.#tasks.length - HIGH_WATER);
    this.#schedule();
  }

  /** Brings all that was added so far to the destinations and has them send it, until `signal` fires. */
  async flush(signal: AbortSignal): Promise<void> {
    this.#run(Number.POSITIVE_INFINITY);
    if (!this.#isIdle()) {
      await new Promise<void>((resolve) => {
        this.#idleWaiters.push(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
    await Promise.all(this.#options.destinations.map((destination) => destination.flush(signal)));
  }

  close(): void {
    this.#run(Number.POSITIVE_INFINITY);
    for (const task of this.#tasks.splice(0)) this.#lose(task, "shutdown");
    for (const destination of this.#options.destinations) destination.close();
  }

  #isIdle(): boolean {
    return this.#tasks.length === 0 && this.#waiting === 0;
  }

  #canRun(): boolean {
    return this.#tasks.length > 0 && this.#waiting < MAX_WAITING;
  }

  #schedule(): void {
    if (this.#scheduled || !this.#canRun()) return;
    this.#scheduled = true;
    platform.defer(() => {
      this.#scheduled = false;
      const until = performance.now() + SLICE_MS;
      do this.#run(CHUNK);
      while (this.#canRun() && performance.now() < until);
      this.#schedule();
    });
  }

  /** Does at most `count` tasks. Tasks whose mask is asynchronous go on by themselves. */
  #run(count: number): void {
    let done = 0;
    while (done < count && done < this.#tasks.length && this.#waiting < MAX_WAITING) this.#do(this.#tasks[done++]!);
    this.#tasks.splice(0, done);
    this.#wakeWhenIdle();
  }

  #wakeWhenIdle(): void {
    if (this.#isIdle()) for (const wake of this.#idleWaiters.splice(0)) wake();
  }

  #do(task: Task): void {
    try {
      const { mask } = this.#options;
      const masked = mask ? this.#mask(mask, task) : undefined;
      const distributing =
        masked instanceof Promise
          ? masked.then((record) => this.#distribute(task, record))
          : this.#distribute(task, masked);
      if (distributing) this.#await(task, distributing);
    } catch (error) {
      this.#failed(task, error);
    }
  }

  #await(task: Task, work: Promise<void>): void {
    this.#waiting++;
    void work
      .catch((error: unknown) => this.#failed(task, error))
      .finally(() => {
        this.#waiting--;
        this.#schedule();
        this.#wakeWhenIdle();
      });
  }

  #mask(mask: Mask, task: Task): MaskRecord | Promise<MaskRecord> {
    return applyMask(mask, maskViews[task.kind](task as never), (error) => {
      this.maskFailed++;
      log.error("mask failed; the record's fields are replaced by a placeholder", error);
    });
  }

  /** A promise where something has to be waited for. */
  #distribute(task: Task, masked: MaskRecord | undefined): Promise<void> | undefined {
    switch (task.kind) {
      case "observation":
        return this.#observation(task.observation, task.updates, masked);
      case "start":
        this.#start(task.observation, task.updates, masked);
        return undefined;
      case "score":
        this.#score(masked ? maskedScore(task.score, masked) : task.score);
        return undefined;
      case "trace": {
        const attributes = masked ? maskedTrace(task.attributes, masked) : task.attributes;
        task.updates.attributes = mergeTraceAttributes(task.updates.attributes, attributes);
        return undefined;
      }
    }
  }

  #observation(
    observation: OpenObservation,
    updates: TraceUpdates,
    masked: MaskRecord | undefined,
  ): Promise<void> | undefined {
    const ready = masked ? maskedObservation(observation, masked) : unmasked(observation);
    const extracting =
      this.#options.media && ready.mayHaveMedia ? this.#extractMedia(observation, ready.fields) : undefined;
    if (extracting) return extracting.then(() => this.#serialise(observation, updates, ready));
    this.#serialise(observation, updates, ready);
    return undefined;
  }

  #serialise(observation: OpenObservation, updates: TraceUpdates, { name, fields, trace }: Ready): void {
    const { destinations, budget, observations, maxValueBytes } = this.#options;
    const record = toObservationRecord(observation, name, fields, trace, updates, maxValueBytes);
    this.truncated += record.truncated.length;
    budget.release(observation.bytes);
    const receipt = observations.enqueue(record.id, destinations.length);
    for (const destination of destinations) destination.pushObservation(record, receipt);
  }

  /** Sends attachments on their way and leaves references in `fields`. */
  #extractMedia({ traceId, id: observationId }: OpenObservation, fields: CapturedFields): Promise<void> | undefined {
    let extracting: Promise<void> | undefined;
    for (const field of ["input", "output", "metadata"] as const) {
      const found = extractMedia(fields[field], (value) => void (fields[field] = value as never));
      if (!found) continue;
      const pushing = found.then((media) => {
        for (const item of media) {
          for (const destination of this.#options.destinations)
            destination.pushMedia(item, { traceId, observationId, field });
        }
      });
      extracting = extracting ? Promise.all([extracting, pushing]).then(() => {}) : pushing;
    }
    return extracting;
  }

  #start(observation: OpenObservation, updates: TraceUpdates, masked: MaskRecord | undefined): void {
    // Ended while the mask ran: the end record says it all.
    if (observation.endTime !== undefined) return;
    const { name, fields, trace } = masked ? maskedObservation(observation, masked) : unmasked(observation);
    const record: ObservationRecord = toStartRecord(observation, name, fields, trace, updates);
    for (const destination of this.#options.destinations) if (destination.live) destination.pushStart(record);
  }

  #score(score: ScoreRecord): void {
    const { destinations, scores } = this.#options;
    const receipt = scores.enqueue(score.eventId, destinations.length);
    for (const destination of destinations) destination.pushScore(score, receipt);
  }

  /** A defect of ours: counted, never thrown. */
  #failed(task: Task, error: unknown): void {
    log.error(`internal error: a ${task.kind} record was lost`, error);
    this.#lose(task, "internal_error");
  }

  #lose(task: Task, reason: DropReason): void {
    if (task.kind === "observation") {
      this.#options.budget.release(task.observation.bytes);
      this.#options.observations.drop(reason);
    } else if (task.kind === "score") {
      this.#options.scores.drop(reason);
    }
  }
}

interface Ready {
  name: string;
  mayHaveMedia: boolean;
  fields: CapturedFields;
  trace: TraceAttributes | undefined;
}

function unmasked({ name, fields, traceAttributes, mayHaveMedia }: OpenObservation): Ready {
  return { name, fields, trace: traceAttributes, mayHaveMedia };
}
