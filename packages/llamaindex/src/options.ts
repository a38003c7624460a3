import type { Observation, ParentReference, TraceAttributes, Tracer } from "@spanwise/core";

/** How LlamaIndex is recorded. Everything is optional. */
export interface LlamaIndexOptions {
  /** Default: the default tracer, looked up at each call, so that `init()` may come later. */
  tracer?: Tracer | undefined;
  /** Name of the outermost observation of each call. Default: class and method, `RetrieverQueryEngine.query`. */
  name?: string | undefined;
  /** Parent of the outermost observation. Default: the one that is active at the call. `null` makes every call a trace of its own. */
  parent?: Observation | ParentReference | null | undefined;
  /** Trace attributes for the trace that the outermost observation belongs to. */
  trace?: TraceAttributes | undefined;
  /** `false` keeps questions, messages, tools and arguments out of the record. Default `true`. */
  captureInput?: boolean | undefined;
  /** `false` keeps answers, retrieved nodes and tool results out of the record. Default `true`. */
  captureOutput?: boolean | undefined;
  /** Text kept of each retrieved node, in UTF-16 units; what is beyond is counted in `metadata.cutNodeChars`. Default 2000. */
  maxNodeTextChars?: number | undefined;
  /**
   * Whether a streamed OpenAI call that does not say so asks for its token usage (`stream_options.include_usage`). The chunk
   * that this adds is not shown to the caller. `"auto"`, the default: at OpenAI, Azure OpenAI and servers on loopback;
   * `true`: on every host that LlamaIndex talks to by its OpenAI class; `false`: never. What the caller wrote is never changed.
   */
  streamUsage?: boolean | "auto" | undefined;
  /** Parts that are recorded or left out. */
  include?: IncludedParts | undefined;
}

export interface IncludedParts {
  /** Node parsers at work on documents. Default `true`. */
  nodeParsing?: boolean | undefined;
  /** Postprocessors and rerankers of retrieved nodes. Default `true`. */
  postprocessing?: boolean | undefined;
  /** Each text that a splitter cuts; one to two for every synthesis, too. Default `false`. */
  chunking?: boolean | undefined;
}
