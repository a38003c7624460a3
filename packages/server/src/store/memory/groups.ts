import type { FindResponse, Page, SessionDetail, SessionSummary, UserSummary } from "../../api/lists.ts";
import type { MetricDimension, MetricsResponse } from "../../api/metrics.ts";
import type { TraceSummary } from "../../api/types.ts";
import type { Subject } from "../../query/language/evaluate.ts";
import { summarizeSession, summarizeUser } from "../../query/groups.ts";
import { usageCounter } from "./usage-counter.ts";
import { MetricReport, type MetricOptions } from "../../query/metrics/report.ts";
import { SKELETON_FLAGS, buildSkeleton } from "../../query/skeleton.ts";
import { countTokens } from "../../query/totals.ts";
import { searchableTokens } from "../../search/searchable.ts";
import { matchesText, tokenize, type TextPattern } from "../../search/text.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { MAX_FOUND, MAX_SESSION_TRACES, NOTHING_FOUND, type GroupOptions, type GroupReads } from "../groups.ts";
import type { Selection } from "../observations.ts";
import {
  MAX_SESSION_SCORES,
  SessionPayloads,
  boundMeans,
  boundTexts,
  joinSessionScores,
  type ScoreMean,
  type ScoreMeans,
} from "../row-bounds.ts";
import type { MemoryObservations } from "./observations.ts";
import type { MemoryScores } from "./scores.ts";

export class MemoryGroups implements GroupReads {
  readonly #observations: MemoryObservations;
  readonly #scores: MemoryScores;

  constructor(observations: MemoryObservations, scores: MemoryScores) {
    this.#observations = observations;
    this.#scores = scores;
  }

  async listSessions(projectId: string, options: GroupOptions): Promise<Page<SessionSummary>> {
    return this.#list(projectId, "sessionId", options, summarizeSession);
  }

  async listUsers(projectId: string, options: GroupOptions): Promise<Page<UserSummary>> {
    return this.#list(projectId, "userId", options, summarizeUser);
  }

  async getSession(projectId: string, sessionId: string): Promise<SessionDetail | null> {
    const subjects = this.#of(projectId, "sessionId", sessionId);
    if (subjects.length === 0) return null;
    const own = await this.#scores.findRowScores(projectId, { sessionId: [sessionId] }, { limit: MAX_SESSION_SCORES });
    const kept = subjects.slice(0, MAX_SESSION_TRACES);
    const payloads = new SessionPayloads();
    return {
      session: summarizeSession(
        sessionId,
        subjects.map(({ trace }) => trace.summary),
      ),
      traces: kept.map(({ trace }) => {
        const root = trace.rows.find((row) => row.id === trace.rootId);
        return {
          ...boundTexts(trace.summary),
          rootId: trace.rootId,
          ...payloads.take((field) => root?.payload[field] ?? null),
        };
      }),
      truncated: subjects.length > MAX_SESSION_TRACES,
      ...joinSessionScores(
        kept.map(({ trace }) => trace.summary),
        own,
      ),
    };
  }

  async readSkeleton(projectId: string, traceId: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const trace = this.#observations.view(projectId, traceId);
    if (trace === null) return null;
    const rows = trace.rows.map((row) => {
      const tokens = row.usage === null ? null : countTokens(row.usage);
      const { completionStartTime: first, startTime } = row;
      return {
        ...row,
        firstTokenMs: first === null ? null : Math.max(0, first - startTime),
        inputTokens: tokens?.input ?? null,
        outputTokens: tokens?.output ?? null,
        cost: row.cost?.["total"] ?? null,
        flags:
          (row.payload.input === null ? 0 : SKELETON_FLAGS.input) |
          (row.payload.output === null ? 0 : SKELETON_FLAGS.output) |
          (row.usageAggregate ? SKELETON_FLAGS.aggregate : 0) |
          (row.costSource === "provided" ? SKELETON_FLAGS.costProvided : 0) |
          (row.statusMessage === null ? 0 : SKELETON_FLAGS.statusMessage),
      };
    });
    const scored = new Set(trace.scores.flatMap((score) => score.observationId ?? []));
    return new TextEncoder().encode(JSON.stringify(buildSkeleton(projectId, traceId, rows, scored)));
  }

