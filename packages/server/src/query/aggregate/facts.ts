import { countTokens, sideOfBucket } from "../totals.ts";
import type { ScoreView, View } from "./query.ts";

/** What is read of a row, by the words of the two tables below; lists and sums are JSON texts, flags 0 or 1. */
export type Facts = Readonly<Record<string, string | number | null>>;
type Value = string | number | boolean | null;

export interface Dimension {
  facts: readonly string[];
  read: (facts: Facts) => Value | readonly string[];
}

export interface Measure {
  facts: readonly string[];
  /** `null`: this row has none and is in no sum or count of it. */
  read: (facts: Facts) => number | null;
}

const plain = (fact: string): Dimension => ({ facts: [fact], read: (facts) => facts[fact] ?? null });
const list = (fact: string): Dimension => ({ facts: [fact], read: (facts) => parse<string[]>(facts[fact]) ?? [] });
const timePart = (length: number): Dimension => ({
  facts: ["time"],
  read: ({ time }) => new Date(Number(time)).toISOString().slice(0, length),
});

const OF_TRACE: Readonly<Record<string, Dimension>> = {
  tags: list("tags"),
  traceName: plain("traceName"),
  traceRelease: plain("release"),
  traceVersion: plain("traceVersion"),
  userId: plain("userId"),
  sessionId: plain("sessionId"),
};

const OF_OBSERVATIONS: Readonly<Record<string, Dimension>> = {
  ...OF_TRACE,
  environment: plain("environment"),
  type: { facts: ["type"], read: ({ type }) => String(type).toUpperCase() },
  name: plain("name"),
  level: plain("level"),
  version: { facts: ["version", "traceVersion"], read: ({ version, traceVersion }) => version ?? traceVersion ?? null },
  release: plain("release"),
  providedModelName: plain("model"),
  promptName: plain("promptName"),
  promptVersion: plain("promptVersion"),
  isRootObservation: { facts: ["isRoot"], read: ({ isRoot }) => isRoot === 1 },
  startTimeMonth: timePart(7),
};

const OF_SCORES: Readonly<Record<string, Dimension>> = {
  ...OF_TRACE,
  environment: { facts: ["environment"], read: ({ environment }) => environment ?? "default" },
  name: plain("name"),
  source: plain("source"),
  dataType: plain("dataType"),
  configId: plain("configId"),
  timestampMonth: timePart(7),
  timestampDay: timePart(10),
  observationName: plain("observationName"),
  observationModelName: plain("observationModel"),
  observationPromptName: plain("observationPrompt"),
  observationPromptVersion: plain("observationPromptVersion"),
};

const OF_TRACES: Readonly<Record<string, Dimension>> = {
  name: plain("traceName"),
  tags: list("tags"),
  userId: plain("userId"),
  sessionId: plain("sessionId"),
  release: plain("release"),
  version: plain("traceVersion"),
  environment: plain("environment"),
  timestampMonth: timePart(7),
};

const DIMENSIONS: Readonly<Record<View, Readonly<Record<string, Dimension>>>> = {
  traces: OF_TRACES,
  observations: OF_OBSERVATIONS,
  "scores-numeric": { ...OF_SCORES, value: plain("value") },
  "scores-boolean": {
    ...OF_SCORES,
    value: plain("value"),
    booleanValue: { facts: ["value"], read: ({ value }) => value === 1 },
  },
  "scores-categorical": { ...OF_SCORES, stringValue: plain("stringValue") },
};

const COUNT: Measure = { facts: [], read: () => 1 };

const TIMES = ["time", "endTime", "completionStartTime"] as const;
/** Usage that repeats what others of the trace report is in no sum: see `countsUsage`. */
const USAGE = ["usage", "countsUsage"] as const;
const COST = ["cost", "countsUsage"] as const;

