import { matchLists } from "./align.ts";

export interface DiffLine {
  kind: "same" | "removed" | "added";
  text: string;
}

/** Lines of one value that are compared; the rest is left to the JSON view. */
export const MAX_LINES = 2_000;

/** Unchanged lines shown around a change. */
const CONTEXT_LINES = 3;

/** The lines of both, those that are in one alone marked. */
export function lineDiff(before: string, after: string): DiffLine[] {
  const [a, b] = [lines(before), lines(after)];
  const matched = matchLists(a, b);
  return matched.map(([i, j]): DiffLine => {
    if (i !== -1 && j !== -1) return { kind: "same", text: a[i] ?? "" };
    return i === -1 ? { kind: "added", text: b[j] ?? "" } : { kind: "removed", text: a[i] ?? "" };
  });
}

function lines(text: string): string[] {
  return text === "" ? [] : text.split("\n", MAX_LINES);
}

export type DiffBlock = { kind: "lines"; lines: DiffLine[] } | { kind: "gap"; count: number };

/** With long unchanged parts taken out, and counted. */
export function foldDiff(diff: readonly DiffLine[]): DiffBlock[] {
  const near = diff.map(() => false);
  diff.forEach(({ kind }, index) => {
    if (kind === "same") return;
    for (let at = Math.max(0, index - CONTEXT_LINES); at <= Math.min(diff.length - 1, index + CONTEXT_LINES); at++) {
      near[at] = true;
    }
  });
  const blocks: DiffBlock[] = [];
  diff.forEach((line, index) => {
    const last = blocks.at(-1);
    if (near[index] === true) {
      if (last?.kind === "lines") last.lines.push(line);
      else blocks.push({ kind: "lines", lines: [line] });
    } else if (last?.kind === "gap") last.count++;
    else blocks.push({ kind: "gap", count: 1 });
  });
  return blocks;
}

/** A recorded value as text that can be compared line by line. */
export function diffText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(unfold(value), null, 2);
}

/** Texts with several lines as lists of lines, so that a changed word does not mark a whole prompt. */
function unfold(value: unknown): unknown {
  if (typeof value === "string") return value.includes("\n") ? value.split("\n") : value;
  if (Array.isArray(value)) return value.map(unfold);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unfold(inner)]));
}
