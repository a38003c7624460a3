import type { ObservationSummary, TraceDetail, TraceSkeleton } from "../api/types.ts";
import { FLAG } from "./model.ts";

/** The columns of a trace whose observations came as objects: for a server that has no `/skeleton` yet. */
export function skeletonOf({ trace, observations }: TraceDetail): TraceSkeleton {
  const indexOf = new Map(observations.map(({ id }, index) => [id, index]));
  const dictionary = [""];
  const known = new Map([["", 0]]);
  const word = (text: string | null): number => {
    const found = known.get(text ?? "");
    if (found !== undefined) return found;
    known.set(text ?? "", dictionary.length);
    return dictionary.push(text ?? "") - 1;
  };
  const startTime = observations[0]?.startTime ?? trace.startTime;
  return {
    traceId: trace.traceId,
    projectId: trace.projectId,
    count: observations.length,
    ids: observations.map(({ id }) => id),
    parents: observations.map(({ parentId }) => (parentId === null ? -1 : (indexOf.get(parentId) ?? -2))),
    names: observations.map(({ name }) => word(name)),
    types: observations.map(({ type }) => word(type)),
    models: observations.map(({ model }) => word(model)),
    statuses: observations.map(({ status }) => word(status)),
    levels: observations.map(({ level }) => word(level)),
    dictionary,
    starts: observations.map((observation) => observation.startTime - startTime),
    durations: observations.map(({ endTime, startTime: start }) => (endTime === null ? -1 : endTime - start)),
    firstTokens: observations.map(({ completionStartTime, startTime: start }) =>
      completionStartTime === null ? -1 : completionStartTime - start,
    ),
    inputTokens: observations.map(({ usage }) => tokens(usage, "input")),
    outputTokens: observations.map(({ usage }) => tokens(usage, "output")),
    costs: observations.map(({ cost }) => cost?.["total"] ?? -1),
    flags: observations.map(flags),
    startTime,
  };
}

/** Buckets are disjoint, so a side is the sum of all buckets whose name starts with it. */
function tokens(usage: Record<string, number> | null, side: "input" | "output"): number {
  const own = Object.entries(usage ?? {}).filter(([bucket]) => bucket === side || bucket.startsWith(`${side}_`));
  return own.reduce((sum, [, count]) => sum + count, 0);
}

function flags(observation: ObservationSummary): number {
  return (
    (observation.hasInput ? FLAG.input : 0) |
    (observation.hasOutput ? FLAG.output : 0) |
    (observation.usageAggregate ? FLAG.aggregate : 0) |
    (observation.costSource === "provided" ? FLAG.costProvided : 0) |
    (observation.statusMessage === null ? 0 : FLAG.message)
  );
}
