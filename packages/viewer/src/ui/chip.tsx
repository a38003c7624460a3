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

export function ScoreChip({ score }: { score: Score }) {
  const tone = score.dataType !== "BOOLEAN" ? "" : score.value === 1 ? styles["good"] : styles["bad"];
  return (
    <span className={`${styles["chip"]} ${tone}`} title={score.comment ?? `${score.name} (${score.source})`}>
      <span className={styles["label"]}>{score.name}</span>
      <span>{scoreText(score)}</span>
    </span>
  );
}
