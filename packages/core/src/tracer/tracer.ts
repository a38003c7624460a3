import { platform } from "#platform";
import type { Config } from "../config.ts";
import { activeContext, runWithContext, type ContextStore } from "../context/context.ts";
import { activeOpenTelemetrySpan } from "../interop/opentelemetry.ts";
import { configureLog, log } from "../log.ts";
import { createObservationId, createTraceIdRandom, isObservationId, isTraceId } from "../model/ids.ts";
import type { OpenObservation } from "../model/record.ts";
import { isSampled } from "../model/sampling.ts";
import { now, toEpochMs } from "../model/time.ts";
import { mergeTraceAttributes } from "../model/trace-attributes.ts";
import type { ObservationAttributes, ScoreInput, ScoreTarget, TraceAttributes } from "../model/types.ts";
import { Ledger, sumDrops } from "../pipeline/ledger.ts";
import { capture } from "../serialize/capture.ts";
import { safely } from "../util/safely.ts";
import { toText } from "../util/text.ts";
import { setQuietTimeout } from "../util/timers.ts";
import type { EndOptions, FlushOptions, FlushResult, Observation, StartOptions, Tracer, TracerStats } from "./api.ts";
import { captureAttributes } from "./capture-attributes.ts";
import { createEngine, type Engine } from "./engine.ts";
import { RecordingHandle, SilentHandle, type Recorder } from "./handle.ts";
import { OpenObservations } from "./open-observations.ts";
import { toScoreRecord } from "./score.ts";

/** How long the end of the process waits for the last batches. */
const IDLE_EXIT_MS = 2_000;
/** How often open observations are looked over for `maxOpenMs`. */
const SWEEP_MS = 60_000;
/** An observation that is open for longer than this is announced to live destinations. */
const ANNOUNCE_AFTER_MS = 200;

/** Where a new observation hangs. */
interface Place {
  traceId: string;
  parentId: string | undefined;
  isAppRoot: boolean;
  sampled: boolean;
  trace: TraceAttributes | undefined;
}

export class SpanwiseTracer implements Tracer, Recorder {
  readonly id: string = createObservationId();
  readonly #open = new OpenObservations();
  readonly #observations = new Ledger();
  readonly #scores = new Ledger();
  #engine: Engine | undefined;
  #isShutDown = false;
  #shutdown: Promise<FlushResult> | undefined;
  #afterEnd = 0;
  #evicted = 0;
  #isSweeping = false;
  #isAnnouncing = false;
  #cancelIdleExit: (() => void) | undefined;

  constructor(config: Config) {
    this.configure(config);
  }

  get enabled(): boolean {
    return this.#engine !== undefined && !this.#isShutDown;
  }

  /** Takes a new configuration; what the old one has queued is sent as it said. */
  configure(config: Config): void {
    const old = this.#engine;
    configureLog(config.logLevel, config.logger);
    this.#engine = config.enabled ? createEngine(config, this.#observations, this.#scores) : undefined;
    this.#isShutDown = false;
    this.#shutdown = undefined;
    if (this.#engine) {
      this.#cancelIdleExit ??= platform.onIdleExit(() => this.#onIdleExit());
    }
    if (old) void this.#drain(old);
  }

  startObservation(name: string, attributes?: ObservationAttributes, options: StartOptions = {}): Observation {
    return this.start(name, attributes, options);
  }

