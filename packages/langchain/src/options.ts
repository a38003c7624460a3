import type { AnyFields, Observation, ParentReference, TraceAttributes, Tracer } from "@spanwise/core";

/** How runs are recorded. Everything is optional. */
export interface CallbackHandlerOptions {
  /** Default: the default tracer, looked up at each run, so that `init()` may come later. */
  tracer?: Tracer | undefined;
  /** The name of root runs: runs that no other run started. Default: the run's own. */
  name?: string | undefined;
  /** Where root runs hang. Default: the observation that is active at the call. `null` makes each root run a trace of its own. */
  parent?: Observation | ParentReference | null | undefined;
  /** Attributes of the traces. They win over what the runs' own `metadata` says. */
  trace?: TraceAttributes | undefined;
  /** Added to the metadata of root runs. */
  metadata?: AnyFields | undefined;
  /** `false` keeps inputs, prompts, tool arguments and queries out of the record. Default `true`. */
  captureInput?: boolean | undefined;
  /** `false` keeps outputs out of the record, partial ones too. Default `true`. */
  captureOutput?: boolean | undefined;
  /**
   * `true` records the runs that LangChain marks as hidden (`langsmith:hidden`: `__start__` of a graph, channel writers), as
   * `DEBUG`. Default `false`: they are folded away and what they started hangs under their parent.
   */
  hiddenRuns?: boolean | undefined;
}

export interface GlobalHandlerOptions extends CallbackHandlerOptions {
  /**
   * The class `CallbackManager` of further copies of `@langchain/core` in the process. Those that this package and the working
   * directory resolve to, as ES modules and as CommonJS, are found without.
   */
  callbackManagers?: readonly object[] | undefined;
}
