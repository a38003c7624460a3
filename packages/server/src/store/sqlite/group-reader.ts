import type { GroupReads } from "../groups.ts";
import type { Sync } from "../store.ts";
import type { ReadContext } from "./observation-reader.ts";
import { GroupReader } from "./read/group-reader.ts";
import { MetricReader } from "./read/metric-reader.ts";
import { TraceReader } from "./read/trace-reader.ts";

/** Reads across observations: sessions, users, sums, and a trace as a whole. */
export function createGroupReads({ runner, lists, blobs, scores }: ReadContext): Sync<GroupReads> {
  const groups = new GroupReader(runner, lists, blobs, scores);
  const traces = new TraceReader(runner, scores);
  const metrics = new MetricReader(runner, lists);
  return {
    listSessions: (projectId, options) => groups.listSessions(projectId, options),
    getSession: (projectId, sessionId) => groups.getSession(projectId, sessionId),
    listUsers: (projectId, options) => groups.listUsers(projectId, options),
    readSkeleton: (projectId, traceId) => traces.skeleton(projectId, traceId),
    findInTrace: (projectId, traceId, pattern) => traces.find(projectId, traceId, pattern),
    readMetrics: (projectId, options, selection) => metrics.read(projectId, options, selection),
  };
}
