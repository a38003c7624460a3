import type { MetricValues } from "../api/metrics.ts";
import type { SessionTrace } from "../api/lists.ts";
import type { RowScore, TraceSummary } from "../api/types.ts";
import { cleanText } from "../mapping/values.ts";
import type { Counted } from "./datasets.ts";

// A trace may have ten thousand scores or tags; the row of a list, of which a page has 200, has some of them and the true number beside.

/** The newest. */
export const MAX_ROW_SCORES = 100;
/** Of a text of a score, and of its metadata as JSON. */
export const MAX_ROW_VALUE_CHARS = 1000;
/** Tags, models, users. */
export const MAX_ROW_TEXTS = 100;
/** Of all scores of a row, and of each of its other lists; one entry is always there. */
export const MAX_ROW_CHARS = 32 * 1024;
/** Of each payload of a dataset, an item or a run, as JSON: what people write by hand is whole, and a page of 200 stays below 20 MB. */
export const MAX_ROW_PAYLOAD_CHARS = 32_768;
/** On a session's page, of all of its traces and of the session itself. */
export const MAX_SESSION_SCORES = 1000;

/** On a session's page, of all inputs and outputs as JSON. */
export const MAX_SESSION_PAYLOAD_CHARS = 16 * 1024 * 1024;

/** Names, ids and numbers of a score as JSON, about. */
const SCORE_CHARS = 300;

/** @param newestFirst at least {@link MAX_ROW_SCORES} where there are as many. @returns oldest first, as on the trace's own page. */
export function boundScores(
  newestFirst: readonly RowScore[],
  total: number,
): { scores: RowScore[]; scoreCount: number } {
  const scores = takeWithin(newestFirst.slice(0, MAX_ROW_SCORES).map(boundScore), charsOf);
  return { scores: scores.toReversed(), scoreCount: total };
}

export function boundTexts<T extends Pick<TraceSummary, "tags" | "models">>(trace: T): T {
  return { ...trace, tags: takeTexts(trace.tags), models: takeTexts(trace.models) };
}

export function takeTexts(texts: readonly string[]): string[] {
  return takeWithin(texts.slice(0, MAX_ROW_TEXTS), (text) => text.length);
}

export type ScoreMean = { name: string } & MetricValues["scores"][string];
export type ScoreMeans = Pick<MetricValues, "scores" | "scoreNameCount">;

/** @param mostGiven by how many scores there are, then by name; at least {@link MAX_ROW_TEXTS} where there are as many. */
export function boundMeans(mostGiven: readonly ScoreMean[], total: number): ScoreMeans {
  const means = takeWithin(mostGiven.slice(0, MAX_ROW_TEXTS), ({ name }) => name.length);
  return {
    scores: Object.fromEntries(means.map(({ name, count, mean }) => [name, { count, mean }])),
    scoreNameCount: total,
  };
}

/** The largest buckets, `total` among them. */
export function boundUsage(
  usage: Iterable<readonly [bucket: string, tokens: number]>,
): Pick<MetricValues, "usage" | "usageBucketCount"> {
  const buckets = [...usage].filter(([, tokens]) => tokens !== 0);
  const isTotal = (bucket: string): number => Number(bucket === "total");
  const kept =
    buckets.length <= MAX_ROW_TEXTS
      ? buckets
      : buckets
          .toSorted(([a, x], [b, y]) => isTotal(b) - isTotal(a) || y - x || (a < b ? -1 : 1))
          .slice(0, MAX_ROW_TEXTS);
  return { usage: Object.fromEntries(kept), usageBucketCount: buckets.length };
}

/** The beginning of JSON, without half a character at its end. */
export function headOf(json: string, maxChars: number): string {
  return json.slice(0, maxChars).replace(/[\ud800-\udbff]$/, "");
}

/** The inputs and outputs on a session's page, in their order: whole while there is room for them. */
export class SessionPayloads {
  #left = MAX_SESSION_PAYLOAD_CHARS;

  /** @param read a payload's JSON; no more than `maxChars` of it need be read. */
  take(
    read: (field: "input" | "output", maxChars: number) => string | null,
  ): Pick<SessionTrace, "input" | "output" | "truncated"> {
    const truncated: ("input" | "output")[] = [];
    const takeOne = (field: "input" | "output"): unknown => {
      const room = Math.max(this.#left, MAX_ROW_VALUE_CHARS);
      const json = read(field, room + 1);
      if (json === null) return null;
      if (json.length > room) {
        truncated.push(field);
        return headOf(json, MAX_ROW_VALUE_CHARS);
      }
      this.#left -= json.length;
      return JSON.parse(json) as unknown;
    };
    const payloads = { input: takeOne("input"), output: takeOne("output") };
    return truncated.length === 0 ? payloads : { ...payloads, truncated };
  }
}

/** What a session's page has: those of its traces as their rows have them, then its own. */
export function joinSessionScores(
  traces: readonly Pick<TraceSummary, "scores" | "scoreCount">[],
  own: Counted<RowScore>,
): { scores: RowScore[]; scoreCount: number } {
  return {
    scores: [...traces.flatMap(({ scores }) => scores), ...own.data].slice(-MAX_SESSION_SCORES),
    scoreCount: traces.reduce((sum, { scoreCount }) => sum + scoreCount, own.total),
  };
}

function takeWithin<T>(entries: readonly T[], charsOfEntry: (entry: T) => number): T[] {
  let chars = 0;
  const end = entries.findIndex((entry, index) => {
    chars += charsOfEntry(entry);
    return index > 0 && chars > MAX_ROW_CHARS;
  });
  return entries.slice(0, end === -1 ? entries.length : end);
}

export function boundScore(score: RowScore): RowScore {
  const { stringValue, comment, metadata } = score;
  const truncated = (["stringValue", "comment", "metadata"] as const).filter(
    (field) => charsOfValue(score[field]) > MAX_ROW_VALUE_CHARS || score.truncated?.includes(field),
  );
  if (truncated.length === 0) return score;
  return {
    ...score,
    stringValue: cutText(stringValue),
    comment: cutText(comment),
    metadata: truncated.includes("metadata") ? null : metadata,
    truncated,
  };
}

function cutText(text: string | null): string | null {
  return text === null ? null : cleanText(text, MAX_ROW_VALUE_CHARS);
}

function charsOf({ id, name, stringValue, comment, metadata }: RowScore): number {
  const values = [id, name, stringValue, comment, metadata];
  return values.reduce<number>((sum, value) => sum + charsOfValue(value), SCORE_CHARS);
}

function charsOfValue(value: string | Record<string, unknown> | null): number {
  if (value === null) return 0;
  return typeof value === "string" ? value.length : JSON.stringify(value).length;
}
