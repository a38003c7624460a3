import { nameOfRun } from "./chain-kind.ts";
import { arrayOf } from "./fields.ts";
import type { Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";
import { noteStepOutput } from "./sequence-output.ts";
import type { StartCallback } from "./start-callback.ts";
import { describeValue } from "./values.ts";

export function startRetriever(recorder: Recorder, start: StartCallback): void {
  const { input, runName, serialized } = start;
  const attributes = { input: recorder.captureInput ? input : undefined };
  const type = "retriever";
  recorder.start(start, { type, name: nameOfRun(runName, serialized, type), attributes, enters: "context" });
}

export function endRetriever(recorder: Recorder, run: Run, documents: unknown): void {
  noteStepOutput(run, documents);
  recorder.end(run, {
    ...(run.captureOutput && { output: describeValue(documents) }),
    metadata: { documents: arrayOf(documents).length },
  });
}
