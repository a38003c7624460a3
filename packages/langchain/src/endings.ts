import type { ObservationAttributes } from "@spanwise/core";
import { now, safely, setQuietTimeout } from "@spanwise/core/adapter";
import type { Failure } from "./errors.ts";
import { partialOf } from "./partial.ts";
import { registry } from "./registry.ts";
import type { Run } from "./run.ts";
import { describeValue } from "./values.ts";

/** How long after an abort the end of a model call or of a graph inside a node may take before it is ended as cancelled. */
const ABORT_GRACE_MS = 1_000;

registry.onAbandoned = (run) => endAbandoned(run);

/** A child's event is a sign of life of all above it. */
export function touch(run: Run, atMs: number): void {
  for (let at: Run | undefined = run; at; at = at.parent) at.lastEventMs = Math.max(at.lastEventMs, atMs);
}

export function finish(run: Run, attributes: ObservationAttributes, endTime?: number): void {
  if (run.ended) return;
  run.ended = true;
  run.stopWatching?.();
  touch(run, now());
  registry.remove(run);
  if (!run.isHidden) run.observation?.end(attributes, endTime === undefined ? undefined : { endTime });
}

export function outcomeOf(failure: Failure, captureOutput: boolean): ObservationAttributes {
  switch (failure.kind) {
    case "error":
      return { level: "ERROR", statusMessage: failure.message, metadata: failure.metadata };
    case "cancelled":
      return { status: "cancelled", level: "WARNING", statusMessage: failure.message };
    case "interrupt":
      return {
        status: "interrupted",
        statusMessage: "waits for input",
        metadata: {
          control_flow: "interrupt",
          ...(captureOutput && { interrupts: describeValue(failure.interrupts) }),
        },
      };
    case "handoff":
      return {
        ...(captureOutput && failure.command !== undefined && { output: describeValue(failure.command) }),
        metadata: { control_flow: "parent-command" },
      };
  }
}

/** A run whose end nobody told: a bound was reached, or LangChain let go of it, as it does with a stream that is broken off. */
function endAbandoned(run: Run): void {
  if (run.ended) return;
  run.ended = true;
  run.stopWatching?.();
  if (run.isHidden) return;
  const isStream = run.streamed !== undefined || run.wasAborted;
  if (isStream) for (let at = run.parent; at; at = at.parent) at.wasAborted = true;
  safely("ending an abandoned run", () =>
    run.observation?.end(
      {
        ...partialOf(run),
        status: isStream ? "cancelled" : "incomplete",
        level: "WARNING",
        statusMessage: isStream ? "the stream was broken off" : "no end was told",
      },
      { endTime: run.lastEventMs },
    ),
  );
}

/** LangChain tells nothing of the end of a stream that is aborted. */
export function watchAbort(run: Run, signal: AbortSignal): () => void {
  const onAbort = (): void => {
    const abortedAtMs = now();
    for (let at: Run | undefined = run; at; at = at.parent) at.abortReason ??= signal.reason;
    setQuietTimeout(() => {
      if (run.ended) return;
      for (let at = run.parent; at; at = at.parent) at.wasAborted = true;
      finish(run, { ...partialOf(run), status: "cancelled", level: "WARNING", statusMessage: "aborted" }, abortedAtMs);
    }, ABORT_GRACE_MS);
  };
  if (signal.aborted) return () => {};
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

/** LangGraph tells that a node was brought down, and nothing of the graph that was at work in it. */
export function endInnerGraphs({ innerGraphs }: Run): void {
  if (!innerGraphs?.some(({ ended }) => !ended)) return;
  setQuietTimeout(() => {
    for (const graph of innerGraphs) {
      if (graph.ended) continue;
      const attributes = { status: "cancelled", level: "WARNING", statusMessage: "aborted" } as const;
      finish(graph, attributes, graph.lastEventMs);
      endInnerGraphs(graph);
    }
  }, ABORT_GRACE_MS);
}