  async findInTrace(projectId: string, traceId: string, pattern: TextPattern | null): Promise<FindResponse | null> {
    const rows = this.#observations.view(projectId, traceId)?.rows;
    if (rows === undefined) return null;
    if (pattern === null) return NOTHING_FOUND;
    const ids = rows
      .filter(({ name, payload }) =>
        [tokenize(name), ...searchableTokens(payload.input), ...searchableTokens(payload.output)].some((tokens) =>
          matchesText(tokens, pattern),
        ),
      )
      .map((row) => row.id);
    return { ids: ids.slice(0, MAX_FOUND), truncated: ids.length > MAX_FOUND };
  }

  async readMetrics(
    projectId: string,
    options: MetricOptions,
    { filter }: Pick<Selection, "filter">,
  ): Promise<MetricsResponse> {
    const report = new MetricReport(options);
    const { from, to } = report.range;
    const chosen = this.#observations.select(projectId, "observations", { filter, from, to });
    const isCounted = usageCounter();
    for (const { trace, observation } of chosen) {
      if (observation === null) continue;
      const row = { ...observation, countsUsage: isCounted(observation, trace) };
      report.at(row.startTime)?.addRow(row);
      if (options.by === null) continue;
      const value = dimensionOf(options.by, { trace, observation }) ?? "";
      for (const place of report.group(value, row.startTime)) place.addRow(row);
    }
    const ids = new Set(chosen.map(({ trace }) => trace.summary.traceId));
    for (const { trace } of this.#observations.select(projectId, "traces", { from, to })) {
      const { traceId, startTime, durationMs } = trace.summary;
      if (filter === null || filter === undefined || ids.has(traceId)) report.at(startTime)?.addTrace(durationMs ?? -1);
    }
    return report.toResponse(await this.#meanScores(projectId, from, to));
  }

  async #meanScores(projectId: string, from: number, to: number): Promise<ScoreMeans> {
    const { data } = await this.#scores.findScores(projectId, { from, to }, { limit: Number.MAX_SAFE_INTEGER });
    const sums = new Map<string, { count: number; sum: number }>();
    for (const { name, value } of data) {
      if (value === null) continue;
      const { count, sum } = sums.get(name) ?? { count: 0, sum: 0 };
      sums.set(name, { count: count + 1, sum: sum + value });
    }
    const means = [...sums].map(([name, { count, sum }]): ScoreMean => ({ name, count, mean: sum / count }));
    return boundMeans(
      means.toSorted((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1)),
      means.length,
    );
  }

  #list<T>(
    projectId: string,
    field: "sessionId" | "userId",
    options: GroupOptions,
    summarize: (id: string, traces: readonly TraceSummary[]) => T,
  ): Page<T> {
    const newest = new Map<string, [start: number, traceId: string]>();
    for (const { trace } of this.#observations.select(projectId, "traces", options)) {
      const { startTime, traceId, [field]: id } = trace.summary;
      if (id === null) continue;
      const key: [number, string] = [startTime, traceId];
      const before = newest.get(id);
      if (before === undefined || compare(key, before) > 0) newest.set(id, key);
    }
    const after = options.cursor === undefined ? undefined : decodeCursor(options.cursor, field, ["number", "string"]);
    const sorted = [...newest]
      .filter(([, key]) => after === undefined || compare(key, after as [number, string]) < 0)
      .toSorted(([, a], [, b]) => compare(b, a));
    const page = sorted.slice(0, options.limit);
    const last = page.at(-1);
    return {
      data: page.map(([id]) =>
        summarize(
          id,
          this.#of(projectId, field, id).map(({ trace }) => trace.summary),
        ),
      ),
      nextCursor: last !== undefined && sorted.length > page.length ? encodeCursor(field, last[1]) : null,
    };
  }

  /** Oldest first. */
  #of(projectId: string, field: "sessionId" | "userId", id: string): Subject[] {
    return this.#observations
      .select(projectId, "traces", {})
      .filter(({ trace }) => trace.summary[field] === id)
      .toSorted((a, b) => compare(keyOf(a), keyOf(b)));
  }
}

function dimensionOf(by: MetricDimension, { trace, observation }: Subject): string | null {
  switch (by) {
    case "user":
      return trace.summary.userId;
    case "session":
      return trace.summary.sessionId;
    case "environment":
      return trace.summary.environment;
    case "release":
      return trace.summary.release;
    case "traceName":
      return trace.summary.name;
    default:
      return observation?.[by] ?? null;
  }
}

function keyOf({ trace: { summary } }: Subject): [number, string] {
  return [summary.startTime, summary.traceId];
}

function compare(a: readonly [number, string], b: readonly [number, string]): number {
  return a[0] - b[0] || (a[1] < b[1] ? -1 : a[1] > b[1] ? 1 : 0);
}
