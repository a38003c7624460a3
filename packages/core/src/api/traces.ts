import type { RequestOptions } from "./datasets.ts";
import { orNotFound } from "./errors.ts";
import { RouteChoice } from "./fallback.ts";
import type { HttpClient } from "./http-client.ts";
import { Listing, numberedPage, type ListOptions, type Page } from "./listing.ts";
import { fetchNewer } from "./observations.ts";
import { numberOf, readObservation, textOf, textsOf } from "./read-observation.ts";
import { readScore, type Scores } from "./scores.ts";
import type { Score, StoredObservation, Trace, TraceSummary } from "./types.ts";

export interface TraceListOptions extends ListOptions {
  name?: string | undefined;
  userId?: string | undefined;
  sessionId?: string | undefined;
  /** Traces that have all of these. */
  tags?: readonly string[] | undefined;
  environment?: string | undefined;
  version?: string | undefined;
  fromTimestamp?: Date | undefined;
  toTimestamp?: Date | undefined;
}

export interface Traces {
  /**
   * The trace with its observations and scores.
   * @throws NotFoundError also while the backend has not stored it yet: seconds, for Langfuse.
   */
  get(id: string, options?: RequestOptions): Promise<Trace>;
  /** Newest first. A trace whose root went on in another process may be listed once for each of its roots. */
  list(options?: TraceListOptions): Listing<TraceSummary>;
}

/** Observations fetched for one trace; beyond it the trace is marked as not complete. */
export const MAX_TRACE_OBSERVATIONS = 10_000;
const PAGE_SIZE = 1000;

export function createTraces(http: HttpClient, scores: Scores): Traces {
  const choice = new RouteChoice();
  return {
    get: (id, { signal } = {}) =>
      choice
        .run(
          async () => {
            const { observations, isComplete } = await observationsOf(http, id, signal);
            // `undefined` and no error yet: the route is there, the trace is not.
            if (observations.length === 0) return undefined;
            const ofTrace: Score[] = [];
            for await (const score of scores.list({ traceId: id, limit: 100, signal })) ofTrace.push(score);
            return toTrace(id, observations, ofTrace, isComplete);
          },
          async () => {
            const path = `/api/public/traces/${encodeURIComponent(id)}`;
            return readFullTrace(await http.request({ path, signal }));
          },
        )
        .then(orNotFound("trace", id)),
    list: (options = {}) => {
      const fetchPage = (cursor: string | undefined): Promise<Page<TraceSummary>> =>
        choice.run(
          () => fetchRoots(http, { ...options, cursor }),
          () => fetchOlder(http, { ...options, cursor }),
        );
      return new Listing(fetchPage, options.cursor);
    },
  };
}

async function observationsOf(
  http: HttpClient,
  traceId: string,
  signal: AbortSignal | undefined,
): Promise<{ observations: StoredObservation[]; isComplete: boolean }> {
  const observations: StoredObservation[] = [];
  let cursor: string | undefined;
  do {
    const page = await fetchNewer(http, { traceId, limit: PAGE_SIZE, cursor, signal });
    observations.push(...page.data);
    cursor = page.cursor;
  } while (cursor !== undefined && observations.length < MAX_TRACE_OBSERVATIONS);
  // They come newest first; of those that tell the same millisecond the last one began first.
  const oldestFirst = observations.toReversed().sort((a, b) => Date.parse(a.startTime) - Date.parse(b.startTime));
  return { observations: oldestFirst, isComplete: cursor === undefined };
}

/** Newer servers have no list of traces: their roots stand for them. */
async function fetchRoots(http: HttpClient, options: TraceListOptions): Promise<Page<TraceSummary>> {
  const { limit, cursor, signal } = options;
  const page = await fetchNewer(http, { filter: JSON.stringify(filterOf(options)), limit, cursor, signal });
  return { ...page, data: page.data.map((root) => summaryOf(root.traceId, [root])) };
}

async function fetchOlder(
  http: HttpClient,
  { cursor, signal, ...filters }: TraceListOptions,
): Promise<Page<TraceSummary>> {
  const query = { ...filters, page: cursor };
  const answer = await http.request({ path: "/api/public/traces", query, signal });
  return numberedPage(answer, readTrace);
}

/** Conditions of `/api/public/v2/observations`: the roots of the traces asked for. */
function filterOf(options: TraceListOptions): object[] {
  const { name, userId, sessionId, tags, environment, version, fromTimestamp, toTimestamp } = options;
  const texts = { traceName: name, userId, sessionId, environment, version };
  const filter: object[] = [{ type: "boolean", column: "isRootObservation", operator: "=", value: true }];
  for (const [column, value] of Object.entries(texts)) {
    if (value !== undefined) filter.push({ type: "string", column, operator: "=", value });
  }
  if (tags !== undefined) filter.push({ type: "arrayOptions", column: "tags", operator: "all of", value: tags });
  const time = { type: "datetime", column: "startTime" };
  if (fromTimestamp !== undefined) filter.push({ ...time, operator: ">=", value: fromTimestamp.toISOString() });
  if (toTimestamp !== undefined) filter.push({ ...time, operator: "<", value: toTimestamp.toISOString() });
  return filter;
}

function readTrace(item: unknown): TraceSummary {
  const raw = Object(item) as Record<string, unknown>;
  const { input, output, metadata } = readObservation(item);
  return {
    id: textOf(raw, "id") ?? "",
    name: textOf(raw, "name"),
    timestamp: textOf(raw, "timestamp") ?? "",
    userId: textOf(raw, "userId"),
    sessionId: textOf(raw, "sessionId"),
    tags: textsOf(raw["tags"]),
    metadata,
    release: textOf(raw, "release"),
    version: textOf(raw, "version"),
    environment: textOf(raw, "environment"),
    input,
    output,
    latency: numberOf(raw, "latency"),
  };
}

function readFullTrace(answer: unknown): Trace {
  const raw = Object(answer) as Record<string, unknown>;
  const { observations, scores } = raw;
  const read = (Array.isArray(observations) ? observations : []).map(readObservation);
  return {
    ...readTrace(answer),
    totalCost: numberOf(raw, "totalCost"),
    observations: read.sort((a, b) => Date.parse(a.startTime) - Date.parse(b.startTime)),
    scores: (Array.isArray(scores) ? scores : []).map(readScore),
    isComplete: true,
  };
}

/** Where values differ inside a trace, the root's hold. `observations` are in order of their start and not empty. */
function summaryOf(id: string, observations: readonly StoredObservation[]): TraceSummary {
  const root = observations.find(({ isRoot }) => isRoot) ?? observations[0]!;
  const startMs = Date.parse(root.startTime);
  const ends = observations.flatMap(({ endTime }) => (endTime === null ? [] : [Date.parse(endTime)]));
  return {
    id,
    name: root.traceName ?? root.name,
    timestamp: root.startTime,
    userId: root.userId,
    sessionId: root.sessionId,
    tags: root.tags,
    metadata: root.metadata,
    release: root.release,
    version: root.version,
    environment: root.environment,
    input: root.input,
    output: root.output,
    latency: ends.length === 0 ? null : (Math.max(...ends) - startMs) / 1000,
  };
}

function toTrace(id: string, observations: StoredObservation[], scores: Score[], isComplete: boolean): Trace {
  const costs = observations.flatMap(({ totalCost }) => (totalCost === null ? [] : [totalCost]));
  const totalCost = costs.length === 0 ? null : costs.reduce((sum, cost) => sum + cost, 0);
  return { ...summaryOf(id, observations), totalCost, observations, scores, isComplete };
}
