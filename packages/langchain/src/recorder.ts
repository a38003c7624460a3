import type {
  Observation,
  ObservationAttributes,
  ObservationLink,
  ObservationType,
  PromptReference,
  StartOptions,
  Tracer,
} from "@spanwise/core";
import { activeContext, getTracer, now, type ContextStore } from "@spanwise/core/adapter";
import { enterContext, runInContext } from "./ambient.ts";
import { endInnerGraphs, finish, outcomeOf, touch, watchAbort } from "./endings.ts";
import { describeAborted, isTimeout } from "./errors.ts";
import { defined, isEmpty, type Fields } from "./fields.ts";
import { nodeOf, ownMetadata, promptOf, seenMetadata, stepOf, threadOf, traceAttributesOf } from "./metadata.ts";
import type { CallbackHandlerOptions } from "./options.ts";
import { keepOpen, partialOf, tellWhenLetGo } from "./partial.ts";
import { contextOf, keyOf, registry } from "./registry.ts";
import type { Run } from "./run.ts";
import { noteStepOutput } from "./sequence-output.ts";
import type { StartCallback } from "./start-callback.ts";
import { StreamedText } from "./streamed-text.ts";
import { rememberInterrupt, takeInterrupt } from "./thread-links.ts";
import { describeValue } from "./values.ts";

const HIDDEN_TAG = "langsmith:hidden";

/** What a start callback comes to, by the kind of run. */
export interface StartedRun {
  type: ObservationType;
  name: string;
  /** `input` undefined where it is not to be recorded. */
  attributes: StartAttributes;
  isGraph?: boolean | undefined;
  isSequence?: boolean | undefined;
  defersInput?: boolean | undefined;
  /** A graph goes on after an interrupt. */
  isResume?: boolean | undefined;
  captureInput?: boolean | undefined;
  captureOutput?: boolean | undefined;
  processOutputs?: Run["processOutputs"];
  /**
   * Makes the observation active in what LangChain does next, which it runs in no context of its own; `"claim"`: an adapter of
   * the client inside adds to it. Only where LangChain has awaited something since the caller called it, so never for who calls
   * the handler's methods by hand.
   */
  enters?: "context" | "claim" | undefined;
  /** What LangChain tells alike of each prompt of one call: it starts them all before it awaits anything. */
  call?: object | undefined;
  /** The caller's, where the callback shows it. */
  signal?: AbortSignal | undefined;
}

export type StartAttributes = Pick<
  ObservationAttributes,
  "input" | "metadata" | "model" | "modelParameters" | "provider"
>;

/** Starts, updates and ends the observations of runs. Every method may be called at any time, twice or never. */
export class Recorder {
  readonly #options: CallbackHandlerOptions;
  /** What was active before the first prompt of a call was entered: the others start there too. */
  readonly #aroundCall = new WeakMap<object, { context: ContextStore | undefined }>();

  constructor(options: CallbackHandlerOptions) {
    this.#options = options;
  }

  get tracer(): Tracer {
    return this.#options.tracer ?? getTracer();
  }

  get captureInput(): boolean {
    return this.#options.captureInput ?? true;
  }

  get captureOutput(): boolean {
    return this.#options.captureOutput ?? true;
  }

  find(runId: string): Run | undefined {
    return registry.find(this.tracer, runId);
  }

  /** Nothing is described of a run that is known already or that nobody would record. */
  isNew(runId: string): boolean {
    const { tracer } = this;
    return tracer.enabled && typeof runId === "string" && registry.find(tracer, runId) === undefined;
  }

