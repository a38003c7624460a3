import type { ObservationSummary, TraceSummary } from "../src/api/types.ts";

export function observation(fields: Partial<ObservationSummary> & { id: string }): ObservationSummary {
  return {
    traceId: "t",
    parentId: null,
    type: "span",
    name: fields.id,
    startTime: 0,
    endTime: 1,
    completionStartTime: null,
    level: "DEFAULT",
    status: "ok",
    statusMessage: null,
    model: null,
    provider: null,
    usage: null,
    cost: null,
    costSource: null,
    usageAggregate: false,
    hasInput: false,
    hasOutput: false,
    ...fields,
  };
}

export function trace(fields: Partial<TraceSummary> & { traceId: string }): TraceSummary {
  return {
    projectId: "default",
    name: "trace",
    userId: null,
    sessionId: null,
    tags: [],
    tagCount: 0,
    environment: "default",
    release: null,
    startTime: 0,
    endTime: 1,
    durationMs: 1,
    status: "ok",
    observationCount: 1,
    errorCount: 0,
    models: [],
    modelCount: 0,
    scores: [],
    scoreCount: 0,
    inputPreview: null,
    outputPreview: null,
    totalTokens: null,
    inputTokens: null,
    outputTokens: null,
    cost: null,
    costIncomplete: false,
    ...fields,
  };
}
