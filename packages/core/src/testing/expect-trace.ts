import type { ScoreRecord } from "../model/record.ts";
import { compare, compareChildren, countDifferences, type Difference } from "./compare.ts";
import { flatten, readTraces, type Observed, type ObservedTrace, type Recorded } from "./observed.ts";
import { collect, type Expected, type Mismatch, type ObservationPattern } from "./pattern.ts";
import { describePattern, differenceLines, printTraces, printValue } from "./print.ts";

/** What every test runner takes for a failed assertion. Its message has the whole story. */
export class TraceAssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "ERR_ASSERTION";
  /** No second diff by the runner: `vitest` prints one for errors that have these two. */
  readonly showDiff = false;
  readonly actual: string;
  readonly expected: string;

  constructor(message: string, actual: string, expected: string) {
    super(message);
    this.actual = actual;
    this.expected = expected;
  }
}

/** Which of several recorded traces is meant. */
export interface TraceSelection {
  traceId?: string | undefined;
  /** Of a root observation. */
  name?: Expected<string> | undefined;
}

export interface ScorePattern {
  name?: Expected<string>;
  value?: Expected<number | string>;
  dataType?: Expected<ScoreRecord["dataType"]>;
  comment?: Expected<string | undefined>;
  traceId?: Expected<string | undefined>;
  observationId?: Expected<string | undefined>;
  sessionId?: Expected<string | undefined>;
}

/** Each assertion throws a `TraceAssertionError` with the difference as a tree, or returns the object for the next one. */
export interface TraceExpectation {
  /**
   * The trace has this root, and what the pattern says below it. An array stands for all roots of all selected traces, in
   * order of their start.
   */
  toMatchTree(pattern: ObservationPattern | readonly ObservationPattern[]): this;
  /** Somewhere in the tree there is one that fits; with `times`, exactly so many. */
  toHaveObservation(pattern: ObservationPattern): this;
  toHaveNoObservation(pattern: ObservationPattern): this;
  /** So many observations in all. */
  toHaveCount(count: number): this;
  toHaveScore(pattern: ScorePattern): this;
  /** The one observation that fits, for assertions of your own. Throws when there is none, or more than one. */
  find(pattern: ObservationPattern): Observed;
  /** The traces as text. */
  print(): string;
}

/**
 * Assertions on what `memory()` has recorded, for any test runner. Await `flush()` before.
 *
 * @example
 * await tracer.flush();
 * expectTrace(exporter).toMatchTree({
 *   name: "answer",
 *   type: "agent",
 *   children: [{ type: "retriever" }, { type: "generation", model: "gpt-4o", usageDetails: { input: 12 } }],
 * });
 */