const OBSERVATION_MEASURES: Readonly<Record<string, Measure>> = {
  count: COUNT,
  latency: { facts: TIMES, read: ({ time, endTime }) => span(time, endTime) },
  streamingLatency: { facts: TIMES, read: ({ completionStartTime, endTime }) => span(completionStartTime, endTime) },
  timeToFirstToken: { facts: TIMES, read: ({ time, completionStartTime }) => span(time, completionStartTime) },
  inputTokens: { facts: USAGE, read: (facts) => tokensOf(facts)?.input ?? null },
  outputTokens: { facts: USAGE, read: (facts) => tokensOf(facts)?.output ?? null },
  totalTokens: { facts: USAGE, read: (facts) => tokensOf(facts)?.total ?? null },
  tokensPerSecond: { facts: [...USAGE, ...TIMES], read: (facts) => perSecond(facts, tokensOf(facts)?.total) },
  outputTokensPerSecond: { facts: [...USAGE, ...TIMES], read: (facts) => perSecond(facts, tokensOf(facts)?.output) },
  totalCost: { facts: COST, read: (facts) => costOf(facts)?.["total"] ?? null },
  inputCost: { facts: COST, read: (facts) => sideCost(facts, "input") },
  outputCost: { facts: COST, read: (facts) => sideCost(facts, "output") },
  countScores: { facts: ["scores"], read: ({ scores }) => Number(scores) },
};

/** What the store keeps of each trace; agents' sums and others' are told apart there. */
const TRACE_MEASURES: Readonly<Record<string, Measure>> = {
  count: COUNT,
  observationsCount: number("observations"),
  scoresCount: number("scores"),
  latency: number("duration"),
  totalTokens: number("tokens"),
  totalCost: number("cost"),
};

const VALUE: Measure = number("value");

const MEASURES: Readonly<Record<View, Readonly<Record<string, Measure>>>> = {
  traces: TRACE_MEASURES,
  observations: OBSERVATION_MEASURES,
  "scores-numeric": { count: COUNT, value: VALUE },
  "scores-boolean": { count: COUNT, value: VALUE },
  "scores-categorical": { count: COUNT },
};

/** By name. */
export function dimensionsOf(view: View): ReadonlyMap<string, Dimension> {
  return new Map(Object.entries(DIMENSIONS[view]));
}

/** By name. Times are in milliseconds, costs in US dollars. */
export function measuresOf(view: View): ReadonlyMap<string, Measure> {
  return new Map(Object.entries(MEASURES[view]));
}

/** Data types of a view's scores. Langfuse has booleans among the numbers too. */
export const SCORE_TYPES: Readonly<Record<ScoreView, readonly string[]>> = {
  "scores-numeric": ["NUMERIC", "BOOLEAN"],
  "scores-boolean": ["BOOLEAN"],
  "scores-categorical": ["CATEGORICAL"],
};

function number(fact: string): Measure {
  return {
    facts: [fact],
    read: (facts) => {
      const value = facts[fact];
      return typeof value === "number" ? value : null;
    },
  };
}

function span(from: Facts[string] | undefined, to: Facts[string] | undefined): number | null {
  return typeof from === "number" && typeof to === "number" ? Math.max(0, to - from) : null;
}

function tokensOf({ usage, countsUsage }: Facts): ReturnType<typeof countTokens> | null {
  const buckets = countsUsage === 1 ? parse<Record<string, number>>(usage) : null;
  return buckets === null ? null : countTokens(buckets);
}

function costOf({ cost, countsUsage }: Facts): Record<string, number> | null {
  return countsUsage === 1 ? parse<Record<string, number>>(cost) : null;
}

function sideCost(facts: Facts, side: "input" | "output"): number | null {
  const cost = costOf(facts);
  if (cost === null) return null;
  return Object.entries(cost).reduce((sum, [bucket, value]) => (sideOfBucket(bucket) === side ? sum + value : sum), 0);
}

function perSecond({ time, endTime }: Facts, tokens: number | undefined): number | null {
  const ms = span(time, endTime);
  return tokens === undefined || ms === null || ms === 0 ? null : (tokens * 1000) / ms;
}

// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the store wrote these texts: the caller knows what of
function parse<T>(json: Facts[string] | undefined): T | null {
  return typeof json === "string" ? (JSON.parse(json) as T) : null;
}
