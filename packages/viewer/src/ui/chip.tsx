import type { Score } from "../api/types.ts";
import { scoreText } from "../model/score.ts";
import styles from "./chip.module.css";

export function Chip({ label, children, title }: { label?: string; children: string; title?: string }) {
  return (
    <span className={styles["chip"]} title={title ?? (label === undefined ? children : `${label}: ${children}`)}>
      {label !== undefined && <span className={styles["label"]}>{label}</span>}
      <span>{children}</span>
    </span>
  );
}

interface ScoreChipsProps {
  scores: readonly Score[];
  /** Of all that there are; the server gives the newest of many. */
  count: number;
  /** As many are shown. */
  max?: number;
}

/** Scores one after the other, and the number of those that are not shown. */
export function ScoreChips({ scores, count, max = scores.length }: ScoreChipsProps) {
  const shown = scores.slice(0, max);
  const left = count - shown.length;
  return (
    <>
      {shown.map((score) => (
        <ScoreChip key={score.id} score={score} />
      ))}
      {left > 0 && (
        <span className={styles["more"]} title={`${left} more scores`}>
          <span aria-hidden="true">+{left}</span>
          <span className="sr-only">and {left} more scores</span>
        </span>
      )}
    </>
  );
}

export function ScoreChip({ score }: { score: Score }) {
  const tone = score.dataType !== "BOOLEAN" ? "" : score.value === 1 ? styles["good"] : styles["bad"];
  return (
    <span className={`${styles["chip"]} ${tone}`} title={score.comment ?? `${score.name} (${score.source})`}>
      <span className={styles["label"]}>{score.name}</span>
      <span>{scoreText(score)}</span>
    </span>
  );
}
