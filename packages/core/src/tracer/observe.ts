import { getTracer } from "../global.ts";
import type { ObservationAttributes, ObservationType } from "../model/types.ts";
import { safely } from "../util/safely.ts";
import type { Observation, StartOptions, Tracer } from "./api.ts";
import { isGenerator, observeGenerator } from "./observe-generator.ts";
import { endWithError, followResult, isAsyncFunction } from "./settle.ts";

export interface ObserveOptions {
  /** Default: the function's own name. */
  name?: string | undefined;
  type?: ObservationType | undefined;
  /** Langfuse's name for `type`. */
  asType?: ObservationType | undefined;
  /** Default true. A single argument is recorded as itself, several as an array. */
  captureInput?: boolean | undefined;
  /** Default true. */
  captureOutput?: boolean | undefined;
  parent?: StartOptions["parent"];
  trace?: StartOptions["trace"];
  /** Recorded with each call. */
  attributes?: ObservationAttributes | undefined;
  /** Default: the default tracer at the time of the call. */
  tracer?: Tracer | undefined;
}

/**
 * A function that does what `fn` does and records each call as an observation. Synchronous and asynchronous functions,
 * generators and async generators. What is returned is a view of `fn`: `this`, arguments, result, `name`, `length`,
 * prototype, source text and properties are those of `fn`; `new` makes an instance and records nothing. A class is returned
 * as it is: it cannot be called, and its private statics know no view of it.
 *
 * The promise, thenable or generator that `fn` returns is handed on as it is. Only for an `async` function it is a new
 * promise in the place of the one that nobody has seen. Of a function that is not `async`, and so also of one that a
 * compiler has rewritten for older targets, a rejected promise that nobody handles is recorded, but the runtime no longer
 * reports it as unhandled.
 *
 * Throws a TypeError for what is no function; what the observed function throws is thrown by `fn`.
 *
 * @example
 * const answer = observe(async (question: string) => ask(question), { name: "answer", type: "agent" });
 */
// oxlint-disable-next-line typescript/no-explicit-any -- any function: `unknown[]` would refuse typed parameters
export function observe<F extends (...args: any[]) => any>(fn: F, options?: ObserveOptions): F {
  if (typeof fn !== "function") throw new TypeError("observe() needs a function");
  if (isClass(fn)) return fn;
  const isAsync = isAsyncFunction(fn);
  const toString = (): string => String(fn);
  const observed: F = new Proxy(fn, {
    apply(target, self: unknown, args: unknown[]): unknown {
      const run = (): unknown => Reflect.apply(target, self, args);
      const started = safely("observe", () => startCall(target, args, options ?? {}));
      return started ? runObserved(started.tracer, started.observation, run, isAsync, started.captureOutput) : run();
    },
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args, newTarget === observed ? target : newTarget) as object,
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      // Called on a proxy it knows no source text.
      return key === "toString" && value === Function.prototype.toString ? toString : value;
    },
  });
  return observed;
}

/** Told by its source text, which is not that of a method named `class`; what was compiled to a function is one. */
function isClass(fn: object): boolean {
  return /^class(?:\{|\s+[^\s(])/.test(Function.prototype.toString.call(fn));
}

interface StartedCall {
  tracer: Tracer;
  observation: Observation;
  captureOutput: boolean;
}

/** Undefined with tracing off. */
function startCall(
  fn: { readonly name: string },
  args: readonly unknown[],
  options: ObserveOptions,
): StartedCall | undefined {
  const tracer = options.tracer ?? getTracer();
  if (!tracer.enabled) return undefined;
  const { type = options.asType, parent, trace, captureInput = true, captureOutput = true } = options;
  const attributes = { ...options.attributes, ...(captureInput && args.length > 0 && { input: inputOf(args) }) };
  const name = options.name ?? (fn.name || "anonymous");
  return { tracer, observation: tracer.startObservation(name, attributes, { type, parent, trace }), captureOutput };
}

function inputOf(args: readonly unknown[]): unknown {
  return args.length === 1 ? args[0] : args;
}

export interface StartActiveOptions extends StartOptions {
  attributes?: ObservationAttributes | undefined;
  /** Default true. False: the callback ends the observation itself. */
  endOnExit?: boolean | undefined;
  tracer?: Tracer | undefined;
}

/**
 * Runs `fn` with a new observation active; it ends when `fn` returns, resolves or throws. What `fn` returns is handed on as
 * `observe` does it.
 */
export function startActiveObservation<T>(
  name: string,
  fn: (observation: Observation) => T,
  options?: StartActiveOptions,
): T {
  const tracer = options?.tracer ?? getTracer();
  const observation = tracer.startObservation(name, options?.attributes, options);
  const run = (): T => fn(observation);
  if (options?.endOnExit === false) return tracer.runWithObservation(observation, run);
  return runObserved(tracer, observation, run, isAsyncFunction(fn), false);
}

/** Runs `fn` under `observation` and ends it with the outcome. What `fn` throws passes through. */
function runObserved<T>(
  tracer: Tracer,
  observation: Observation,
  fn: () => T,
  isAsync: boolean,
  captureOutput: boolean,
): T {
  let result: T;
  try {
    result = tracer.runWithObservation(observation, fn);
  } catch (error) {
    safely("observe", () => endWithError(observation, error));
    throw error;
  }
  const generator = safely("observe", () =>
    isGenerator(result) ? observeGenerator(tracer, observation, result, captureOutput) : undefined,
  );
  if (generator) return generator;
  const settlement = {
    onValue: (output: unknown) => observation.end(captureOutput && output !== undefined ? { output } : undefined),
    onError: (error: unknown) => endWithError(observation, error),
    onUnknown: () => observation.end(),
  };
  return followResult(result, settlement, isAsync);
}
