import type { Observation, PromptReference, Tracer } from "@spanwise/core";
import type { ContextStore } from "@spanwise/core/adapter";
import type { StepOutput } from "./sequence-output.ts";
import type { StreamedText } from "./streamed-text.ts";

/** Values of inherited metadata, by which a child tells what is its own. Objects are kept as `OBJECT`, never themselves. */
export type SeenMetadata = ReadonlyMap<string, unknown>;

/** How the outputs of a graph node are to be shown, by the node's own trace policy. */
export type ProcessOutputs = (outputs: unknown) => unknown;

/** Values of a streaming tool. */
export interface YieldedValues {
  readonly kept: unknown[];
  /** How many came beyond the bound. */
  dropped: number;
}

/** What is kept of a run between its start and its end: handles and small facts, none of LangChain's objects. */
export interface Run {
  readonly id: string;
  /** Of the registry. */
  readonly key: string;
  readonly name: string;
  readonly tracer: Tracer;
  /** Undefined for a hidden run without a visible ancestor. */
  readonly observation: Observation | undefined;
  /** The run's own context; what runs inside is its child. Made when first asked for. */
  context: ContextStore | undefined;
  readonly parent: Run | undefined;
  /** Folded away: `observation` is the nearest visible ancestor's and not ours to end. */
  readonly isHidden: boolean;
  readonly isGraph: boolean;
  /** Graphs that were started in it: those of a node. */
  innerGraphs: Run[] | undefined;
  /** Its output is its last step's: sequences and fallbacks. Graph nodes, which are sequences too, are not meant. */
  readonly isSequence: boolean;
  stepOutput: StepOutput | undefined;
  readonly seenMetadata: SeenMetadata;
  /** Epoch milliseconds of the last event of this run or of one below it. */
  lastEventMs: number;
  /** The input given at the start stood for one that was not there yet: a streamed chain's. */
  defersInput: boolean;
  captureInput: boolean;
  captureOutput: boolean;
  processOutputs: ProcessOutputs | undefined;
  /** Prompt of a prompt manager, told by the prompt template's metadata for the model call after it. */
  prompt: PromptReference | undefined;
  streamed: StreamedText | undefined;
  /** Of a model call. */
  readonly provider: string | undefined;
  /** The recorder that is heard of pieces of a stream: another one of the same tracer is told of each too. */
  teller: object | undefined;
  /** When the tracer was last told that the stream goes on, by `performance.now()`. */
  keptOpenAt: number;
  /** Children that failed; shown on a run that ended well all the same. */
  failedChildren: number;
  /** What a graph below waits for; undefined where nothing is known of an interrupt. */
  interrupts: readonly unknown[] | undefined;
  /** The interrupt has an event of its own already. */
  interruptTold: boolean;
  threadId: string | undefined;
  yielded: YieldedValues | undefined;
  stopWatching: (() => void) | undefined;
  /** The reason that a signal was aborted with, here or below; undefined while none was. */
  abortReason: unknown;
  /** Something below was aborted or broken off: where no end is told, this was too. */
  wasAborted: boolean;
  ended: boolean;
}
