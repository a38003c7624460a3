import { Fragment, useMemo, useState } from "react";
import type { Score } from "../../api/types.ts";
import { formatAbsolute, formatExact, formatLocal } from "../../model/format.ts";
import { scoreText } from "../../model/score.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { JsonTree } from "../../ui/json-tree.tsx";
import { Section } from "./detail-section.tsx";
import styles from "./detail-pane.module.css";

/** Rows of a table that are drawn at first, and more with each click: a trace may have ten thousand scores, each with metadata of its own. */
const SHOWN_AT_FIRST = 100;
const SHOWN_MORE = 500;

interface ScoresTabProps {
  /** Oldest first. */
  scores: readonly Score[];
  /** Those of the whole trace: they belong to no observation. */
  traceScores: readonly Score[];
  onScore: () => void;
}

export function ScoresTab({ scores, traceScores, onScore }: ScoresTabProps) {
  return (
    <div className={styles["sections"]}>
      <button type="button" className={`${buttons["text"]} ${styles["give"]}`} onClick={onScore}>
        <Icon name="star" size={13} />
        Give a score
        <kbd>s</kbd>
      </button>
      <Section title="This observation">
        {scores.length === 0 ? (
          <p className={styles["muted"]}>No score was given to this observation.</p>
        ) : (
          <ScoreTable scores={scores} />
        )}
      </Section>
      <Section title="The whole trace">
        {traceScores.length === 0 ? (
          <p className={styles["muted"]}>No score was given to the trace.</p>
        ) : (
          <ScoreTable scores={traceScores} />
        )}
      </Section>
    </div>
  );
}

/** The newest first. */
function ScoreTable({ scores }: { scores: readonly Score[] }) {
  const [limit, setLimit] = useState(SHOWN_AT_FIRST);
  const shown = useMemo(() => scores.slice(-limit).toReversed(), [scores, limit]);
  const left = scores.length - shown.length;
  return (
    <>
      <ScoreRows scores={shown} />
      {left > 0 && (
        <p className={styles["muted"]}>
          {formatExact(shown.length)} of {formatExact(scores.length)}, the newest{" "}
          <button type="button" className={buttons["text"]} onClick={() => setLimit(limit + SHOWN_MORE)}>
            Show {formatExact(Math.min(left, SHOWN_MORE))} more
          </button>
        </p>
      )}
    </>
  );
}

function ScoreRows({ scores }: { scores: readonly Score[] }) {
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
        {scores.map((score) => {
          const hasMetadata = score.metadata !== null && Object.keys(score.metadata).length > 0;
          return (
            <Fragment key={score.id}>
              <tr data-joined={hasMetadata || undefined}>
                <td>{score.name}</td>
                <td>{scoreText(score)}</td>
                <td>{score.source.toLowerCase()}</td>
                <td>{score.comment ?? "–"}</td>
                <td className={styles["number"]} title={formatAbsolute(score.timestamp)}>
                  {formatLocal(score.timestamp).slice(0, 16)}
                </td>
              </tr>
              {hasMetadata && (
                <tr>
                  <td colSpan={5}>
                    <JsonTree value={score.metadata} label={`metadata of the score ${score.name}`} />
                  </td>
                </tr>
              )}
            </Fragment>
          );
        })}
      </tbody>
    </table>
  );
}
