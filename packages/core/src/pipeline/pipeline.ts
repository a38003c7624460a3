import { platform } from "#platform";
import { log } from "../log.ts";
import type { CapturedFields, ObservationRecord, OpenObservation, ScoreRecord } from "../model/record.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { TraceUpdates } from "../model/trace-fields.ts";
import type { TraceAttributes } from "../model/types.ts";
import { applyMask, type Mask, type MaskRecord } from "../serialize/mask.ts";
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
/** Records whose asynchronous mask runs at once; the rest wait their turn. */
const MAX_MASKING = 64;

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
  maxValueBytes: number;
}

/**
 * From an ended observation to the destinations' queues: mask → serialise, once for all destinations and off the caller's
 * stack.
 */
export class Pipeline {
  readonly #options: PipelineOptions;
  #tasks: Task[] = [];
  #scheduled = false;
  #masking = 0;
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
    return this.#tasks.length === 0 && this.#masking === 0;
  }

  #canRun(): boolean {
    return this.#tasks.length > 0 && this.#masking < MAX_MASKING;
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
    while (done < count && done < this.#tasks.length && this.#masking < MAX_MASKING) this.#do(this.#tasks[done++]!);
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
      if (!(masked instanceof Promise)) {
        this.#distribute(task, masked);
        return;
      }
      this.#masking++;
      void masked
        .then((record) => this.#distribute(task, record))
        .catch((error: unknown) => this.#failed(task, error))
        .finally(() => {
          this.#masking--;
          this.#schedule();
          this.#wakeWhenIdle();
        });
    } catch (error) {
      this.#failed(task, error);
    }
  }

  #mask(mask: Mask, task: Task): MaskRecord | Promise<MaskRecord> {
    return applyMask(mask, maskViews[task.kind](task as never), (error) => {
      this.maskFailed++;
      log.error("mask failed; the record's fields are replaced by a placeholder", error);
    });
  }

  #distribute(task: Task, masked: MaskRecord | undefined): void {
    switch (task.kind) {
      case "observation":
        this.#observation(task.observation, task.updates, masked);
        break;
      case "start":
        this.#start(task.observation, task.updates, masked);
        break;
      case "score":
        this.#score(masked ? maskedScore(task.score, masked) : task.score);
        break;
      case "trace": {
        const attributes = masked ? maskedTrace(task.attributes, masked) : task.attributes;
        task.updates.attributes = mergeTraceAttributes(task.updates.attributes, attributes);
        break;
      }
    }
  }

  #observation(observation: OpenObservation, updates: TraceUpdates, masked: MaskRecord | undefined): void {
    const { destinations, budget, observations, maxValueBytes } = this.#options;
    const { name, fields, trace } = masked ? maskedObservation(observation, masked) : unmasked(observation);
    const record = toObservationRecord(observation, name, fields, trace, updates, maxValueBytes);
    this.truncated += record.truncated.length;
    budget.release(observation.bytes);
    const receipt = observations.enqueue(record.id, destinations.length);
    for (const destination of destinations) destination.pushObservation(record, receipt);
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

function unmasked(observation: OpenObservation): {
  name: string;
  fields: CapturedFields;
  trace: TraceAttributes | undefined;
} {
  return { name: observation.name, fields: observation.fields, trace: observation.traceAttributes };
}
