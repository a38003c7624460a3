import type { Difference } from "./compare.ts";
import { readTraces, type Observed, type Recorded } from "./observed.ts";
import type { AsymmetricMatcher, ObservationPattern } from "./pattern.ts";

/** A value in a message is cut here. */
const MAX_VALUE_CHARS = 200;
const INDENT = "  ";

/** The recorded traces as text, one line an observation: name, type, status, model, tokens, milliseconds. */
export function printTraces(recorded: Recorded): string {
  const traces = readTraces(recorded);
  if (traces.length === 0) return "nothing was recorded";
  return traces
    .map(({ traceId, roots }) => [`trace ${traceId}`, ...roots.flatMap((root) => treeLines(root, 1))].join("\n"))
    .join("\n");
}

export function treeLines(observed: Observed, depth: number): string[] {
  const own = INDENT.repeat(depth) + describe(observed);
  return [own, ...observed.children.flatMap((child) => treeLines(child, depth + 1))];
}

function describe({ name, type, status, model, usageDetails, startTime, endTime, statusMessage }: Observed): string {
  const parts = [`${name} (${type})`];
  if (status !== "ok") parts.push(statusMessage === undefined ? status : `${status}: ${printValue(statusMessage)}`);
  if (model !== undefined) parts.push(model);
  if (usageDetails !== undefined) parts.push(`tokens ${JSON.stringify(usageDetails)}`);
  if (endTime !== undefined) parts.push(`${Math.round(endTime - startTime)} ms`);
  return parts.join(", ");
}

/** A tree of differences: `-` is missing, `+` is unexpected, `!` has something wrong, which stands below it. */
export function differenceLines(difference: Difference, depth = 0): string[] {
  const indent = INDENT.repeat(depth);
  switch (difference.kind) {
    case "missing":
      return [
        `- ${indent}${describePattern(difference.pattern)}   is missing`,
        ...childPatterns(difference.pattern, depth),
      ];
    case "unexpected": {
      const [own, ...below] = treeLines(difference.observed, depth);
      return [`+ ${own!}   was not expected`, ...below.map((line) => `+ ${line}`)];
    }
    case "pair": {
      const { observed, mismatches, children } = difference;
      const mark = mismatches.length > 0 ? "!" : " ";
      return [
        `${mark} ${indent}${observed.name} (${observed.type})`,
        ...mismatches.map(
          ({ path, expected, actual }) =>
            `${INDENT}${indent}${INDENT}${INDENT}${path}: expected ${printValue(expected)}, got ${printValue(actual)}`,
        ),
        ...children.flatMap((child) => differenceLines(child, depth + 1)),
      ];
    }
  }
}

function childPatterns({ children = [] }: ObservationPattern, depth: number): string[] {
  const patterns = "patterns" in children ? children.patterns : children;
  return patterns.flatMap((pattern) => differenceLines({ kind: "missing", pattern }, depth + 1));
}

/** `name (type) {what else is asked}`. */
export function describePattern(pattern: ObservationPattern): string {
  const { name, type, times } = pattern;
  const own = name === undefined ? "any name" : printName(name);
  const rest = Object.entries(pattern).filter(([key]) => !["name", "type", "times", "children"].includes(key));
  return [
    type === undefined ? own : `${own} (${printName(type)})`,
    ...(rest.length === 0 ? [] : [printValue(Object.fromEntries(rest))]),
    ...(times === undefined ? [] : [`times ${printValue(times)}`]),
  ].join(" ");
}

const printName = (value: unknown): string => (typeof value === "string" ? value : printValue(value));

export function printValue(value: unknown): string {
  const text = write(value);
  return text.length > MAX_VALUE_CHARS ? `${text.slice(0, MAX_VALUE_CHARS)}... (${text.length} characters)` : text;
}

function write(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return value.name === "" ? "a predicate to hold" : `predicate ${value.name}`;
  if (value instanceof RegExp) return String(value);
  if (typeof value === "object" && value !== null) {
    const { asymmetricMatch, toAsymmetricMatcher } = value as Partial<AsymmetricMatcher> & {
      toAsymmetricMatcher?: () => string;
    };
    if (typeof asymmetricMatch === "function") return toAsymmetricMatcher?.call(value) ?? "what a matcher says";
    const entries = Object.entries(value).map(([key, item]) =>
      Array.isArray(value) ? write(item) : `${key}: ${write(item)}`,
    );
    return Array.isArray(value) ? `[${entries.join(", ")}]` : `{ ${entries.join(", ")} }`;
  }
  // oxlint-disable-next-line typescript/no-base-to-string -- no object is left here
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}
