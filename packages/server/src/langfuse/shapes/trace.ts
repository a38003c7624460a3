import type { TraceSummary } from "../../api/types.ts";
import { parseOrNull } from "../../http/json-body.ts";
import type { StoredObservation } from "../../model/observation.ts";
import { iso } from "../page.ts";

/** Of a trace, what its summary has not. */
export interface TraceRoot {
  root: StoredObservation;
  version: string | null;
  public: boolean;
}

/** The fields of a trace without its observations and scores; input and output are its root's. */
export function traceShape(projectId: string, summary: TraceSummary, { root, version, public: isPublic }: TraceRoot) {
  return {
    id: summary.traceId,
    timestamp: iso(summary.startTime),
    name: summary.name === "" ? null : summary.name,
    input: parseOrNull(root.payload.input),
    output: parseOrNull(root.payload.output),
    metadata: parseOrNull(root.payload.traceMetadata),
    sessionId: summary.sessionId,
    userId: summary.userId,
    release: summary.release,
    version,
    tags: summary.tags,
    public: isPublic,
    environment: summary.environment,
    projectId,
    htmlPath: `/project/${projectId}/traces/${encodeURIComponent(summary.traceId)}`,
    latency: summary.durationMs === null ? null : summary.durationMs / 1000,
    // Langfuse says 0 where nothing had a price; "no price" is not 0 here.
    totalCost: summary.cost,
  };
}