export function expectTrace(recorded: Recorded, selection: TraceSelection = {}): TraceExpectation {
  // Told apart once: what is recorded later is another expectation's.
  const traces = readTraces(recorded).filter((trace) => isSelected(trace, selection));
  const ids = new Set(traces.map(({ traceId }) => traceId));
  const everything = flatten(traces.flatMap(({ roots }) => roots));
  const printed = printTraces({
    observations: recorded.observations.filter(({ traceId }) => ids.has(traceId)),
  });

  const fail = (message: string, expected: string): never => {
    throw new TraceAssertionError(`expectTrace: ${message}`, printed, expected);
  };
  const fitting = (pattern: ObservationPattern): Observed[] =>
    everything.filter((observed) => countDifferences(compare(pattern, observed)) === 0);
  const nothing = (): string =>
    recorded.observations.length === 0 ? "\n\nNothing was recorded: is the flush() of the tracer awaited before?" : "";

  function nearest(pattern: ObservationPattern): string {
    const likely = everything
      .map((observed) => compare(pattern, observed))
      .filter(({ mismatches }) => !mismatches.some(({ path }) => path === "name"))
      .sort((a, b) => a.mismatches.length - b.mismatches.length)[0];
    return likely === undefined ? "" : `\n\nThe nearest is:\n\n${differenceLines(likely).join("\n")}`;
  }

  const expectation: TraceExpectation = {
    toMatchTree(pattern) {
      const differences = Array.isArray(pattern)
        ? compareChildren(
            { patterns: pattern as readonly ObservationPattern[], isOrdered: true, mayHaveOthers: false },
            traces.flatMap(({ roots }) => roots),
          )
        : [compareRoot(pattern as ObservationPattern)];
      const count = differences.reduce((sum, difference) => sum + countDifferences(difference), 0);
      if (count === 0) return expectation;
      const lines = differences.flatMap((difference) => differenceLines(difference));
      const what = `${count} ${count === 1 ? "observation differs" : "observations differ"}`;
      return fail(
        `${what} (- missing, + not expected, ! different)\n\n${lines.join("\n")}${nothing()}`,
        printValue(pattern),
      );
    },
    toHaveObservation(pattern) {
      const { length } = fitting({ ...pattern, times: 1 });
      const { times } = pattern;
      const [least, most] = times === undefined ? [1, Infinity] : typeof times === "number" ? [times, times] : times;
      if (length >= least && length <= most) return expectation;
      const wanted = describePattern(pattern);
      const found = length === 0 ? "there is none" : `there are ${length}`;
      const story = length === 0 ? nearest(pattern) : "";
      return fail(`expected ${wanted}, ${found}${story}\n\nRecorded:\n\n${printed}${nothing()}`, wanted);
    },
    toHaveNoObservation(pattern) {
      const { length } = fitting(pattern);
      if (length === 0) return expectation;
      const wanted = describePattern(pattern);
      return fail(
        `expected no ${wanted}, there ${length === 1 ? "is one" : `are ${length}`}\n\nRecorded:\n\n${printed}`,
        wanted,
      );
    },
    toHaveCount(count) {
      if (everything.length === count) return expectation;
      return fail(`expected ${count} observations, there are ${everything.length}\n\n${printed}`, String(count));
    },
    toHaveScore(pattern) {
      const scores = (recorded.scores ?? []).filter(
        ({ traceId }) => traceId === undefined || traces.length === 0 || ids.has(traceId),
      );
      const fits = scores.some((score) => {
        const found: Mismatch[] = [];
        collect("score", pattern, score, found);
        return found.length === 0;
      });
      if (fits) return expectation;
      const shown = scores.map(({ name, value, traceId, observationId, comment }) =>
        printValue({ name, value, comment, traceId, observationId }),
      );
      const wanted = printValue(pattern);
      return fail(`expected a score ${wanted}; there are:\n\n${shown.join("\n") || "none"}`, wanted);
    },
    find(pattern) {
      const found = fitting(pattern);
      if (found.length === 1) return found[0]!;
      const wanted = describePattern(pattern);
      if (found.length > 1)
        return fail(`expected one ${wanted}, there are ${found.length}\n\nRecorded:\n\n${printed}`, wanted);
      return fail(
        `expected one ${wanted}, there is none${nearest(pattern)}\n\nRecorded:\n\n${printed}${nothing()}`,
        wanted,
      );
    },
    print: () => printed,
  };

  function compareRoot(pattern: ObservationPattern): Difference {
    const [trace, ...others] = traces;
    if (trace === undefined) return { kind: "missing", pattern };
    if (others.length > 0) {
      fail(
        `${traces.length} traces were recorded: say which, expectTrace(exporter, { traceId }) or { name }\n\n${printed}`,
        "one trace",
      );
    }
    if (trace.roots.length > 1) {
      fail(
        `the trace has ${trace.roots.length} roots: pass an array of patterns to toMatchTree\n\n${printed}`,
        "one root",
      );
    }
    return compare(pattern, trace.roots[0]!);
  }

  return expectation;
}

function isSelected({ traceId, roots }: ObservedTrace, selection: TraceSelection): boolean {
  if (selection.traceId !== undefined && selection.traceId !== traceId) return false;
  return (
    selection.name === undefined ||
    roots.some(({ name }) => {
      const found: Mismatch[] = [];
      collect("name", selection.name, name, found);
      return found.length === 0;
    })
  );
}
