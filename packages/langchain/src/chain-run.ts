import { chainType, classOf, isGraphClass, reactAgentAround } from "./chain-kind.ts";
import { fieldsOf, firstText, isFields } from "./fields.ts";
import { isMessage } from "./messages.ts";
import type { Recorder } from "./recorder.ts";
import type { ProcessOutputs, Run } from "./run.ts";
import { noteStepOutput, outputBefore, ownOutput } from "./sequence-output.ts";
import type { StartCallback } from "./start-callback.ts";
import { describeValue, unwrap } from "./values.ts";

/** What a graph node says of how its values are to be shown. */
const TRACE_POLICY = Symbol.for("langchain.trace_policy");

/** Chains, graphs, nodes, agents, prompts, parsers: whatever is a runnable and nothing else. */
export function startChain(recorder: Recorder, start: StartCallback, extra: unknown): void {
  const { serialized, input: inputs, runName, metadata, parentRunId } = start;
  const className = classOf(serialized);
  const type = chainType(className, metadata);
  const policy = fieldsOf((extra as { [TRACE_POLICY]?: unknown } | undefined)?.[TRACE_POLICY]);
  const processOutputs = policy["processOutputs"];
  const input = recorder.captureInput ? shown(inputs, policy["processInputs"], "input") : undefined;
  const name = firstText(runName, type === "agent" ? metadata["lc_agent_name"] : undefined, className) ?? "chain";
  reactAgentAround(recorder, parentRunId, name, className)?.observation?.update({ type: "agent" });
  recorder.start(start, {
    type,
    name,
    attributes: { input },
    isGraph: isGraphClass(className),
    isSequence:
      className === "RunnableWithFallbacks" ||
      (className === "RunnableSequence" && metadata["langgraph_node"] !== name),
    // A sequence's later steps start before there is anything to give them; 0.3 does not say so.
    defersInput: fieldsOf(extra)["lc_defers_inputs"] === true || fieldsOf(inputs)["input"] === "",
    isResume: isGraphClass(className) && isResume(inputs),
    processOutputs: typeof processOutputs === "function" ? (processOutputs as ProcessOutputs) : undefined,
    captureInput: recorder.captureInput && typeof policy["processInputs"] !== "function",
  });
}

export function endChain(recorder: Recorder, run: Run, outputs: unknown, lateInputs: unknown): void {
  const given = unwrap(outputs, "output");
  const output = ownOutput(run, given);
  const late = lateInput(run, lateInputs);
  noteStepOutput(run, output);
  // `batch` with `returnExceptions` gives an error as the output of a run that failed.
  if (output instanceof Error) {
    failChain(recorder, run, output, lateInputs);
    return;
  }
  const value = run.captureOutput
    ? shown(output === given ? outputs : output, run.processOutputs, "output")
    : undefined;
  recorder.end(run, { ...late, output: value });
}

export function failChain(recorder: Recorder, run: Run | undefined, error: unknown, lateInputs: unknown): void {
  recorder.fail(run, error, run && lateInput(run, lateInputs));
}

/**
 * What a streamed step was given in the end. Any other input is what it was at the start, and not what became of it. Of a
 * message that came in pieces some parsers tell only the last, which is empty: the model has told it whole.
 */
function lateInput(run: Run, inputs: unknown): { input?: unknown } {
  if (!run.defersInput || !run.captureInput || inputs === undefined) return {};
  const told = unwrap(inputs, "input");
  const before = isMessage(told) ? outputBefore(run) : undefined;
  return { input: describeValue(isMessage(before) ? before : told) };
}

/** As the policy of a graph node wants it shown, or nothing where the policy fails. */
function shown(value: unknown, process: unknown, key: "input" | "output"): unknown {
  if (typeof process !== "function") return describeValue(unwrap(value, key));
  try {
    const processed: unknown = (process as ProcessOutputs)(value);
    const isPromise = isFields(processed) && typeof processed["then"] === "function";
    return isPromise ? undefined : describeValue(unwrap(processed, key));
  } catch {
    // The developer asked for something to be left out, and we cannot tell what.
    return undefined;
  }
}

/** A graph goes on with a `Command`, or with nothing at all after a static interrupt. */
function isResume(inputs: unknown): boolean {
  const given = unwrap(inputs, "input");
  return given === null || given === undefined || fieldsOf(given)["resume"] !== undefined;
}