  start(callback: StartCallback, started: StartedRun): void {
    const { tracer } = this;
    const { runId, parentRunId, tags, metadata, owner, isFromManager } = callback;
    if (started.call && isFromManager) this.#returnToCall(started.call);
    const parent = parentRunId === undefined ? undefined : registry.find(tracer, parentRunId);
    const above = parentRunId === undefined ? undefined : (parent ?? registry.findEnded(tracer, parentRunId));
    const isHidden = tags.includes(HIDDEN_TAG);
    const isAlias = isHidden && this.#options.hiddenRuns !== true;
    const observation = isAlias
      ? parent?.observation
      : this.#startObservation(tracer, callback, started, parent, above?.context, isHidden);
    const atMs = now();
    const run: Run = {
      id: runId,
      key: keyOf(tracer, runId),
      name: started.name,
      tracer,
      observation,
      // A hidden run stands for what it is below, even if that has ended.
      context: isAlias && !observation ? above?.context : undefined,
      parent,
      isHidden: isAlias,
      isGraph: started.isGraph === true,
      innerGraphs: undefined,
      isSequence: started.isSequence === true,
      stepOutput: undefined,
      seenMetadata: seenMetadata(metadata, parent?.seenMetadata),
      lastEventMs: atMs,
      defersInput: started.defersInput === true,
      captureInput: started.captureInput ?? this.captureInput,
      captureOutput: started.captureOutput ?? this.captureOutput,
      processOutputs: started.processOutputs,
      prompt: undefined,
      streamed: undefined,
      provider: started.attributes.provider,
      teller: undefined,
      keptOpenAt: 0,
      failedChildren: 0,
      interrupts: undefined,
      interruptTold: false,
      threadId: threadOf(metadata),
      yielded: undefined,
      stopWatching: undefined,
      abortReason: undefined,
      wasAborted: false,
      ended: false,
    };
    const prompt = promptOf(metadata);
    if (prompt && parent && started.type !== "generation") parent.prompt = prompt;
    if (run.isGraph && parent) (parent.innerGraphs ??= []).push(run);
    registry.add(run, owner);
    touch(run, atMs);
    if (started.signal) run.stopWatching = watchAbort(run, started.signal);
    if (!isFromManager || !observation) return;
    if (started.enters === "claim") enterContext({ ...contextOf(run), claim: { observationId: observation.id } });
    else if (started.enters === "context") enterContext(contextOf(run));
  }

