import type { Observation, ObservationAttributes, Tracer } from "@spanwise/core";
import { followPromise, isThenable, safely } from "@spanwise/core/adapter";
import { describeError } from "../errors.ts";
import { arrayOf, defined, fieldsOf, stringOf, type Fields } from "../fields.ts";
import { chatCompletions } from "../surfaces/chat.ts";

/** A function call that a model asked for. */
interface AskedCall {
  name: string;
  arguments: string;
  /** Undefined for the legacy `function_call`, which has none. */
  id: string | undefined;
}

type AnyFunction = (...args: unknown[]) => unknown;

export interface ToolLoopOptions {
  /** Whether what a tool was given and returned may be recorded: it is both the model's answer and its next question. */
  captureContent: boolean;
  captureOutput: boolean;
  /** Chat completions after which the runner stops asking. */
  maxTurns: number;
}

/** The record of one run of a tool runner: its umbrella, and a tool observation for each function call. Holds no runner. */
export class ToolLoop {
  readonly #tracer: Tracer;
  readonly #umbrella: Observation;
  readonly #options: ToolLoopOptions;
  /** Of the last assistant message, those that no function was called for yet. */
  #asked: AskedCall[] = [];
  readonly #open = new Set<ToolRun>();
  #lastMessage: Fields | undefined;
  #lastRole: string | undefined;
  #turns = 0;
  #toolCalls = 0;
  #failure: { error: unknown } | undefined;
  #ended = false;

  constructor(tracer: Tracer, umbrella: Observation, options: ToolLoopOptions) {
    this.#tracer = tracer;
    this.#umbrella = umbrella;
    this.#options = options;
  }

  /** The call that the runner is about to make: of two alike the one that was asked for first. */
  take(name: string, args: unknown): AskedCall | undefined {
    const at = this.#asked.findIndex((call) => call.name === name && (args === undefined || call.arguments === args));
    return at < 0 ? undefined : this.#asked.splice(at, 1)[0];
  }

  /** `args`: what the function is given where no call is known that asked for it. */
  startTool(name: string, call: AskedCall | undefined, args?: unknown): ToolRun {
    this.#toolCalls += 1;
    const { captureContent } = this.#options;
    const input = call ? parsedJson(call.arguments) : args;
    const observation = this.#tracer.startObservation(
      name,
      {
        ...(captureContent && input !== undefined && { input }),
        metadata: defined({ tool_call_id: call?.id }),
      },
      { type: "tool", parent: this.#umbrella },
    );
    const run = new ToolRun(this.#tracer, observation, captureContent, () => this.#open.delete(run));
    this.#open.add(run);
    return run;
  }

  /** A message that the runner added to the conversation. */
  onMessage(given: unknown): void {
    const message = fieldsOf(given);
    this.#lastRole = stringOf(message["role"]);
    if (this.#lastRole === "assistant") {
      this.#turns += 1;
      this.#lastMessage = message;
      this.#asked = callsOf(message);
    } else if (this.#lastRole === "tool" || this.#lastRole === "function") {
      this.#onToolMessage(message);
    }
  }

  /** A call that is answered without its function's having been called: the runner refused it. */
  #onToolMessage(message: Fields): void {
    const { tool_call_id: id, name } = message;
    const at = this.#asked.findIndex((call) => (id === undefined ? call.name === name : call.id === id));
    const refused = at < 0 ? undefined : this.#asked.splice(at, 1)[0];
    if (!refused) return;
    this.startTool(refused.name, refused).refuse(stringOf(message["content"]) ?? "the call was refused");
  }

  onFailure(error: unknown): void {
    this.#failure = { error };
  }

