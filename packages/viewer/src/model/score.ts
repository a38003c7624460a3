import type { Score } from "../api/types.ts";

/** A score's value as people say it: yes and no, the category, or the number to three digits. */
export function scoreText(score: Pick<Score, "dataType" | "value" | "stringValue">): string {
  if (score.dataType === "BOOLEAN" && score.value !== null) return score.value === 1 ? "yes" : "no";
  if (score.stringValue !== null && score.dataType !== "NUMERIC") return score.stringValue;
  if (score.value === null) return score.stringValue ?? "–";
  return Number.isInteger(score.value) ? String(score.value) : String(Number(score.value.toPrecision(3)));
}
