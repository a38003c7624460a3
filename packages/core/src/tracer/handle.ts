import { safely, swallow } from "../util/safely.ts";
import { createObservationId, createTraceIdRandom } from "../model/ids.ts";
import type { OpenObservation } from "../model/record.ts";
import { formatTraceparent } from "../model/traceparent.ts";
import type { ObservationAttributes, ObservationType, ScoreInput, TraceAttributes } from "../model/types.ts";
import type { ChildOptions, EndOptions, Observation, StartOptions } from "./api.ts";

/** What handles ask of their tracer. */
export interface Recorder {
  /** `parent` and `type` outrank those of `options`. */
  startObservation(
    name: string,
    attributes: ObservationAttributes | undefined,
    options: StartOptions | undefined,
    parent: Observation,
    type?: ObservationType,
  ): Observation;
  update(observation: OpenObservation, attributes: ObservationAttributes): void;
  updateTrace(observation: OpenObservation, attributes: TraceAttributes): void;
  end(
    observation: OpenObservation,
    attributes: ObservationAttributes | undefined,
    options: EndOptions | undefined,
  ): void;
  score(score: ScoreInput, target: { traceId: string; observationId?: string | undefined }): void;
}

/** The typed children, the same for every kind of handle. */
abstract class BaseHandle implements Observation {
  abstract readonly id: string;
  abstract readonly traceId: string;
  abstract readonly parentId: string | undefined;
  abstract readonly type: ObservationType;
  abstract readonly recording: boolean;
  protected abstract readonly recorder: Recorder;
  /** Whether the trace is recorded: children of a handle that has ended still are. */
  abstract readonly sampled: boolean;

  get traceparent(): string {
    return formatTraceparent({ traceId: this.traceId, observationId: this.id, sampled: this.sampled });
  }

  abstract update(attributes: ObservationAttributes): this;
  abstract updateTrace(attributes: TraceAttributes): this;
  abstract end(attributes?: ObservationAttributes, options?: EndOptions): void;

  score(score: ScoreInput): void {
    this.#score(score, this.id);
  }

  scoreTrace(score: ScoreInput): void {
    this.#score(score);
  }

  #score(score: ScoreInput, observationId?: string): void {
    if (this.sampled) this.recorder.score(score, { traceId: this.traceId, observationId });
  }

  startObservation(
    name: string,
    attributes?: ObservationAttributes,
    options?: Omit<StartOptions, "parent">,
  ): Observation {
    return this.recorder.startObservation(name, attributes, options, this);
  }

  #child(type: ObservationType, name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.recorder.startObservation(name, attributes, options, this, type);
  }

  span(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("span", name, attributes, options);
  }

  generation(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("generation", name, attributes, options);
  }

  embedding(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("embedding", name, attributes, options);
  }

  agent(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("agent", name, attributes, options);
  }

  tool(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("tool", name, attributes, options);
  }

  chain(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("chain", name, attributes, options);
  }

  retriever(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("retriever", name, attributes, options);
  }

  evaluator(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("evaluator", name, attributes, options);
  }

  guardrail(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    return this.#child("guardrail", name, attributes, options);
  }

  event(name: string, attributes?: ObservationAttributes, options?: ChildOptions): Observation {
    const event = this.#child("event", name, attributes, options);
    event.end(undefined, { endTime: safely("event", () => options?.startTime) });
    return event;
  }
}

/** A handle on an observation that is recorded. */
export class RecordingHandle extends BaseHandle {
  protected readonly recorder: Recorder;
  readonly #observation: OpenObservation;

  constructor(recorder: Recorder, observation: OpenObservation) {
    super();
    this.recorder = recorder;
    this.#observation = observation;
  }

  get id(): string {
    return this.#observation.id;
  }

  get traceId(): string {
    return this.#observation.traceId;
  }

  get parentId(): string | undefined {
    return this.#observation.parentId;
  }

  get type(): ObservationType {
    return this.#observation.type;
  }

  get recording(): true {
    return true;
  }

  get sampled(): true {
    return true;
  }

  /** For the tracer that made it: the trace attributes its children start with. */
  get traceAttributes(): TraceAttributes | undefined {
    return this.#observation.traceAttributes;
  }

  /** See `whenLetGo` of `@spanwise/core/adapter`. */
  whenLetGo(describe: () => ObservationAttributes): void {
    if (this.#observation.endTime === undefined) this.#observation.describe = describe;
  }

  update(attributes: ObservationAttributes): this {
    try {
      this.recorder.update(this.#observation, attributes);
    } catch (error) {
      swallow("update", error);
    }
    return this;
  }

  updateTrace(attributes: TraceAttributes): this {
    safely("updateTrace", () => this.recorder.updateTrace(this.#observation, attributes));
    return this;
  }

  end(attributes?: ObservationAttributes, options?: EndOptions): void {
    try {
      this.recorder.end(this.#observation, attributes, options);
    } catch (error) {
      swallow("end", error);
    }
  }
}

interface SilentOrigin {
  id?: string | undefined;
  traceId?: string | undefined;
  parentId?: string | undefined;
  /** The observation is known by its ids only (it has ended), its trace is recorded. Default false. */
  sampled?: boolean | undefined;
}

/** Carries context and records nothing of its own: tracing is off, the trace was not sampled, or the observation has ended. */
export class SilentHandle extends BaseHandle {
  protected readonly recorder: Recorder;
  readonly parentId: string | undefined;
  readonly type: ObservationType;
  readonly sampled: boolean;
  // Made when they are asked for: a disabled tracer costs the handle and nothing else.
  #id: string | undefined;
  #traceId: string | undefined;

  constructor(recorder: Recorder, type: ObservationType, origin: SilentOrigin = {}) {
    super();
    this.recorder = recorder;
    this.type = type;
    this.parentId = origin.parentId;
    this.sampled = origin.sampled ?? false;
    this.#id = origin.id;
    this.#traceId = origin.traceId;
  }

  get id(): string {
    return (this.#id ??= createObservationId());
  }

  get traceId(): string {
    return (this.#traceId ??= createTraceIdRandom());
  }

  get recording(): false {
    return false;
  }

  update(): this {
    return this;
  }

  updateTrace(): this {
    return this;
  }

  end(): void {}
}
