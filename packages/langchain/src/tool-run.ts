import { nameOfRun } from "./chain-kind.ts";
import { droppedOf, keepOpen, tellWhenLetGo } from "./partial.ts";
import { defined, textOf } from "./fields.ts";
import { isMessage } from "./messages.ts";
import type { Recorder } from "./recorder.ts";
import type { Run } from "./run.ts";
import { noteStepOutput } from "./sequence-output.ts";
import type { StartCallback } from "./start-callback.ts";
import { describeToolInput, describeToolOutput, describeValue } from "./values.ts";

/** Values of a streaming tool that are kept as its output; `droppedChunks` in the metadata counts the rest. */
const MAX_CHUNKS = 1_000;

export function startTool(recorder: Recorder, start: StartCallback, toolCallId: unknown): void {
  recorder.start(start, {
    type: "tool",
    name: nameOfRun(start.runName, start.serialized, "tool"),
    attributes: {
      input: recorder.captureInput ? describeToolInput(start.input) : undefined,
      metadata: textOf(toolCallId) === undefined ? undefined : { tool_call_id: toolCallId },
    },
  });
}

/** A value that a streaming tool yields: an event, and a part of the output, which LangChain tells as `undefined`. */
export function addToolChunk(recorder: Recorder, run: Run, chunk: unknown): void {
  if (!recorder.tellsOf(run)) return;
  const output = describeValue(chunk);
  if (!run.yielded) {
    run.yielded = { kept: [], dropped: 0 };
    tellWhenLetGo(run);
  }
  const { yielded } = run;
  if (yielded.kept.length < MAX_CHUNKS) yielded.kept.push(copyOf(output));
  else yielded.dropped += 1;
  keepOpen(run);
  recorder.note(run, "tool event", "output", output);
}

export function endTool(recorder: Recorder, run: Run, output: unknown): void {
  noteStepOutput(run, output);
  const given = output ?? run.yielded?.kept;
  const message = isMessage(output) ? output : undefined;
  const failed = message?.["status"] === "error";
  recorder.end(run, {
    output: run.captureOutput && given !== undefined ? describeToolOutput(given) : undefined,
    ...(failed && { level: "ERROR", statusMessage: failureText(run, message) }),
    metadata: defined({
      tool_call_id: textOf(message?.["tool_call_id"]),
      droppedChunks: droppedOf(run.yielded),
    }),
  });
}

/** What the tool says to the model is an output. */
function failureText(run: Run, message: { readonly content: unknown } | undefined): string {
  return (run.captureOutput ? textOf(message?.content) : undefined) ?? "the tool failed";
}

/** As it is now: the tool may go on with the object. */
function copyOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  try {
    return structuredClone(value);
  } catch {
    return "[a value that cannot be copied]";
  }
}