  onEnd(): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const run of this.#open) run.cancel();
    const { captureOutput, maxTurns } = this.#options;
    const output = captureOutput && this.#lastMessage ? outputOf(this.#lastMessage) : undefined;
    const known = {
      ...(output !== undefined && { output }),
      metadata: { turns: this.#turns, toolCalls: this.#toolCalls },
    };
    this.#lastMessage = undefined;
    if (this.#failure) {
      const outcome = outcomeOf(this.#failure.error, this.#options.captureContent);
      this.#umbrella.end({ ...known, ...outcome, metadata: { ...known.metadata, ...outcome.metadata } });
      return;
    }
    // The results of the last calls were not shown to the model.
    const isCutShort = this.#turns >= maxTurns && this.#lastRole === "tool";
    this.#umbrella.end({
      ...known,
      ...(isCutShort && {
        level: "WARNING",
        statusMessage: `stopped at maxChatCompletions (${maxTurns}) with tool results that the model has not seen`,
      }),
    });
  }
}

/** One call of a tool's function: from the parsing of its arguments to its result. */
export class ToolRun {
  readonly #tracer: Tracer;
  readonly #observation: Observation;
  readonly #captureContent: boolean;
  readonly #onEnd: () => void;
  #ended = false;

  constructor(tracer: Tracer, observation: Observation, captureContent: boolean, onEnd: () => void) {
    this.#tracer = tracer;
    this.#observation = observation;
    this.#captureContent = captureContent;
    this.#onEnd = onEnd;
  }

  /** Calls `fn` with the observation active, so that what it starts is nested under it. A failure ends the observation. */
  call(fn: AnyFunction, self: unknown, args: unknown[], onResult: (value: unknown) => void): unknown {
    const onError = (error: unknown): void => {
      safely("tool observer", () => this.#fail(error));
    };
    let result: unknown;
    try {
      result = this.#tracer.runWithObservation(this.#observation, () =>
        Reflect.apply<unknown, unknown[], unknown>(fn, self, args),
      );
    } catch (error) {
      onError(error);
      throw error;
    }
    if (safely("tool observer", () => isThenable(result))) {
      // The runner awaits it, and nobody else gets it.
      return followPromise(Promise.resolve(result), { onResult, onError });
    }
    safely("tool observer", () => onResult(result));
    return result;
  }

  succeed(result: unknown): void {
    this.#end(this.#captureContent && result !== undefined ? { output: result } : {});
  }

  /** The runner answered the model without calling the function. */
  refuse(reason: string): void {
    const statusMessage = this.#captureContent ? reason : "the runner refused the call";
    this.#end({ status: "error", level: "ERROR", statusMessage });
  }

  cancel(): void {
    this.#end({ status: "cancelled", level: "WARNING", statusMessage: "the run ended before the function was called" });
  }

  #fail(error: unknown): void {
    this.#end(outcomeOf(error, this.#captureContent));
  }

  #end(attributes: ObservationAttributes): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#observation.end(attributes);
    this.#onEnd();
  }
}

/** What a tool's own error says may quote what it was given, as that of `JSON.parse` does. */
function outcomeOf(error: unknown, captureContent: boolean): ObservationAttributes {
  const { aborted, message, metadata } = describeError(error);
  const isOfTool = !aborted && metadata["httpStatus"] === undefined;
  return {
    ...(aborted ? { status: "cancelled", level: "WARNING" } : { status: "error", level: "ERROR" }),
    statusMessage: captureContent || !isOfTool ? message : (stringOf(fieldsOf(metadata["error"])["name"]) ?? "Error"),
    metadata,
  };
}

function callsOf(message: Fields): AskedCall[] {
  const calls = arrayOf(message["tool_calls"])
    .map(fieldsOf)
    .filter(({ type }) => type === "function")
    .map((call) => askedCall(call["function"], stringOf(call["id"])));
  const legacy = message["function_call"] ? [askedCall(message["function_call"], undefined)] : [];
  return [...calls, ...legacy];
}

function askedCall(given: unknown, id: string | undefined): AskedCall {
  const { name, arguments: args } = fieldsOf(given);
  return { name: stringOf(name) ?? "", arguments: stringOf(args) ?? "", id };
}

/** As the generation of the last turn records it. */
function outputOf(message: Fields): unknown {
  return chatCompletions.describeResult({ choices: [{ message }] }).output;
}

/** A model may write arguments that are no JSON: then the text. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