  start(name: string, attributes: ObservationAttributes | undefined, options: StartOptions): Observation {
    const type = options.type ?? options.asType ?? "span";
    const engine = this.#engine;
    if (!engine) return new SilentHandle(this, type, { traceId: activeContext()?.traceId });
    return (
      safely("startObservation", () => this.#start(engine, toText(name) ?? "unnamed", attributes, options)) ??
      new SilentHandle(this, type)
    );
  }

  #start(
    engine: Engine,
    name: string,
    attributes: ObservationAttributes | undefined,
    options: StartOptions,
  ): Observation {
    const type = options.type ?? options.asType ?? "span";
    const place = this.#place(options, engine.config.sampleRate);
    const { traceId, parentId } = place;
    const silent = (): Observation => new SilentHandle(this, type, { traceId, parentId });
    if (this.#isShutDown) {
      this.#observations.refuse("after_shutdown");
      return silent();
    }
    if (!place.sampled) {
      this.#observations.startUnsampled();
      return silent();
    }
    if (!engine.budget.hasRoom(parentId === undefined)) {
      this.#observations.refuse("queue_full");
      return silent();
    }
    const startTime = toEpochMs(options.startTime) ?? now();
    const observation: OpenObservation = {
      id: createObservationId(),
      traceId,
      parentId,
      isAppRoot: place.isAppRoot,
      type,
      name,
      startTime,
      traceAttributes: place.trace,
      fields: {},
      bytes: 0,
      fieldBytes: {},
      mayHaveMedia: false,
      touchedAt: startTime,
      endTime: undefined,
      announced: false,
    };
    this.#observations.start();
    this.#open.add(observation);
    if (attributes) this.#capture(engine, observation, attributes);
    if (this.#open.size > engine.config.maxOpen) this.#evict(this.#open.oldest()!);
    if (engine.hasLive) this.#announceLater();
    this.#sweepLater();
    return new RecordingHandle(this, observation);
  }

  #place({ parent, trace }: StartOptions, sampleRate: number): Place {
    const context = activeContext();
    const own = trace && (capture(trace).value as TraceAttributes);
    const isOurs = context?.traceId !== undefined && context.tracerId === this.id;
    if (parent === undefined && isOurs) {
      return this.#under(context.traceId, context.observationId!, context.sampled !== false, context.trace, own);
    }
    if (parent instanceof RecordingHandle || parent instanceof SilentHandle) {
      // Attributes of the context belong to the parent's trace unless the context is another trace's.
      const ambient = context?.traceId === undefined || context.traceId === parent.traceId ? context?.trace : undefined;
      const inherited = parent instanceof RecordingHandle ? parent.traceAttributes : undefined;
      return this.#under(parent.traceId, parent.id, parent.recording, mergeTraceAttributes(inherited, ambient), own);
    }
    const ambient = isOurs ? undefined : context?.trace;
    const foreign = parent === undefined ? (context?.remote ?? activeOpenTelemetrySpan()) : toReference(parent);
    const traceAttributes = mergeTraceAttributes(ambient, own);
    if (foreign && isTraceId(foreign.traceId) && isObservationId(foreign.observationId)) {
      const sampled = foreign.sampled ?? isSampled(foreign.traceId, sampleRate);
      const { traceId, observationId: parentId } = foreign;
      return { traceId, parentId, isAppRoot: true, sampled, trace: traceAttributes };
    }
    const traceId = createTraceIdRandom();
    const sampled = isSampled(traceId, sampleRate);
    return { traceId, parentId: undefined, isAppRoot: false, sampled, trace: traceAttributes };
  }

