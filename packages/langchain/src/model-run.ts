import { nameOfRun } from "./chain-kind.ts";
import { arrayOf, fieldsOf, isFields } from "./fields.ts";
import { describeModelRequest, describeModelResult } from "./model-call.ts";
import type { Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";
import { noteStepOutput } from "./sequence-output.ts";
import type { StartCallback } from "./start-callback.ts";

/** Some models do more after their last token, such as counting: an end so long after it is not the model's. */
const LATE_END_MS = 1_000;

/** Chat models, with their messages, and text models, with their prompt. */
export function startModel(recorder: Recorder, start: StartCallback, extraParams: unknown): void {
  const { serialized, input, runName, metadata } = start;
  const { signal } = fieldsOf(fieldsOf(extraParams)["options"]);
  recorder.start(start, {
    type: "generation",
    name: nameOfRun(runName, serialized, "model"),
    attributes: describeModelRequest(serialized, input, extraParams, metadata, recorder.captureInput),
    enters: "claim",
    call: isFields(extraParams) ? extraParams : undefined,
    signal: typeof AbortSignal !== "undefined" && signal instanceof AbortSignal ? signal : undefined,
  });
}

export function endModel(recorder: Recorder, run: Run, result: unknown, isCached: boolean): void {
  const { streamed, captureOutput } = run;
  const { message, text } = fieldsOf(arrayOf(arrayOf(fieldsOf(result)["generations"])[0])[0]);
  noteStepOutput(run, message ?? text);
  const described = describeModelResult(result, {
    isCached,
    captureOutput,
    countedTwice: streamed && ((tokens) => streamed.usage.countedTwice(tokens)),
  });
  // LangChain tells an answer out of the cache as one token.
  const { firstMs, lastMs, quietMs = 0 } = isCached ? {} : (streamed ?? {});
  const isLate = lastMs !== undefined && quietMs > LATE_END_MS;
  if (firstMs !== undefined) described.completionStartTime = firstMs;
  if (isLate) described.metadata = { ...described.metadata, lastTokenTime: new Date(lastMs).toISOString() };
  recorder.end(run, described);
}
