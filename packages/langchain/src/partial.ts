import type { ObservationAttributes } from "@spanwise/core";
import { whenLetGo } from "@spanwise/core/adapter";
import { defined, isEmpty } from "./fields.ts";
import { tokensOf } from "./model-call.ts";
import type { Run, YieldedValues } from "./run.ts";

/** A stream that goes on says so to the tracer this often: it is not to be let go of for its age (`maxOpenMs`). */
const KEEP_OPEN_EVERY_MS = 250;
const NOTHING: ObservationAttributes = Object.freeze({});

type Part = Pick<Run, "streamed" | "yielded" | "captureOutput">;

/** What is known of a run that has not ended well: the streamed answer so far, or what a tool has yielded. */
export function partialOf({ streamed, yielded, captureOutput }: Part): ObservationAttributes {
  const output = streamed?.describe() ?? (yielded && [...yielded.kept]);
  const usage = tokensOf(streamed?.usage.describe());
  const metadata = defined({
    cutChars: streamed?.cutChars,
    usage: usage?.raw,
    usageFlags: usage?.flags,
    droppedChunks: droppedOf(yielded),
  });
  return {
    ...(captureOutput && output !== undefined && { output }),
    ...(streamed?.firstMs !== undefined && { completionStartTime: streamed.firstMs }),
    ...(usage && { usageDetails: usage.usageDetails, costDetails: usage.costDetails }),
    ...(!isEmpty(metadata) && { metadata }),
  };
}

/** For the metadata. */
export function droppedOf(yielded: YieldedValues | undefined): number | undefined {
  return yielded && yielded.dropped > 0 ? yielded.dropped : undefined;
}

/**
 * Has the tracer ask for {@link partialOf} should the process end first. Told with the first piece, after an adapter of the client
 * below, since the last one that was given counts. It refers to what has come alone: a run refers to LangChain's signal.
 */
export function tellWhenLetGo({ observation, isHidden, streamed, yielded, captureOutput }: Run): void {
  if (!observation || isHidden) return;
  const part: Part = { streamed, yielded, captureOutput };
  whenLetGo(observation, () => partialOf(part));
}

export function keepOpen(run: Run): void {
  const at = performance.now();
  if (at - run.keptOpenAt < KEEP_OPEN_EVERY_MS) return;
  run.keptOpenAt = at;
  run.observation?.update(NOTHING);
}
