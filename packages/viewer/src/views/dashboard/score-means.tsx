import { Link } from "wouter";
import type { MetricValues } from "../../api/types.ts";
import { formatExact } from "../../model/format.ts";
import { lowScoreQuery } from "../../model/low-scores.ts";
import { tracesPath } from "../../routes.ts";
import styles from "./dashboard.module.css";

/** The mean of each score, and the way to the outputs below it. */
export function ScoreMeans({
  project,
  values: { scores, scoreNameCount },
  range,
}: {
  project: string;
  values: Pick<MetricValues, "scores" | "scoreNameCount">;
  range: string;
}) {
  const names = Object.keys(scores).toSorted();
  const hidden = scoreNameCount - names.length;
  if (names.length === 0) return null;
  return (
    <section className={styles["card"]} aria-label="Scores">
      <h2>Scores</h2>
      <ul className={styles["scores"]}>
        {names.map((name) => {
          const { count, mean } = scores[name] ?? { count: 0, mean: 0 };
          const shown = Number(mean.toPrecision(3));
          return (
            <li key={name}>
              <Link
                href={tracesPath(project, { q: lowScoreQuery(name, shown), range })}
                title={`Traces with ${name} below ${shown}`}
              >
                <span>{name}</span>
                <strong>{shown}</strong>
                <small>mean of {formatExact(count)}</small>
              </Link>
            </li>
          );
        })}
        {hidden > 0 && <li>and {formatExact(hidden)} more, given less often</li>}
      </ul>
    </section>
  );
}
