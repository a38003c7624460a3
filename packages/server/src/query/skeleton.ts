import type { TraceSkeleton } from "../api/lists.ts";

/** The bits of a skeleton's `flags`. */
export const SKELETON_FLAGS = {
  input: 1,
  output: 2,
  aggregate: 4,
  costProvided: 8,
  scores: 16,
  statusMessage: 32,
} as const;

/** A row of the tree, small fields only. Sorted by start, then id. */
export interface SkeletonRow {
  id: string;
  parentId: string | null;
  name: string;
  type: string;
  model: string | null;
  status: string;
  level: string;
  startTime: number;
  endTime: number | null;
  firstTokenMs: number | null;
  inputTokens: number | null;
  outputTokens: number | null;
  cost: number | null;
  /** As in {@link TraceSkeleton}, but for scores. */
  flags: number;
}

/** A skeleton's dictionary while it is made. */
export class WordList {
  readonly words = [""];
  readonly #places = new Map<string, number>([["", 0]]);

  /** @returns where the text stands; 0 for none. */
  add(text: string | null): number {
    const known = this.#places.get(text ?? "");
    if (known !== undefined) return known;
    this.#places.set(text ?? "", this.words.length);
    return this.words.push(text ?? "") - 1;
  }
}

/** Milliseconds as whole microseconds: the rest is noise of the floating point. */
const micros = (ms: number): number => Math.round(ms * 1000);

/** @param scored ids of observations that have scores. */
export function buildSkeleton(
  projectId: string,
  traceId: string,
  rows: readonly SkeletonRow[],
  scored: ReadonlySet<string>,
): TraceSkeleton {
  const words = new WordList();
  const word = (text: string | null): number => words.add(text);
  const places = new Map(rows.map((row, index) => [row.id, index]));
  const startTime = rows[0]?.startTime ?? 0;
  return {
    traceId,
    projectId,
    count: rows.length,
    ids: rows.map((row) => row.id),
    parents: rows.map((row) => (row.parentId === null ? -1 : (places.get(row.parentId) ?? -2))),
    names: rows.map((row) => word(row.name)),
    types: rows.map((row) => word(row.type)),
    models: rows.map((row) => word(row.model)),
    statuses: rows.map((row) => word(row.status)),
    levels: rows.map((row) => word(row.level)),
    startMicros: rows.map((row) => micros(row.startTime - startTime)),
    durationMicros: rows.map((row) => (row.endTime === null ? -1 : micros(Math.max(row.endTime - row.startTime, 0)))),
    firstTokenMicros: rows.map((row) => (row.firstTokenMs === null ? -1 : micros(row.firstTokenMs))),
    inputTokens: rows.map((row) => row.inputTokens ?? 0),
    outputTokens: rows.map((row) => row.outputTokens ?? 0),
    costs: rows.map((row) => row.cost ?? -1),
    flags: rows.map((row) => row.flags | (scored.has(row.id) ? SKELETON_FLAGS.scores : 0)),
    dictionary: words.words,
    startTime,
  };
}
