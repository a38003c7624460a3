import { getTracer } from "../global.ts";
import type { ObservationAttributes, ObservationType } from "../model/types.ts";
import { safely } from "../util/safely.ts";
import type { Observation, StartOptions, Tracer } from "./api.ts";
import { isGenerator, observeGenerator } from "./observe-generator.ts";
import { endWithError, followResult } from "./settle.ts";

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
 * A function that does what `fn` does and records each call as an observation: `this`, arguments, result, `name` and `length`
 * are those of `fn`. Synchronous and asynchronous functions, generators and async generators.
 *
 * @example
 * const answer = observe(async (question: string) => ask(question), { name: "answer", type: "agent" });
 */
// oxlint-disable-next-line typescript/no-explicit-any -- any function: `unknown[]` would refuse typed parameters
export function observe<F extends (...args: any[]) => any>(fn: F, options: ObserveOptions = {}): F {
  if (typeof fn !== "function") throw new TypeError("observe() needs a function");
  const { captureInput = true, captureOutput = true } = options;
  const name = options.name ?? (fn.name || "anonymous");

  const observed = function (this: unknown, ...args: unknown[]): unknown {
    const tracer = options.tracer ?? getTracer();
    if (!tracer.enabled) return fn.apply(this, args);
    const { type = options.asType, parent, trace } = options;
    const attributes = { ...options.attributes, ...(captureInput && args.length > 0 && { input: inputOf(args) }) };
    const observation = tracer.startObservation(name, attributes, { type, parent, trace });
    return runObserved(tracer, observation, () => fn.apply(this, args), captureOutput);
  };
  for (const key of ["name", "length"] as const)
    Object.defineProperty(observed, key, { value: fn[key], configurable: true });
  return observed as F;
}

function inputOf(args: unknown[]): unknown {
  return args.length === 1 ? args[0] : args;
}

export interface StartActiveOptions extends StartOptions {
  attributes?: ObservationAttributes | undefined;
  /** Default true. False: the callback ends the observation itself. */
  endOnExit?: boolean | undefined;
  tracer?: Tracer | undefined;
}

/** Runs `fn` with a new observation active; it ends when `fn` returns, resolves or throws. */
export function startActiveObservation<T>(
  name: string,
  fn: (observation: Observation) => T,
  options: StartActiveOptions = {},
): T {
  const { tracer = getTracer(), attributes, endOnExit = true, ...start } = options;
  const observation = tracer.startObservation(name, attributes, start);
  const run = (): T => fn(observation);
  return endOnExit ? runObserved(tracer, observation, run, false) : tracer.runWithObservation(observation, run);
}

/** Runs `fn` under `observation` and ends it with the outcome. What `fn` throws passes through. */
function runObserved<T>(tracer: Tracer, observation: Observation, fn: () => T, captureOutput: boolean): T {
  let result: T;
  try {
    result = tracer.runWithObservation(observation, fn);
  } catch (error) {
    safely("observe", () => endWithError(observation, error));
    throw error;
  }
  if (isGenerator(result)) return observeGenerator(tracer, observation, result, captureOutput);
  return followResult(result, {
    onValue: (output) => observation.end(captureOutput && output !== undefined ? { output } : undefined),
    onError: (error) => safely("observe", () => endWithError(observation, error)),
  });
}
