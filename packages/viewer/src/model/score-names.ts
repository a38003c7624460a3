import type { Score } from "../api/types.ts";

export interface ScoreName {
  name: string;
  count: number;
  /** Of numbers and of yes (1) and no (0); `null` for categories and texts. */
  mean: number | null;
}

/** What a sample of scores holds, the most frequent name first. */
export function summariseScores(scores: readonly Pick<Score, "name" | "dataType" | "value">[]): ScoreName[] {
  const sums = new Map<string, { count: number; numbers: number; sum: number }>();
  for (const { name, dataType, value } of scores) {
    const known = sums.get(name) ?? { count: 0, numbers: 0, sum: 0 };
    known.count++;
    if (value !== null && (dataType === "NUMERIC" || dataType === "BOOLEAN")) {
      known.numbers++;
      known.sum += value;
    }
    sums.set(name, known);
  }
  return [...sums]
    .map(([name, { count, numbers, sum }]) => ({ name, count, mean: numbers === 0 ? null : sum / numbers }))
    .toSorted((a, b) => b.count - a.count || a.name.localeCompare(b.name));
}
