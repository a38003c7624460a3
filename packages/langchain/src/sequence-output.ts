import type { Run } from "./run.ts";

/** What the last step of a sequence gave or threw. Objects are held weakly: they are the application's. */
export type StepOutput = { readonly ref: WeakRef<object> } | { readonly value: unknown };

/** Told at the end of each step. */
export function noteStepOutput({ parent }: Run, output: unknown): void {
  if (parent?.isSequence !== true) return;
  parent.stepOutput = typeof output === "object" && output !== null ? { ref: new WeakRef(output) } : { value: output };
}

/** What the step before this one gave, where this one has not ended yet: the steps of a stream end one after the other. */
export function outputBefore({ parent }: Run): unknown {
  return parent?.isSequence === true ? valueOf(parent.stepOutput) : undefined;
}

function valueOf(output: StepOutput | undefined): unknown {
  if (!output) return undefined;
  return "ref" in output ? output.ref.deref() : output.value;
}

/**
 * `batch` of 0.3 tells each run of a sequence the outputs of all of them, errors among them: its own is what its last step
 * gave. Fallbacks that are streamed are told without what they gave. Any other output is the run's own.
 */
export function ownOutput({ isSequence, stepOutput }: Run, output: unknown): unknown {
  if (!isSequence || !stepOutput) return output;
  const last = valueOf(stepOutput);
  if (output === undefined) return last instanceof Error ? undefined : last;
  if (!Array.isArray(output)) return output;
  return last !== undefined && last !== output && output.includes(last) ? last : output;
}