  #returnToCall(call: object): void {
    const around = this.#aroundCall.get(call);
    if (around) enterContext(around.context);
    else this.#aroundCall.set(call, { context: activeContext() });
  }

  /** `around`: the context of a parent that has ended, or that is hidden below one. */
  #startObservation(
    tracer: Tracer,
    { metadata, tags }: StartCallback,
    started: StartedRun,
    parent: Run | undefined,
    around: ContextStore | undefined,
    isHidden: boolean,
  ): Observation {
    const { type, attributes } = started;
    const above = parent?.observation;
    // Started without a parent, but from a run's own code: LangChain did not know.
    const isRoot = above === undefined && around === undefined && !registry.isInsideRun(tracer);
    const options: StartOptions = { type };
    if (above) options.parent = registry.activeBelow(tracer, above) ?? above;
    else if (isRoot) {
      options.parent = this.#options.parent;
      options.trace = this.#traceAttributes(metadata, tags);
    }
    const isNode = parent?.isGraph === true && metadata["langgraph_node"] === started.name;
    const own = isRoot ? { ...this.#options.metadata } : ownMetadata(metadata, parent?.seenMetadata);
    const facts = Object.assign(own, stepOf(tags), isNode ? nodeOf(metadata) : undefined, attributes.metadata);
    const prompt: PromptReference | undefined =
      type === "generation" ? (promptOf(metadata) ?? parent?.prompt) : undefined;
    // It is the next call's and no other's.
    if (type === "generation" && parent) parent.prompt = undefined;
    const name = (isRoot ? this.#options.name : undefined) ?? started.name;
    // Field by field: to spread objects into one costs several times as much, and each run starts here.
    const given: ObservationAttributes = {
      input: attributes.input,
      model: attributes.model,
      provider: attributes.provider,
      modelParameters: attributes.modelParameters,
      prompt,
      link: started.isResume === true ? this.#resumeLink(tracer, metadata) : undefined,
      level: isHidden ? "DEBUG" : undefined,
      metadata: isEmpty(facts) ? undefined : facts,
    };
    if (above || !around) return tracer.startObservation(name, given, options);
    return runInContext(around, () => tracer.startObservation(name, given, options));
  }

  #traceAttributes(metadata: Fields, tags: readonly unknown[]): StartOptions["trace"] {
    const { trace } = this.#options;
    const around = activeContext();
    const hasSession = (around?.trace?.sessionId ?? around?.propagated?.sessionId) !== undefined;
    const own = traceAttributesOf(metadata, tags, hasSession);
    if (!trace) return Object.keys(own).length > 0 ? own : undefined;
    const given = defined<NonNullable<StartOptions["trace"]> & Record<string, unknown>>({ ...trace });
    return {
      ...own,
      ...given,
      ...(own.tags && given.tags && { tags: [...new Set([...given.tags, ...own.tags])] }),
      ...(own.metadata && given.metadata && { metadata: { ...own.metadata, ...given.metadata } }),
    };
  }

  #resumeLink(tracer: Tracer, metadata: Fields): ObservationLink | undefined {
    const threadId = threadOf(metadata);
    const interrupted = threadId === undefined ? undefined : takeInterrupt(tracer, threadId);
    return interrupted && { kind: "resume", ...interrupted };
  }

  /** Ends a run that came to its end. `attributes` are the recorder's from here on. */
  end(run: Run | undefined, attributes: ObservationAttributes): void {
    if (!run) return;
    if (run.isGraph && run.interrupts) {
      this.#endInterrupted(run, attributes);
      return;
    }
    const { failedChildren: recoveredErrors } = run;
    if (recoveredErrors > 0) attributes.metadata = { ...attributes.metadata, recoveredErrors };
    finish(run, attributes);
  }

  /** A graph that waits ends as any other; what it waits for its nodes or LangGraph's lifecycle callback have told. */
  #endInterrupted(run: Run, attributes: ObservationAttributes): void {
    this.tellInterrupt(run, run.interrupts!);
    if (run.threadId !== undefined && run.observation) rememberInterrupt(run.tracer, run.threadId, run.observation);
    finish(run, {
      ...attributes,
      status: "interrupted",
      statusMessage: "waits for input",
      metadata: { ...attributes.metadata, control_flow: "interrupt" },
    });
  }

  /** One event for an interrupt, with what it asks. */
  tellInterrupt(run: Run, interrupts: readonly unknown[], facts?: Record<string, unknown>): void {
    run.interrupts = interrupts;
    if (run.interruptTold) return;
    run.interruptTold = true;
    const output = run.captureOutput && interrupts.length > 0 ? { output: describeValue(interrupts) } : {};
    run.observation?.event("interrupt", { ...output, metadata: facts });
  }

  /** Ends a run with what was thrown, and what had come of it. */
  fail(run: Run | undefined, thrown: unknown, attributes: ObservationAttributes | undefined = {}): void {
    if (!run) return;
    const failure = describeAborted(thrown, run.abortReason);
    noteStepOutput(run, thrown);
    const partial = partialOf(run);
    const { parent } = run;
    if (failure.kind === "error" && parent) parent.failedChildren += 1;
    // A graph whose node timed out says only that it was aborted.
    if (parent && isTimeout(thrown)) parent.abortReason ??= thrown;
    if (failure.kind === "cancelled") endInnerGraphs(run);
    if (failure.kind === "interrupt" && parent) {
      parent.interrupts = [...(parent.interrupts ?? []), ...failure.interrupts];
    }
    const outcome = outcomeOf(failure, run.captureOutput && run.processOutputs === undefined);
    const metadata = { ...partial.metadata, ...attributes.metadata, ...outcome.metadata };
    finish(run, { ...partial, ...attributes, ...outcome, ...(Object.keys(metadata).length > 0 && { metadata }) });
  }

  /** Something visible of a streamed answer. */
  stream(run: Run | undefined, accept: (text: StreamedText, atMs: number) => void): void {
    if (!run || !this.tellsOf(run)) return;
    const atMs = now();
    if (!run.streamed) {
      // LangChain adds Anthropic's counts up, each of which is the count so far.
      run.streamed = new StreamedText({ countsSoFar: run.provider === "anthropic" });
      tellWhenLetGo(run);
    }
    accept(run.streamed, atMs);
    touch(run, atMs);
    keepOpen(run);
  }

  /** Of two recorders of one tracer one is heard of the pieces of a stream. */
  tellsOf(run: Run): boolean {
    return (run.teller ??= this) === this;
  }

  /** An event with a value that was given to the run, or that it gave. */
  note(run: Run, name: string, side: "input" | "output", value: unknown): void {
    const isCaptured = side === "input" ? this.captureInput : this.captureOutput;
    this.event(run, name, isCaptured ? { [side]: describeValue(value) } : {});
  }

  event(run: Run | undefined, name: string, attributes: ObservationAttributes): void {
    if (!run?.observation) return;
    touch(run, now());
    run.observation.event(name, attributes);
  }
}
