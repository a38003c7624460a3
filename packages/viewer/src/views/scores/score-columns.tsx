import type { ScoreListRow } from "../../api/types.ts";
import { readablePreview } from "../../model/preview.ts";
import { scoreText } from "../../model/score.ts";
import { datasetsPath, scoresPath, sessionPath, tracePath } from "../../routes.ts";
import { Muted, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { RowTitle } from "../../table/row-parts.tsx";
import { Icon } from "../../ui/icons.tsx";
import buttons from "../../ui/button.module.css";
import styles from "./scores.module.css";

/** Where one sees what was scored. */
export function scoreHref(project: string, score: ScoreListRow): string {
  if (score.traceId !== null) return tracePath(project, score.traceId, score.observationId);
  if (score.sessionId !== null) return sessionPath(project, score.sessionId);
  return score.datasetRunId === null ? scoresPath(project) : datasetsPath(project);
}

export function scoreColumns(project: string, onDelete: (score: ScoreListRow) => void): Column<ScoreListRow>[] {
  return [
    column({
      id: "score",
      label: "Score",
      width: 130,
      grow: 0.7,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      cell: (score) => (
        <RowTitle href={scoreHref(project, score)} title={score.name} detail={score.source.toLowerCase()} />
      ),
    }),
    column({
      id: "value",
      label: "Value",
      width: 92,
      priority: 10,
      cell: (score) => <ScoreValue score={score} />,
    }),
    column({
      id: "given",
      label: "Given",
      width: 72,
      priority: 8,
      cell: ({ timestamp }, { nowMs }) => <RelativeTime timeMs={timestamp} nowMs={nowMs} />,
    }),
    column({
      id: "about",
      label: "About",
      width: 150,
      grow: 0.8,
      priority: 7,
      cell: ({ traceName, observationName, sessionId }) => (
        <span className={styles["about"]}>{observationName ?? traceName ?? sessionId ?? "–"}</span>
      ),
    }),
    column({
      id: "output",
      label: "Output",
      width: 220,
      grow: 2,
      priority: 6,
      cell: ({ inputPreview, outputPreview }) => (
        <div className={styles["texts"]}>
          <span>{readablePreview(outputPreview) ?? "–"}</span>
          <Muted>{readablePreview(inputPreview) ?? ""}</Muted>
        </div>
      ),
    }),
    column({
      id: "comment",
      label: "Comment",
      width: 140,
      grow: 1,
      priority: 5,
      cell: ({ comment }) => <Muted title={comment ?? ""}>{comment ?? "–"}</Muted>,
    }),
    column({
      id: "delete",
      label: "",
      width: 28,
      priority: 2,
      cell: (score) => (
        <button
          type="button"
          className={buttons["icon"]}
          title="Take the score back"
          aria-label={`Take the score ${score.name} back`}
          onClick={() => onDelete(score)}
        >
          <Icon name="close" size={13} />
        </button>
      ),
    }),
  ];
}

export function ScoreValue({ score }: { score: ScoreListRow }) {
  const tone = score.dataType !== "BOOLEAN" || score.value === null ? undefined : score.value === 1 ? "good" : "bad";
  return (
    <span className={styles["value"]} data-tone={tone} title={scoreText(score)}>
      {tone !== undefined && <Icon name={tone === "good" ? "thumbUp" : "thumbDown"} size={13} />}
      {scoreText(score)}
    </span>
  );
}
