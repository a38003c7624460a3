/**
 * `@spanwise/core/adapter`: what integrations are built from, ours and others', public and under semver.
 *
 * - `safely` keeps what is thrown here from the application.
 * - `followPromise`, `observeLazyPromise`, `tapAsyncIterable` watch promises and streams in place.
 * - `RunMap` keeps runs between start and end callbacks.
 * - `whenLetGo` tells what is known of a call that has not ended when the process does.
 * - `endWithError` records how a call failed.
 * - `contextWith` makes an observation's context, to be entered later.
 * - `runWithClaim`, `claimedObservation` make one LLM call one generation.
 * - `normalizeUsage` reads any provider's token usage.
 */
export { activeContext } from "../context/context.ts";
export type { ContextStore } from "../context/context.ts";
export { claimedObservation, runWithClaim } from "../context/claim.ts";
export type { Observation, StartOptions, Tracer } from "../tracer/api.ts";
export type { ObservationAttributes, ObservationType, TraceAttributes } from "../model/types.ts";
export { getTracer } from "../global.ts";
export { findUsage, normalizeUsage } from "../model/usage.ts";
export type { NormalizedUsage, UsageFlag } from "../model/usage.ts";
export { now } from "../model/time.ts";
export { isThenable } from "../util/is-thenable.ts";
export { safely } from "../util/safely.ts";
export { setQuietTimeout } from "../util/timers.ts";
export { contextWith } from "./context-with.ts";
export { endWithError } from "./end-with-error.ts";
export { followPromise } from "./follow-promise.ts";
export type { PromiseObserver } from "./follow-promise.ts";
export { observeLazyPromise } from "./lazy-promise.ts";
export type { LazyPromiseObserver } from "./lazy-promise.ts";
export { overrideMethod, replaceOwnField } from "./own-field.ts";
export { RunMap } from "./run-map.ts";
export type { RunMapOptions } from "./run-map.ts";
export { whenLetGo } from "./when-let-go.ts";
export { tapAsyncIterable } from "./tap-iterator.ts";
export type { IterationEnd, IterationObserver } from "./tap-iterator.ts";
