import type { Score } from "../../api/types.ts";
import { iso } from "../page.ts";

export const SCORE_GROUPS = ["core", "details", "subject", "annotation"] as const;
export type ScoreGroup = (typeof SCORE_GROUPS)[number];

/** As `/api/public/v3/scores` tells it: one value of the type's own kind, and what was scored as a subject. */
export function newerScore(score: Score, groups: readonly ScoreGroup[]): object {
  return {
    ...commonOf(score),
    value: score.dataType === "BOOLEAN" ? score.value === 1 : (score.value ?? score.stringValue),
    ...(groups.includes("details") && detailsOf(score)),
    ...(groups.includes("subject") && { subject: subjectOf(score) }),
    ...(groups.includes("annotation") && annotationOf(score)),
  };
}

/** As the older routes tell it: `stringValue` for everything that is no number. */
export function olderScore(score: Score): object {
  const { traceId, sessionId, observationId, datasetRunId = null } = score;
  return {
    ...commonOf(score),
    traceId,
    sessionId,
    observationId,
    datasetRunId,
    ...valueOf(score),
    ...detailsOf(score),
    ...annotationOf(score),
  };
}

/** What both tell. */
function commonOf(score: Score): object {
  return {
    id: score.id,
    projectId: score.projectId,
    name: score.name,
    source: score.source,
    dataType: score.dataType,
    environment: score.environment ?? "default",
    timestamp: iso(score.timestamp),
    createdAt: iso(score.createdAt ?? score.timestamp),
    updatedAt: iso(score.updatedAt ?? score.timestamp),
  };
}

function detailsOf({ comment, configId = null, metadata }: Score): object {
  return { comment, configId, metadata: metadata ?? {} };
}

function annotationOf({ authorUserId = null, queueId = null }: Score): object {
  return { authorUserId, queueId };
}

function valueOf({ dataType, value, stringValue }: Score): object {
  if (dataType === "NUMERIC") return { value };
  if (dataType === "BOOLEAN") return { value, stringValue: value === 1 ? "True" : "False" };
  // What Langfuse says of a category that no configuration gives a number.
  return { value: 0, stringValue };
}

function subjectOf({ traceId, observationId, sessionId, datasetRunId = null }: Score): object {
  if (observationId !== null) return { kind: "observation", id: observationId, traceId };
  if (traceId !== null) return { kind: "trace", id: traceId };
  if (sessionId !== null) return { kind: "session", id: sessionId };
  return { kind: "experiment", id: datasetRunId };
}
