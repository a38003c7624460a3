import type { Score } from "../../api/types.ts";
import { formatAbsolute, formatLocal } from "../../model/format.ts";
import { scoreText } from "../../model/score.ts";
import styles from "./detail-pane.module.css";

export function ScoresTab({ scores }: { scores: readonly Score[] }) {
  if (scores.length === 0) {
    return (
      <p className={styles["muted"]}>No score for this observation. Scores of the whole trace are in its header.</p>
    );
  }
  return (
    <table className={styles["table"]}>
      <thead>
        <tr>
          <th scope="col">Score</th>
          <th scope="col">Value</th>
          <th scope="col">Source</th>
          <th scope="col">Comment</th>
          <th scope="col" className={styles["number"]}>
            Given
          </th>
        </tr>
      </thead>
      <tbody>
        {scores.map((score) => (
          <tr key={score.id}>
            <td>{score.name}</td>
            <td>{scoreText(score)}</td>
            <td>{score.source.toLowerCase()}</td>
            <td>{score.comment ?? "–"}</td>
            <td className={styles["number"]} title={formatAbsolute(score.timestamp)}>
              {formatLocal(score.timestamp).slice(0, 16)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
