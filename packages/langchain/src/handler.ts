import { safely } from "@spanwise/core/adapter";
import { startFollowingPromises } from "./ambient.ts";
import { endChain, failChain, startChain } from "./chain-run.ts";
import { arrayOf, defined, fieldsOf, textOf } from "./fields.ts";
import { followLangChainContext } from "./langchain-context.ts";
import { endModel, startModel } from "./model-run.ts";
import type { CallbackHandlerOptions, GlobalHandlerOptions } from "./options.ts";
import { Recorder } from "./recorder.ts";
import { registerGlobally } from "./register.ts";
import { registry, type RunStats } from "./registry.ts";
import { endRetriever, startRetriever } from "./retriever-run.ts";
import type { Run } from "./run.ts";
import { startCallback, type StartCallback } from "./start-callback.ts";
import { addToolChunk, endTool, startTool } from "./tool-run.ts";

/** LangGraph 1.7 and later tells a handler with this mark of interrupts and resumes. */
const GRAPH_HANDLER = Symbol.for("langgraph.graph_callback_handler");

/** Every handler of ours has this name, so that a process-wide one does not join an explicit one. */
export const HANDLER_NAME = "spanwise_callback_handler";

/**
 * Records what LangChain and LangGraph run: chains, graphs and their nodes, agents, model calls, tools and retrievers, each
 * as an observation under the one that started it. Give it to `callbacks` of a call or of a runnable, or to every run of the
 * process with {@link CallbackHandler.registerGlobally}. One handler serves any number of runs at a time; given at two levels,
 * or beside another one of the same tracer, a run is recorded once.
 *
 * Works with `@langchain/core` 0.3 and 1.x and any number of copies of it. It never changes what a run does: it waits for
 * nothing, asks for no streaming, and throws nothing.
 *
 * @example
 * const handler = new CallbackHandler({ trace: { userId: "u-1" } });
 * await chain.invoke({ question }, { callbacks: [handler] });
 */
export class CallbackHandler {
  readonly name: string = HANDLER_NAME;
  /** LangChain calls at once, in the caller's context and before anything can change; in the background it would do neither. */
  readonly awaitHandlers: boolean = true;
  readonly raiseError: boolean = false;
  readonly ignoreLLM: boolean = false;
  readonly ignoreChain: boolean = false;
  readonly ignoreAgent: boolean = false;
  readonly ignoreRetriever: boolean = false;
  readonly ignoreCustomEvent: boolean = false;
  readonly [GRAPH_HANDLER]: boolean = true;
  readonly #recorder: Recorder;
  /**
   * LangChain's manager calls: it keeps the list of tags for as long as it can tell of the run, and awaits before it goes on.
   * Others who call the methods may do neither.
   */
  #isFromManager = false;

  constructor(options: CallbackHandlerOptions = {}) {
    this.#recorder = new Recorder({ ...options });
    safely("CallbackHandler", startFollowingPromises);
    safely("CallbackHandler", followLangChainContext);
  }

  /**
   * Records every run of the process, also those of servers that listen already and of code that was given no callbacks. A run
   * that has a handler of ours in its callbacks is left to that one. Returns the undo.
   */
  static registerGlobally({ callbackManagers, ...options }: GlobalHandlerOptions = {}): () => void {
    return registerGlobally(new CallbackHandler(options), callbackManagers);
  }

  /** What the handlers of this process hold, and what they gave up. */
  static stats(): RunStats {
    return registry.stats;
  }

  /** LangChain's way to tell a handler from a list of methods. */
  copy(): this {
    return this;
  }

  handleChainStart(
    serialized: unknown,
    inputs: unknown,
    runId: string,
    // LangChain's declaration of what follows is wrong: this is how it is called, in 0.3 as in 1.x.
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    _runType?: string,
    runName?: string,
    extra?: Record<string, unknown>,
  ): void {
    this.#start(serialized, inputs, runId, parentRunId, tags, metadata, runName, (start) =>
      startChain(this.#recorder, start, extra),
    );
  }

  handleChainEnd(
    outputs: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    kwargs?: { inputs?: unknown },
  ): void {
    this.#end(runId, (run) => endChain(this.#recorder, run, outputs, kwargs?.inputs));
  }

  handleChainError(
    error: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    kwargs?: { inputs?: unknown },
  ): void {
    this.#end(runId, (run) => failChain(this.#recorder, run, error, kwargs?.inputs));
  }

  handleChatModelStart(
    serialized: unknown,
    messages: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Record<string, unknown>,
    tags?: string[],
    metadata?: Record<string, unknown>,
    runName?: string,
  ): void {
    this.#start(serialized, messages, runId, parentRunId, tags, metadata, runName, (start) =>
      startModel(this.#recorder, start, extraParams),
    );
  }

  handleLLMStart(
    serialized: unknown,
    prompts: unknown,
    runId: string,
    parentRunId?: string,
    extraParams?: Record<string, unknown>,
    tags?: string[],
    metadata?: Record<string, unknown>,
    runName?: string,
  ): void {
    this.handleChatModelStart(serialized, prompts, runId, parentRunId, extraParams, tags, metadata, runName);
  }

