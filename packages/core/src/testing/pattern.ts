import type { ObservationLevel, ObservationStatus, ObservationType } from "../model/types.ts";
import type { Observed } from "./observed.ts";

/** A matcher of vitest, Jest or another framework, such as `expect.any(String)`. */
export interface AsymmetricMatcher {
  asymmetricMatch(actual: unknown): boolean;
}

/**
 * What a value should be: itself, a regular expression for text, a predicate, or a framework's matcher. Objects match when
 * they have the keys that are named; arrays item by item; `undefined` matches what was not recorded.
 */
export type Expected<T> = T | RegExp | AsymmetricMatcher | ((actual: never) => boolean);

/** Only what is named is looked at. */
export interface ObservationPattern {
  name?: Expected<string>;
  type?: Expected<ObservationType>;
  level?: Expected<ObservationLevel>;
  status?: Expected<ObservationStatus>;
  statusMessage?: Expected<string | undefined>;
  version?: Expected<string | undefined>;
  model?: Expected<string | undefined>;
  provider?: Expected<string | undefined>;
  modelParameters?: unknown;
  usageDetails?: unknown;
  costDetails?: unknown;
  prompt?: unknown;
  link?: unknown;
  input?: unknown;
  output?: unknown;
  metadata?: unknown;
  startTime?: Expected<number>;
  endTime?: Expected<number | undefined>;
  completionStartTime?: Expected<number | undefined>;
  /** `name`, `userId`, `sessionId`, `tags`, `metadata`, ... of the trace, as this observation carries them. */
  trace?: unknown;
  /**
   * All children, in order of their start; `[]` for none. `inAnyOrder([...])` for concurrent ones, `including([...])` when
   * there may be others. Left out, children are not looked at.
   */
  children?: readonly ObservationPattern[] | ChildList;
  /** How many siblings fit: a number, or least and most. Default 1. */
  times?: number | readonly [least: number, most: number];
  /** Anything else that has to hold. */
  where?: (observed: Observed) => boolean;
}

export interface ChildList {
  readonly patterns: readonly ObservationPattern[];
  readonly isOrdered: boolean;
  /** There may be children that no pattern fits. */
  readonly mayHaveOthers: boolean;
}

/** Exactly these children, whichever started first. */
export function inAnyOrder(patterns: readonly ObservationPattern[]): ChildList {
  return { patterns, isOrdered: false, mayHaveOthers: false };
}

/** These children in any order, beside others that are not looked at. */
export function including(patterns: readonly ObservationPattern[]): ChildList {
  return { patterns, isOrdered: false, mayHaveOthers: true };
}

export function childListOf(children: NonNullable<ObservationPattern["children"]>): ChildList {
  return "patterns" in children ? children : { patterns: children, isOrdered: true, mayHaveOthers: false };
}

export interface Mismatch {
  /** Such as `usageDetails.input`. */
  path: string;
  expected: unknown;
  actual: unknown;
}

const STRUCTURE = new Set(["children", "times", "where"]);

/** What of the pattern's own fields does not fit; its children are not looked at. */
export function mismatchesOf(pattern: ObservationPattern, observed: Observed): Mismatch[] {
  const found: Mismatch[] = [];
  for (const [key, expected] of Object.entries(pattern)) {
    if (!STRUCTURE.has(key)) collect(key, expected, observed[key as keyof Observed], found);
  }
  if (pattern.where !== undefined && !holds(pattern.where, observed)) {
    found.push({ path: "where", expected: pattern.where, actual: "false" });
  }
  return found;
}

/** Compares one value; also for what is no observation. */
export function collect(path: string, expected: unknown, actual: unknown, found: Mismatch[]): void {
  const fails = (): void => void found.push({ path, expected, actual });
  if (typeof expected === "function") {
    if (!holds(expected as (actual: never) => boolean, actual)) fails();
  } else if (expected instanceof RegExp) {
    // Not `test`: a global expression remembers where it was.
    if (typeof actual !== "string" || actual.search(expected) < 0) fails();
  } else if (isAsymmetric(expected)) {
    if (!expected.asymmetricMatch(actual)) fails();
  } else if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return fails();
    expected.forEach((item, index) => collect(`${path}[${index}]`, item, actual[index], found));
  } else if (typeof expected === "object" && expected !== null) {
    if (typeof actual !== "object" || actual === null || Array.isArray(actual)) return fails();
    for (const [key, item] of Object.entries(expected)) {
      collect(`${path}.${key}`, item, (actual as Record<string, unknown>)[key], found);
    }
  } else if (!Object.is(expected, actual)) {
    fails();
  }
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return typeof (value as Partial<AsymmetricMatcher> | null)?.asymmetricMatch === "function";
}

/** A predicate that throws says no: it looked for something that is not there. */
function holds(predicate: (actual: never) => boolean, actual: unknown): boolean {
  try {
    return predicate(actual as never);
  } catch {
    return false;
  }
}
