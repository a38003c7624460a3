import { platform } from "#platform";
import type { Config } from "../config.ts";
import { activeContext, runWithContext, type ContextStore } from "../context/context.ts";
import { log, warnRarely } from "../log.ts";
import { createInstanceId, createObservationId } from "../model/ids.ts";
import { isObservationType } from "../model/observation-type.ts";
import type { OpenObservation } from "../model/record.ts";
import { now, toEpochMs } from "../model/time.ts";
import type {
  ObservationAttributes,
  ObservationType,
  ScoreInput,
  ScoreTarget,
  TraceAttributes,
} from "../model/types.ts";
import type { Destination } from "../pipeline/destination.ts";
import { capture } from "../serialize/capture.ts";
import { safely, swallow } from "../util/safely.ts";
import { toText } from "../util/text.ts";
import { holdTimeout, setQuietTimeout, startDeadline, timeoutOf } from "../util/timers.ts";
import { Accounts } from "./accounts.ts";
import type { EndOptions, FlushOptions, FlushResult, Observation, StartOptions, Tracer, TracerStats } from "./api.ts";
import { captureAttributes } from "./capture-attributes.ts";
import { captureTrace, MAX_TRACE_BYTES } from "./capture-trace.ts";
import { createEngine, type Engine } from "./engine.ts";
import { RecordingHandle, SilentHandle, type Recorder } from "./handle.ts";
import { incompleteOf } from "./incomplete.ts";
import { OpenObservations } from "./open-observations.ts";
import { OpenWatch } from "./open-watch.ts";
import { contextOf, contextUnder, placeOf } from "./place.ts";
import { toScoreRecord } from "./score.ts";

/** How long the end of the process waits for the last batches. */
const IDLE_EXIT_MS = 2_000;
/** How long a flush waits for earlier configurations when tracing is off now. */
const DRAIN_MS = 10_000;

/** What an observation costs before it has any attribute, estimated. */
const OBSERVATION_BYTES = 400;

