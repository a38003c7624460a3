import type { AnyFields, Observation, ParentReference, PromptReference, TraceAttributes, Tracer } from "@spanwise/core";

/** How calls of an observed client are recorded. Everything is optional. */
export interface ObserveOpenAIOptions {
  /** Default: the default tracer, looked up at each call, so that `init()` may come later. */
  tracer?: Tracer | undefined;
  /** The observation's name. Default: the method's, such as `chat.completions`, `responses` or `images.edit`. */
  name?: string | undefined;
  /** Default: the observation that is active at the call. `null` makes every call a trace of its own. */
  parent?: Observation | ParentReference | null | undefined;
  /** Trace attributes for the trace that the call belongs to. */
  trace?: TraceAttributes | undefined;
  /** Added to every generation's metadata. */
  metadata?: AnyFields | undefined;
  /** The managed prompt that the calls are made from. */
  prompt?: PromptReference | undefined;
  /**
   * `false` keeps messages, tools and schemas out of the record, and of the parameters and metadata of the request all but
   * numbers, booleans and the API's own words (`reasoning_effort`, ...). Default `true`.
   */
  captureInput?: boolean | undefined;
  /** `false` keeps the answer out of the record. Default `true`. */
  captureOutput?: boolean | undefined;
  /**
   * Whether a streamed call that does not say so asks for its token usage (`stream_options.include_usage`). The chunk that
   * is added by it is not shown to the caller. `"auto"`, the default: at OpenAI, Azure OpenAI and servers on loopback, which
   * send it only when asked; `true`: always, and a host that sends it anyway has its chunk hidden too; `false`: never. What
   * the caller wrote is never changed.
   */
  includeUsage?: boolean | "auto" | undefined;
}