  handleLLMNewToken(
    token: string,
    index: { completion?: number } | undefined,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    fields?: { chunk?: unknown },
  ): void {
    // Of several choices the first is followed.
    if ((index?.completion ?? 0) > 0) return;
    this.#tell(runId, (run) =>
      this.#recorder.stream(run, (text, atMs) => text.acceptToken(token, fields?.chunk, atMs)),
    );
  }

  handleChatModelStreamEvent(event: unknown, runId: string): void {
    this.#tell(runId, (run) => this.#recorder.stream(run, (text, atMs) => text.acceptEvent(event, atMs)));
  }

  handleLLMEnd(
    result: unknown,
    runId: string,
    _parentRunId?: string,
    _tags?: string[],
    extra?: Record<string, unknown>,
  ): void {
    this.#end(runId, (run) => endModel(this.#recorder, run, result, extra?.["cached"] === true));
  }

  handleLLMError(error: unknown, runId: string): void {
    this.#end(runId, (run) => this.#recorder.fail(run, error));
  }

  handleToolStart(
    serialized: unknown,
    input: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    runName?: string,
    toolCallId?: string,
  ): void {
    this.#start(serialized, input, runId, parentRunId, tags, metadata, runName, (start) =>
      startTool(this.#recorder, start, toolCallId),
    );
  }

  handleToolEvent(chunk: unknown, runId: string): void {
    this.#tell(runId, (run) => addToolChunk(this.#recorder, run, chunk));
  }

  handleToolEnd(output: unknown, runId: string): void {
    this.#end(runId, (run) => endTool(this.#recorder, run, output));
  }

  handleToolError(error: unknown, runId: string): void {
    this.#end(runId, (run) => this.#recorder.fail(run, error));
  }

  handleRetrieverStart(
    serialized: unknown,
    query: unknown,
    runId: string,
    parentRunId?: string,
    tags?: string[],
    metadata?: Record<string, unknown>,
    runName?: string,
  ): void {
    this.#start(serialized, query, runId, parentRunId, tags, metadata, runName, (start) =>
      startRetriever(this.#recorder, start),
    );
  }

  handleRetrieverEnd(documents: unknown, runId: string): void {
    this.#end(runId, (run) => endRetriever(this.#recorder, run, documents));
  }

  handleRetrieverError(error: unknown, runId: string): void {
    this.#end(runId, (run) => this.#recorder.fail(run, error));
  }

  /** Tells of the executor's own run: a step it decided on, no run of its own. */
  handleAgentAction(action: unknown, runId: string): void {
    this.#note(runId, `agent action: ${textOf(fieldsOf(action)["tool"]) ?? "unknown"}`, "input", action);
  }

  handleAgentEnd(finish: unknown, runId: string): void {
    this.#note(runId, "agent finish", "output", fieldsOf(finish)["returnValues"] ?? finish);
  }

  handleText(text: unknown, runId: string): void {
    this.#note(runId, "text", "input", text);
  }

  handleCustomEvent(name: string, data: unknown, runId: string): void {
    this.#note(runId, textOf(name) ?? "custom event", "input", data);
  }

  handleInterrupt(event: unknown): void {
    const { runId, interrupts, checkpointId } = fieldsOf(event);
    const facts = defined({ checkpointId: textOf(checkpointId) });
    this.#tell(runId, (run) => this.#recorder.tellInterrupt(run, arrayOf(interrupts), facts));
  }

  handleResume(event: unknown): void {
    const { runId, checkpointId } = fieldsOf(event);
    const metadata = defined({ checkpointId: textOf(checkpointId) });
    this.#tell(runId, (run) => this.#recorder.event(run, "resume", { metadata }));
  }

  /** Nothing is described of a run that is known already, or that nobody would record. */
  #start(
    serialized: unknown,
    input: unknown,
    runId: string,
    parentRunId: string | undefined,
    tags: unknown,
    metadata: Record<string, unknown> | undefined,
    runName: unknown,
    begin: (start: StartCallback) => void,
  ): void {
    safely("the start of a run", () => {
      if (!this.#recorder.isNew(runId)) return;
      const isFromManager = this.#isFromManager;
      begin(startCallback(serialized, input, runId, parentRunId, tags, metadata, runName, isFromManager));
    });
  }

  /** Whatever is told of a run after its start. */
  #tell(runId: unknown, tell: (run: Run) => void): void {
    safely("an event of a run", () => {
      const run = typeof runId === "string" ? this.#recorder.find(runId) : undefined;
      if (run) tell(run);
    });
  }

  /** However odd what came of it is, a run ends. */
  #end(runId: string, end: (run: Run) => void): void {
    this.#tell(runId, (run) => {
      safely("the end of a run", () => end(run));
      if (!run.ended) this.#recorder.end(run, {});
    });
  }

  #note(runId: string, name: string, side: "input" | "output", value: unknown): void {
    this.#tell(runId, (run) => this.#recorder.note(run, name, side, value));
  }

  // What follows marks the handler as a tracer for LangChain's callback manager: it then tells of a start synchronously, in
  // the caller's own context, with the input untouched, even where callbacks are set to run in the background. The public
  // methods above do the same where a version does not; a run that is known is not started twice.

  _addRunToRunMap(): void {}

  _createRunForChainStart(...args: Parameters<CallbackHandler["handleChainStart"]>): void {
    this.#fromManager(() => this.handleChainStart(...args));
  }

  _createRunForChatModelStart(...args: Parameters<CallbackHandler["handleChatModelStart"]>): void {
    this.#fromManager(() => this.handleChatModelStart(...args));
  }

  _createRunForLLMStart(...args: Parameters<CallbackHandler["handleLLMStart"]>): void {
    this.#fromManager(() => this.handleLLMStart(...args));
  }

  _createRunForToolStart(...args: Parameters<CallbackHandler["handleToolStart"]>): void {
    this.#fromManager(() => this.handleToolStart(...args));
  }

  _createRunForRetrieverStart(...args: Parameters<CallbackHandler["handleRetrieverStart"]>): void {
    this.#fromManager(() => this.handleRetrieverStart(...args));
  }

  #fromManager(start: () => void): void {
    this.#isFromManager = true;
    start();
    this.#isFromManager = false;
  }
}