export class SpanwiseTracer implements Tracer, Recorder {
  readonly id: string = createInstanceId();
  readonly #open = new OpenObservations();
  readonly #accounts = new Accounts(this.#open);
  // Each start and end looks at these two.
  readonly #observations = this.#accounts.observations;
  readonly #budget = this.#accounts.budget;
  readonly #maxOpenMs = (): number | undefined => this.#engine?.config.maxOpenMs;
  readonly #watch = new OpenWatch(this.#open, {
    evict: (observation) => this.#evict(observation),
    announce: (observation) => this.#engine?.pipeline.add({ kind: "start", observation }),
  });
  #engine: Engine | undefined;
  /** Engines of earlier configurations that still send what they had. */
  readonly #draining = new Map<Engine, Promise<void>>();
  #isShutDown = false;
  /** After the last flush: not even an `end` is taken. */
  #isClosed = false;
  #shutdown: Promise<FlushResult> | undefined;
  #cancelIdleExit: (() => void) | undefined;
  #cancelExit: (() => void) | undefined;

  constructor(config: Config) {
    this.configure(config);
  }

  get enabled(): boolean {
    return this.#engine !== undefined && !this.#isShutDown;
  }

  /** Takes a new configuration; what the old one has queued is sent as it said. */
  configure(config: Config): void {
    const old = this.#engine;
    // Switched off: what is open would never be told again.
    if (!config.enabled) this.#evictAll();
    this.#engine = config.enabled ? createEngine(config, this.#accounts) : undefined;
    this.#budget.max = config.maxQueueBytes;
    this.#isShutDown = false;
    this.#isClosed = false;
    this.#shutdown = undefined;
    if (this.#engine) {
      // The new destinations have heard of nothing yet.
      if (this.#engine.hasLive) this.#watch.announceAgain();
      platform.prepare();
      this.#cancelIdleExit ??= platform.onIdleExit(() => this.#onIdleExit());
      this.#cancelExit ??= config.spool?.onExit(() => this.#onExit());
    }
    if (old) {
      const draining = this.#drain(old).finally(() => this.#draining.delete(old));
      this.#draining.set(old, draining);
    }
  }

  startObservation(
    name: string,
    attributes?: ObservationAttributes,
    options?: StartOptions,
    parent?: Observation,
    childType?: ObservationType,
  ): Observation {
    let type = childType ?? "span";
    try {
      const given = options ?? {};
      type = childType ?? typeOf(given);
      const engine = this.#engine;
      if (!engine) return new SilentHandle(this, type, { traceId: activeContext()?.traceId });
      return this.#start(engine, type, toText(name) ?? "unnamed", attributes, given, parent ?? given.parent);
    } catch (error) {
      swallow("startObservation", error);
      // Options that cannot be read, a parent that is none: without them it is recorded all the same.
      if (options) return this.startObservation(name, attributes, undefined, parent, childType);
      return new SilentHandle(this, type);
    }
  }

  #start(
    engine: Engine,
    type: ObservationType,
    name: string,
    attributes: ObservationAttributes | undefined,
    options: StartOptions,
    parent: StartOptions["parent"],
  ): Observation {
    const place = placeOf(parent, options.trace, this.id, engine.config.sampleRate);
    const { traceId, parentId } = place;
    if (this.#isShutDown) {
      this.#observations.refuse("after_shutdown");
      return new SilentHandle(this, type, { traceId, parentId });
    }
    if (!place.sampled) {
      this.#observations.startUnsampled();
      return new SilentHandle(this, type, { traceId, parentId });
    }
    if (!this.#budget.hasRoom(parentId === undefined)) {
      this.#observations.refuse("queue_full");
      engine.refuse("queue_full");
      return new SilentHandle(this, type, { traceId, parentId });
    }
    const observation: OpenObservation = {
      kind: "observation",
      id: createObservationId(),
      traceId,
      parentId,
      isAppRoot: place.isAppRoot,
      type,
      name,
      startTime: toEpochMs(options.startTime) ?? now(),
      traceAttributes: place.trace,
      fields: {},
      bytes: 0,
      fieldBytes: {},
      mayHaveMedia: false,
      updates: this.#open.updatesOf(traceId),
      startedAt: performance.now(),
      endTime: undefined,
      announced: false,
      describe: undefined,
    };
    this.#observations.start();
    this.#open.add(observation);
    this.#charge(observation, OBSERVATION_BYTES + name.length + place.ownTraceBytes);
    if (attributes) this.#capture(engine, observation, attributes);
    if (this.#open.size > engine.config.maxOpen) this.#evictOldest(engine.config.maxOpen);
    if (engine.hasLive) this.#watch.announceLater();
    this.#watch.sweepLater(this.#maxOpenMs);
    return new RecordingHandle(this, observation);
  }

  update(observation: OpenObservation, attributes: ObservationAttributes): void {
    if (observation.endTime !== undefined) {
      this.#accounts.afterEnd++;
      return;
    }
    if (!this.#engine) return;
    this.#open.touch(observation);
    this.#capture(this.#engine, observation, attributes);
  }

  #capture(engine: Engine, observation: OpenObservation, attributes: ObservationAttributes): void {
    const hasRoom = this.#budget.hasRoom(true);
    if (!hasRoom) engine.pipeline.truncated++;
    const grown = captureAttributes(observation, attributes, hasRoom);
    // What was let go of before its end belongs to the handle, and so to the user.
    if (this.#open.has(observation)) this.#charge(observation, grown);
  }

  #charge(observation: OpenObservation, bytes: number): void {
    observation.bytes += bytes;
    this.#budget.charge(bytes);
  }

  updateTrace(observation: OpenObservation, attributes: TraceAttributes): void {
    const engine = this.#engine;
    // After a shutdown nobody sends it.
    if (!engine || this.#isClosed) return;
    if (!this.#budget.hasRoom(true)) {
      engine.refuse("queue_full");
      return;
    }
    const { updates } = observation;
    // Weighed anew at the bound only: what was replaced since weighs nothing.
    if (updates.bytes > MAX_TRACE_BYTES / 2) updates.bytes = capture(updates.attributes).bytes + updates.queuedBytes;
    const { attributes: captured = {}, bytes } = captureTrace(attributes, updates.bytes);
    updates.bytes += bytes;
    updates.queuedBytes += bytes;
    this.#budget.charge(bytes);
    engine.pipeline.add({ kind: "trace", observation, attributes: captured, bytes });
  }

  end(
    observation: OpenObservation,
    attributes: ObservationAttributes | undefined,
    options: EndOptions | undefined,
  ): void {
    const engine = this.#engine;
    if (observation.endTime !== undefined || !engine) {
      this.#accounts.afterEnd++;
      return;
    }
    if (attributes) this.#capture(engine, observation, attributes);
    // A record that waits to be sent need not hold its answer twice.
    observation.describe = undefined;
    // Clocks are set back at times: nothing ends before it started.
    observation.endTime = Math.max(toEpochMs(options?.endTime) ?? now(), observation.startTime);
    // Exported as incomplete before: the full record is one more under the same id.
    if (!this.#open.remove(observation)) this.#observations.start();
    if (this.#isClosed || this.#budget.used > this.#budget.max) {
      const reason = this.#isClosed ? "after_shutdown" : "queue_full";
      this.#budget.release(observation.bytes);
      this.#observations.drop(reason);
      engine.refuse(reason);
      return;
    }
    engine.pipeline.add(observation);
  }

  score(score: ScoreInput & ScoreTarget, target: ScoreTarget = score): void {
    safely("score", () => {
      const engine = this.#engine;
      if (!engine) return;
      const record = toScoreRecord(score, target, engine.config.environment);
      if ("invalid" in record) {
        warnRarely("score", record.invalid);
        return;
      }
      if (this.#isShutDown || !this.#budget.hasRoom(true)) {
        const reason = this.#isShutDown ? "after_shutdown" : "queue_full";
        this.#accounts.scores.refuse(reason);
        engine.refuse(reason);
        return;
      }
      this.#accounts.scores.start();
      this.#budget.charge(record.bytes);
      engine.pipeline.add(record);
    });
  }

  runWithObservation<T>(observation: Observation, fn: () => T): T {
    let store: ContextStore;
    try {
      store = contextUnder(observation, this.id);
    } catch (error) {
      // Not an observation: JavaScript callers hand on what they found.
      swallow("runWithObservation", error);
      return fn();
    }
    return runWithContext(store, fn);
  }

  getActiveObservation(): Observation | undefined {
    const context = contextOf(this.id);
    if (context?.observationId === undefined || context.tracerId !== this.id) return undefined;
    const { traceId, observationId: id, sampled } = context;
    return this.findObservation(id) ?? new SilentHandle(this, "span", { traceId, id, sampled: sampled !== false });
  }

  findObservation(id: string): Observation | undefined {
    const observation = this.#open.get(id);
    return observation && new RecordingHandle(this, observation);
  }

  async flush(options?: FlushOptions): Promise<FlushResult> {
    const timeoutMs = timeoutOf(options) ?? this.#engine?.config.flushTimeoutMs ?? DRAIN_MS;
    return this.#flush(this.#engines(), timeoutMs, holdTimeout);
  }

  /** With those of earlier configurations that still send. */
  #engines(): Engine[] {
    const engines = [...this.#draining.keys()];
    if (this.#engine) engines.push(this.#engine);
    return engines;
  }

  /** Never rejects. With `holdTimeout` it holds the process for `timeoutMs` at most: the caller waits for it. */
  async #flush(
    engines: readonly Engine[],
    timeoutMs: number,
    setDeadline: typeof holdTimeout,
    isWanted?: (destination: Destination) => boolean,
  ): Promise<FlushResult> {
    const before = this.#accounts.totals();
    const { signal, expired, cancel } = startDeadline(timeoutMs, setDeadline);
    // Nobody waits for an earlier configuration: it is not given up while a flush of the caller's may still have it tried.
    const deadlineAt = setDeadline === holdTimeout ? performance.now() + timeoutMs : Number.POSITIVE_INFINITY;
    try {
      const flushing = engines.map(({ pipeline }) => pipeline.flush(signal, deadlineAt, isWanted));
      await Promise.race([Promise.all(flushing), expired]);
    } catch (error) {
      log.error("flush failed", error);
    } finally {
      cancel();
    }
    return this.#accounts.since(before);
  }

  shutdown(options?: FlushOptions): Promise<FlushResult> {
    this.#shutdown ??= this.#shutDown(options);
    return this.#shutdown;
  }

  async #shutDown(options: FlushOptions | undefined): Promise<FlushResult> {
    const engine = this.#engine;
    const engines = this.#engines();
    this.#evictAll();
    this.#isShutDown = true;
    this.#cancelIdleExit?.();
    this.#cancelIdleExit = undefined;
    const before = this.#accounts.totals();
    for (const { pipeline } of engines) pipeline.isEnding = true;
    const timeoutMs = timeoutOf(options) ?? engine?.config.shutdownTimeoutMs ?? DRAIN_MS;
    const result = await this.#flush(engines, timeoutMs, holdTimeout);
    // Not where `init` was called meanwhile: what it set up goes on.
    if (this.#engine === engine) {
      this.#isClosed = true;
      this.#cancelExit?.();
      this.#cancelExit = undefined;
    }
    for (const { pipeline } of engines) pipeline.close();
    // Without a spool nothing is.
    const pending = this.#accounts.queued + this.#accounts.scores.queued;
    return { ...result, dropped: this.#accounts.since(before).dropped, pending };
  }

  async #drain(engine: Engine): Promise<void> {
    engine.pipeline.isEnding = true;
    await this.#flush([engine], engine.config.shutdownTimeoutMs, setQuietTimeout);
    engine.pipeline.close();
  }

  async #onIdleExit(): Promise<void> {
    if (this.#isShutDown) return;
    this.#evictAll();
    // Waiting for a backend whose last request failed would be in vain.
    await this.#flush(this.#engines(), IDLE_EXIT_MS, holdTimeout, ({ isFailing }) => !isFailing);
    const left = this.#accounts.queued;
    // Said once: `beforeExit` comes again after the work it has caused.
    if (left > 0 && !this.#engine?.config.spool)
      warnRarely(`exit ${this.id}`, `${left} observations were not sent before the process ended`);
  }

  /** With a spool: what is there is written to disk, at once. */
  #onExit(): void {
    this.#evictAll();
    for (const { pipeline } of this.#engines()) pipeline.close();
  }

  /** Exports what is known of an open observation as `incomplete`; a later `end` sends the full record. */
  #evict(observation: OpenObservation): void {
    const engine = this.#engine;
    if (!engine || !this.#open.has(observation)) return;
    const known = observation.describe && safely("describe", observation.describe);
    if (known) this.#capture(engine, observation, known);
    this.#open.remove(observation);
    this.#accounts.evicted++;
    const record = incompleteOf(observation);
    // Its bytes go with the record; what the handle still holds is the user's.
    observation.bytes = 0;
    engine.pipeline.add(record);
  }

  #evictAll(): void {
    for (const observation of this.#open.oldest()) this.#evict(observation);
  }

  /** Makes room for a hundredth: finding the oldest one by one costs more than the observation itself. */
  #evictOldest(maxOpen: number): void {
    const count = this.#open.size - maxOpen + Math.floor(maxOpen / 100);
    for (const observation of this.#open.oldest(count)) this.#evict(observation);
  }

  stats(): TracerStats {
    return this.#accounts.stats(this.#engine);
  }
}

function typeOf({ type, asType }: StartOptions): ObservationType {
  const wanted = type ?? asType;
  return isObservationType(wanted) ? wanted : "span";
}
