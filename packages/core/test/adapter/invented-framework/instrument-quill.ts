import * as kit from "@spanwise/core/adapter";
import type { Quill, QuillHooks, QuillReply } from "./quill.ts";

/** A stream may go on for hours. */
const MAX_OUTPUT_CHARS = 1_000_000;

/** Observes the steps and the model calls of `quill`. Returns the undo. */
export function instrumentQuill(quill: Quill): () => void {
  const runs = new kit.RunMap<kit.Observation>({ onEvict: (run) => run.end({ status: "incomplete" }) });
  const hooks: QuillHooks = {
    onStepStart: ({ id, parentId, kind, name, input }) =>
      kit.safely("quill step", () => {
        const parent = parentId === undefined ? undefined : runs.get(parentId);
        const type = kind === "tool" ? "tool" : "chain";
        runs.set(id, kit.getTracer().startObservation(name, { input }, { type, parent }));
      }),
    onStepEnd: (id, output) => runs.take(id)?.end({ output }),
    onStepError: (id, error) => kit.endWithError(runs.take(id), error),
  };
  quill.hooks.add(hooks);

  const { generate } = quill.model;
  quill.model.generate = (request) => {
    const tracer = kit.getTracer();
    // An adapter around this one may have claimed the call: then it is recorded already.
    if (!tracer.enabled || kit.claimedObservation(tracer)) return generate(request);
    const { model, prompt: input, stepId } = request;
    const parent = stepId === undefined ? undefined : runs.get(stepId);
    const run = tracer.startObservation("quill.generate", { model, input }, { type: "generation", parent });
    return kit.followPromise(
      kit.runWithClaim(tracer, run, () => generate(request)),
      { onResult: (reply) => endWithReply(run, reply), onError: (error) => kit.endWithError(run, error) },
    );
  };

  return () => {
    quill.hooks.delete(hooks);
    quill.model.generate = generate;
  };
}

function endWithReply(run: kit.Observation, { text, usage, chunks }: QuillReply): void {
  const usageDetails = kit.normalizeUsage(usage)?.usageDetails;
  if (!chunks) return run.end({ output: text, usageDetails });
  let output = "";
  kit.tapAsyncIterable<string>(chunks, {
    onItem: (chunk) => void (output = (output + chunk).slice(0, MAX_OUTPUT_CHARS)),
    onEnd: (reason, error) => {
      if (reason === "error") kit.endWithError(run, error);
      else run.end({ output, usageDetails, ...(reason !== "done" && { status: "cancelled" as const }) });
    },
  });
}
