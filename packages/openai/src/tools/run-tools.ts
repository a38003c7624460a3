import type { Observation, Tracer } from "@spanwise/core";
import { claimedObservation, getTracer, overrideMethod, safely } from "@spanwise/core/adapter";
import { describeError } from "../errors.ts";
import { fieldsOf } from "../fields.ts";
import type { ObserveOpenAIOptions } from "../options.ts";
import { observeTools } from "./observe-tools.ts";
import { ToolLoop } from "./tool-loop.ts";

/** Methods that run a loop of chat completions and function calls by themselves, and the names of their umbrellas. */
export const TOOL_LOOPS: ReadonlyMap<string, string> = new Map(
  ["chat.completions", "beta.chat.completions"].flatMap((place) =>
    ["runTools", "runFunctions"].map((method): [string, string] => [
      `${place}.${method}`,
      `chat.completions.${method}`,
    ]),
  ),
);

/** openai's own default. */
const DEFAULT_MAX_TURNS = 10;

/**
 * Calls `method` for a resource whose chat completions are recorded with the options that it is asked with.
 * `args`: the caller's, or others in their place.
 */
export type CallWith = (options: ObserveOpenAIOptions, args: readonly unknown[]) => unknown;

/**
 * Runs a tool runner under an umbrella observation: its turns become generations under it, each function call a tool
 * observation with its arguments, result or error. The runner that is returned is the client's own.
 */
export function runToolsObserved(
  name: string,
  callWith: CallWith,
  args: readonly unknown[],
  options: ObserveOpenAIOptions,
): unknown {
  const started = safely("start of a tool loop", () => start(name, args, options));
  if (!started) return callWith(options, args);
  const { tracer, umbrella, turnOptions, loop } = started;
  // Without a record there is only the decision not to record, which what happens inside follows.
  const sent = loop ? (safely("tool loop", () => observedArguments(args, loop)) ?? args) : args;
  let runner: unknown;
  try {
    runner = tracer.runWithObservation(umbrella, () => callWith(turnOptions, sent));
  } catch (error) {
    const { message, metadata } = describeError(error);
    safely("tool loop", () => umbrella.end({ level: "ERROR", statusMessage: message, metadata }));
    throw error;
  }
  if (!loop || !safely("tool loop", () => listen(runner, loop))) umbrella.end();
  return runner;
}

interface Started {
  tracer: Tracer;
  umbrella: Observation;
  turnOptions: ObserveOpenAIOptions;
  loop: ToolLoop | undefined;
}

/** Undefined where no umbrella is to be made: tracing is off, or an outer adapter records the call. */
function start(
  name: string,
  [body, runnerOptions]: readonly unknown[],
  options: ObserveOpenAIOptions,
): Started | undefined {
  const tracer = options.tracer ?? getTracer();
  const { parent, trace, metadata, captureInput = true, captureOutput = true } = options;
  if (!tracer.enabled || (parent === undefined && claimedObservation(tracer))) return undefined;
  const { messages } = fieldsOf(body);
  const umbrella = tracer.startObservation(
    options.name ?? name,
    { ...(captureInput && messages !== undefined && { input: messages }), ...(metadata && { metadata }) },
    { type: "agent", parent, trace },
  );
  const { maxChatCompletions } = fieldsOf(runnerOptions);
  const loop = umbrella.recording
    ? new ToolLoop(tracer, umbrella, {
        captureContent: captureInput && captureOutput,
        captureOutput,
        maxTurns: typeof maxChatCompletions === "number" ? maxChatCompletions : DEFAULT_MAX_TURNS,
      })
    : undefined;
  // The umbrella has the caller's name. Its turns are found without a context too, which not every runtime keeps.
  const turnOptions = { ...options, tracer, parent: umbrella, name: undefined, trace: undefined };
  return { tracer, umbrella, turnOptions, loop };
}

function observedArguments([body, ...rest]: readonly unknown[], loop: ToolLoop): readonly unknown[] {
  return typeof body === "object" && body !== null ? [observeTools(body, loop), ...rest] : [body, ...rest];
}

/**
 * Hears what the runner tells its listeners, without being one: a listener of `error` or `abort` would take an unhandled
 * rejection away. False for an object that does not tell.
 */
function listen(runner: unknown, loop: ToolLoop): boolean {
  if (typeof runner !== "object" || runner === null) return false;
  const { _emit: emit } = runner as { _emit?: unknown };
  if (typeof emit !== "function") return false;
  return overrideMethod(runner, "_emit", function (this: unknown, ...args: unknown[]): unknown {
    safely("tool loop", () => onEvent(loop, args));
    return Reflect.apply(emit, this, args);
  });
}

function onEvent(loop: ToolLoop, [event, value]: unknown[]): void {
  if (event === "message") loop.onMessage(value);
  else if (event === "error" || event === "abort") loop.onFailure(value);
  else if (event === "end") loop.onEnd();
}
