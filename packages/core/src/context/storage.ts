import type { ParentReference, TraceAttributes } from "../model/types.ts";

/**
 * What the context carries. Plain data that is only ever added to: two copies or versions of this package in one process
 * read each other's.
 */
export interface ContextStore {
  readonly traceId?: string | undefined;
  readonly observationId?: string | undefined;
  readonly sampled?: boolean | undefined;
  /** The tracer that recorded `observationId`. Another tracer does not take it for a parent. */
  readonly tracerId?: string | undefined;
  /** The caller's span in another process; in force while no observation of ours is active. */
  readonly remote?: ParentReference | undefined;
  /** Trace attributes of the active observation, for its children. */
  readonly trace?: TraceAttributes | undefined;
  /** What `propagateAttributes` said, for every trace that is started inside. */
  readonly propagated?: TraceAttributes | undefined;
  /** What `propagated` weighs, estimated. */
  readonly propagatedBytes?: number | undefined;
  /** The context around, where that is another tracer's. */
  readonly outer?: ContextStore | undefined;
  /** An adapter's generation runs: an inner adapter adds to it instead of starting its own. */
  readonly claim?: { readonly observationId: string } | undefined;
}

/** The part of `AsyncLocalStorage` that is used. */
export interface ContextStorage {
  getStore(): ContextStore | undefined;
  run<T>(store: ContextStore | undefined, fn: () => T): T;
}