  #under(
    traceId: string,
    parentId: string,
    sampled: boolean,
    inherited: TraceAttributes | undefined,
    own: TraceAttributes | undefined,
  ): Place {
    return { traceId, parentId, isAppRoot: false, sampled, trace: mergeTraceAttributes(inherited, own) };
  }

  update(observation: OpenObservation, attributes: ObservationAttributes): void {
    if (observation.endTime !== undefined) {
      this.#afterEnd++;
      return;
    }
    if (!this.#engine) return;
    this.#open.touch(observation, now());
    this.#capture(this.#engine, observation, attributes);
  }

  #capture(engine: Engine, observation: OpenObservation, attributes: ObservationAttributes): void {
    const grown = captureAttributes(observation, attributes);
    observation.bytes += grown;
    engine.budget.charge(grown);
  }

  updateTrace(observation: OpenObservation, attributes: TraceAttributes): void {
    const updates = this.#open.updatesOf(observation.traceId);
    const captured = capture(attributes).value as TraceAttributes;
    this.#engine?.pipeline.add({ kind: "trace", traceId: observation.traceId, updates, attributes: captured });
  }

  end(
    observation: OpenObservation,
    attributes: ObservationAttributes | undefined,
    options: EndOptions | undefined,
  ): void {
    const engine = this.#engine;
    if (observation.endTime !== undefined || !engine) {
      this.#afterEnd++;
      return;
    }
    if (attributes) this.#capture(engine, observation, attributes);
    // Clocks are set back at times: nothing ends before it started.
    observation.endTime = Math.max(toEpochMs(options?.endTime) ?? now(), observation.startTime);
    const updates = this.#open.updatesOf(observation.traceId);
    // Exported as incomplete before: the full record is one more under the same id.
    if (!this.#open.remove(observation)) this.#observations.start();
    if (this.#isShutDown || engine.budget.used > engine.budget.max) {
      engine.budget.release(observation.bytes);
      this.#observations.drop(this.#isShutDown ? "after_shutdown" : "queue_full");
      return;
    }
    engine.pipeline.add({ kind: "observation", observation, updates });
  }

  score(score: ScoreInput & ScoreTarget, target: ScoreTarget = score): void {
    safely("score", () => {
      const engine = this.#engine;
      if (!engine) return;
      const record = toScoreRecord(score, target, engine.config.environment);
      if ("invalid" in record) {
        log.warn(record.invalid);
        return;
      }
      if (this.#isShutDown || !engine.budget.hasRoom(true)) {
        this.#scores.refuse(this.#isShutDown ? "after_shutdown" : "queue_full");
        return;
      }
      this.#scores.start();
      engine.pipeline.add({ kind: "score", score: record });
    });
  }

  runWithObservation<T>(observation: Observation, fn: () => T): T {
    const context = activeContext();
    const trace = observation instanceof RecordingHandle ? observation.traceAttributes : context?.trace;
    const store: ContextStore = {
      ...context,
      traceId: observation.traceId,
      observationId: observation.id,
      sampled: observation.recording,
      tracerId: this.id,
      trace: mergeTraceAttributes(context?.trace, trace),
      claim: undefined,
    };
    return runWithContext(store, fn);
  }

  getActiveObservation(): Observation | undefined {
    const context = activeContext();
    if (context?.observationId === undefined || context.tracerId !== this.id) return undefined;
    const { traceId, observationId: id } = context;
    return this.findObservation(id) ?? new SilentHandle(this, "span", { traceId, id });
  }

  findObservation(id: string): Observation | undefined {
    const observation = this.#open.get(id);
    return observation && new RecordingHandle(this, observation);
  }

  async flush(options: FlushOptions = {}): Promise<FlushResult> {
    const engine = this.#engine;
    if (!engine) return { sent: 0, failed: 0, dropped: 0, pending: 0 };
    return this.#flush(engine, options.timeoutMs ?? engine.config.flushTimeoutMs);
  }

  /** Never rejects. Holds the process for `timeoutMs` at most: the caller waits for it. */
  async #flush(engine: Engine, timeoutMs: number): Promise<FlushResult> {
    const before = this.#delivered();
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(), timeoutMs);
    try {
      await engine.pipeline.flush(deadline.signal);
    } catch (error) {
      log.error("flush failed", error);
    } finally {
      clearTimeout(timer);
    }
    const after = this.#delivered();
    return {
      sent: after.sent - before.sent,
      failed: after.failed - before.failed,
      dropped: after.dropped - before.dropped,
      pending: this.#observations.queued + this.#scores.queued,
    };
  }

  #delivered(): { sent: number; failed: number; dropped: number } {
    const ledgers = [this.#observations, this.#scores];
    const failed = ledgers.reduce((sum, { dropped }) => sum + (dropped.rejected ?? 0) + (dropped.too_large ?? 0), 0);
    const dropped = ledgers.reduce((sum, ledger) => sum + sumDrops(ledger.dropped), 0) - failed;
    return { sent: ledgers.reduce((sum, { sent }) => sum + sent, 0), failed, dropped };
  }

  shutdown(options: FlushOptions = {}): Promise<FlushResult> {
    this.#shutdown ??= this.#shutDown(options);
    return this.#shutdown;
  }

  async #shutDown(options: FlushOptions): Promise<FlushResult> {
    const engine = this.#engine;
    if (!engine) return { sent: 0, failed: 0, dropped: 0, pending: 0 };
    for (const observation of this.#open.all()) this.#evict(observation);
    this.#isShutDown = true;
    this.#cancelIdleExit?.();
    this.#cancelIdleExit = undefined;
    const dropped = this.#delivered().dropped;
    const result = await this.#flush(engine, options.timeoutMs ?? engine.config.shutdownTimeoutMs);
    engine.pipeline.close();
    return { ...result, dropped: this.#delivered().dropped - dropped, pending: 0 };
  }

  async #drain(engine: Engine): Promise<void> {
    await this.#flush(engine, engine.config.shutdownTimeoutMs);
    engine.pipeline.close();
  }

  async #onIdleExit(): Promise<void> {
    const engine = this.#engine;
    if (!engine || this.#isShutDown) return;
    for (const observation of this.#open.all()) this.#evict(observation);
    if (!engine.isFailing()) await this.#flush(engine, IDLE_EXIT_MS);
  }

  /** Exports what is known of an open observation as `incomplete`; a later `end` sends the full record. */
  #evict(observation: OpenObservation): void {
    const updates = this.#open.updatesOf(observation.traceId);
    if (!this.#open.remove(observation) || !this.#engine) return;
    this.#evicted++;
    const fields = { ...observation.fields, status: "incomplete" as const };
    const snapshot: OpenObservation = { ...observation, fields, endTime: Math.max(now(), observation.startTime) };
    // Its bytes go with the record; what the handle still holds is the user's.
    observation.bytes = 0;
    this.#engine.pipeline.add({ kind: "observation", observation: snapshot, updates });
  }

  #sweepLater(): void {
    if (this.#isSweeping || !this.#engine) return;
    this.#isSweeping = true;
    const { maxOpenMs } = this.#engine.config;
    setQuietTimeout(
      () => {
        this.#isSweeping = false;
        const idleSince = now() - maxOpenMs;
        for (let next = this.#open.oldest(); next && next.touchedAt < idleSince; next = this.#open.oldest())
          this.#evict(next);
        if (this.#open.size > 0) this.#sweepLater();
      },
      Math.min(SWEEP_MS, maxOpenMs),
    );
  }

  #announceLater(): void {
    if (this.#isAnnouncing) return;
    this.#isAnnouncing = true;
    setQuietTimeout(() => {
      this.#isAnnouncing = false;
      const before = now() - ANNOUNCE_AFTER_MS;
      let isEarly = false;
      for (const observation of this.#open.all()) {
        if (observation.announced) continue;
        if (observation.startTime > before) {
          isEarly = true;
          continue;
        }
        observation.announced = true;
        const updates = this.#open.updatesOf(observation.traceId);
        this.#engine?.pipeline.add({ kind: "start", observation, updates });
      }
      if (isEarly) this.#announceLater();
    }, ANNOUNCE_AFTER_MS);
  }

  stats(): TracerStats {
    const observations = this.#observations;
    const scores = this.#scores;
    const engine = this.#engine;
    const destinations = engine?.pipeline.destinations.map((destination) => destination.stats()) ?? [];
    const sum = (pick: (stats: TracerStats["destinations"][number]) => number): number =>
      destinations.reduce((total, stats) => total + pick(stats), 0);
    return {
      started: observations.started,
      open: this.#open.size,
      queued: observations.queued + observations.open - this.#open.size,
      sent: observations.sent,
      dropped: { ...observations.dropped },
      unsampled: observations.unsampled,
      retried: sum(({ retried }) => retried),
      bytesHeld: engine?.budget.used ?? 0,
      bytesSent: sum(({ bytesSent }) => bytesSent),
      afterEnd: this.#afterEnd,
      evicted: this.#evicted,
      truncated: engine?.pipeline.truncated ?? 0,
      maskFailed: engine?.pipeline.maskFailed ?? 0,
      scores: {
        started: scores.started,
        queued: scores.queued + scores.open,
        sent: scores.sent,
        dropped: { ...scores.dropped },
      },
      lastError: engine?.lastError,
      destinations,
    };
  }
}

function toReference(
  parent: StartOptions["parent"],
): { traceId: string; observationId: string; sampled?: boolean | undefined } | undefined {
  if (!parent) return undefined;
  if ("observationId" in parent) return parent;
  // A handle of another copy of this package.
  return { traceId: parent.traceId, observationId: parent.id, sampled: parent.recording };
}
