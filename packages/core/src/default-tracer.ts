import { getTracer } from "./global.ts";
import type { ObservationAttributes } from "./model/types.ts";
import type { FlushOptions, FlushResult, Observation, StartOptions } from "./tracer/api.ts";

/** Starts an observation of the default tracer. End it with `end()`. */
export function startObservation(
  name: string,
  attributes?: ObservationAttributes,
  options?: StartOptions,
): Observation {
  return getTracer().startObservation(name, attributes, options);
}

/** The innermost observation of the default tracer whose code is running. */
export function getActiveObservation(): Observation | undefined {
  return getTracer().getActiveObservation();
}

/**
 * Runs `fn` with `observation` active: what is started inside becomes its child, also after an `await`. Returns what `fn` returns and
 * throws what it throws; it neither ends `observation` nor records the outcome. An observation that has ended may be given.
 *
 * @example
 * const job = startObservation("job");
 * await runWithObservation(job, () => answer(question));
 * job.end();
 */
export function runWithObservation<T>(observation: Observation, fn: () => T): T {
  return getTracer().runWithObservation(observation, fn);
}

/** Updates the active observation; does nothing where there is none. */
export function updateActiveObservation(attributes: ObservationAttributes): void {
  getTracer().getActiveObservation()?.update(attributes);
}

/** Sends all that the default tracer has recorded so far. Never throws. */
export function flush(options?: FlushOptions): Promise<FlushResult> {
  return getTracer().flush(options);
}

/** Flushes and refuses what comes after. Idempotent, never throws. */
export function shutdown(options?: FlushOptions): Promise<FlushResult> {
  return getTracer().shutdown(options);
}
