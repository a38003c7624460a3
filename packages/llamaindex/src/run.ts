import type { Observation, ObservationAttributes, ObservationType, Tracer } from "@spanwise/core";
import { endWithError, runWithClaim, whenLetGo, type IterationEnd } from "@spanwise/core/adapter";
import { createWeakRef, type Weak } from "./weak.ts";

/** What part of LlamaIndex an observation stands for. */
export type RunKind =
  | "query"
  | "chat"
  | "retrieve"
  | "postprocess"
  | "synthesize"
  | "llm"
  | "complete"
  | "embedding"
  | "tool"
  | "agent"
  | "step"
  | "parse"
  | "chunk"
  | "ingest"
  | "workflow";

export interface RunSpec {
  kind: RunKind;
  type: ObservationType;
  name: string;
  input?: unknown;
  attributes?: ObservationAttributes | undefined;
  /** The object whose call it is: a call that it makes to itself is part of it. */
  target?: object | undefined;
  /** Model calls are claimed, so that an observed API client adds to this observation. */
  claims?: boolean | undefined;
}

/** What a call and its stream are told to. */
export interface OpenRun {
  scope<T>(fn: () => T): T;
  update(attributes: ObservationAttributes): void;
  end(attributes?: ObservationAttributes): void;
  fail(error: unknown, attributes?: ObservationAttributes): void;
  endStream(reason: IterationEnd, error: unknown, attributes: ObservationAttributes): void;
  /** Asked for what has come of a stream should the process end first. It must not refer to the stream. */
  whenLetGo(describe: () => ObservationAttributes): void;
}

/** A call inside that of `run`, which it is a part of: it adds what it knows, and the outer one ends. */
export function joined(run: Run): OpenRun {
  const update = (attributes: ObservationAttributes = {}): void => run.update(attributes);
  return {
    scope: (fn) => run.scope(fn),
    update,
    end: update,
    fail: (_error, attributes) => update(attributes),
    endStream: (_reason, _error, attributes) => update(attributes),
    // What the outer one has of its own stream is more.
    whenLetGo: () => {},
  };
}

/** One open observation. It can be ended once; what comes later is ignored. */
export class Run implements OpenRun {
  readonly observation: Observation;
  readonly kind: RunKind;
  readonly #target: Weak<object> | undefined;
  readonly #tracer: Tracer;
  readonly #claims: boolean;
  readonly #onEnd: (run: Run, error: unknown) => void;
  readonly #captureOutput: boolean;
  #ended = false;

  constructor(
    observation: Observation,
    tracer: Tracer,
    spec: RunSpec,
    captureOutput: boolean,
    onEnd: (run: Run, error: unknown) => void,
  ) {
    this.observation = observation;
    this.kind = spec.kind;
    this.#target = spec.target && createWeakRef(spec.target);
    this.#tracer = tracer;
    this.#claims = spec.claims === true;
    this.#captureOutput = captureOutput;
    this.#onEnd = onEnd;
  }

  get ended(): boolean {
    return this.#ended;
  }

  isOf(kind: RunKind, target: object): boolean {
    return this.kind === kind && this.#target?.deref() === target;
  }

  scope<T>(fn: () => T): T {
    return this.#claims
      ? runWithClaim(this.#tracer, this.observation, fn)
      : this.#tracer.runWithObservation(this.observation, fn);
  }

  update(attributes: ObservationAttributes): void {
    if (!this.#ended) this.observation.update(this.#allowed(attributes));
  }

  end(attributes: ObservationAttributes = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    this.observation.end(this.#allowed(attributes));
    this.#onEnd(this, undefined);
  }

  fail(error: unknown, attributes: ObservationAttributes = {}): void {
    if (this.#ended) return;
    this.#ended = true;
    this.observation.update(this.#allowed(attributes));
    endWithError(this.observation, error);
    this.#onEnd(this, error);
  }

  /** The end of a stream: broken off by its reader, or let go of unread, is not a success. */
  endStream(reason: IterationEnd, error: unknown, attributes: ObservationAttributes): void {
    if (reason === "error") this.fail(error, attributes);
    else if (reason === "break") this.end({ ...attributes, status: "cancelled" });
    else if (reason === "dropped") this.end({ ...attributes, status: "incomplete" });
    else this.end(attributes);
  }

  whenLetGo(describe: () => ObservationAttributes): void {
    if (this.#ended) return;
    whenLetGo(this.observation, () => this.#allowed(describe()));
  }

  #allowed(attributes: ObservationAttributes): ObservationAttributes {
    if (this.#captureOutput || !("output" in attributes)) return attributes;
    const { output: _output, ...rest } = attributes;
    return rest;
  }
}
