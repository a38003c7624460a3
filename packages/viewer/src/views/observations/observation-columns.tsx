import type { ObservationListRow } from "../../api/types.ts";
import { readablePreview } from "../../model/preview.ts";
import { clauseText } from "../../query/clauses.ts";
import { observationsPath, sessionPath, tracePath } from "../../routes.ts";
import { Muted, OpenLink, RelativeTime } from "../../table/cells.tsx";
import { type Column, column } from "../../table/columns.ts";
import { ScoreChips } from "../../ui/chip.tsx";
import {
  FirstToken,
  ObservationCost,
  ObservationDuration,
  ObservationName,
  ObservationTokens,
} from "./observation-cells.tsx";
import styles from "../traces/trace-columns.module.css";

/** All columns of the observation list, in their order. */
export function observationColumns(project: string): Column<ObservationListRow>[] {
  return [
    column({
      id: "observation",
      label: "Observation",
      width: 220,
      grow: 2.4,
      priority: Number.POSITIVE_INFINITY,
      isFixed: true,
      sort: "name",
      cell: (row) => <ObservationName row={row} />,
    }),
    column({
      id: "start",
      label: "Started",
      width: 72,
      priority: 7,
      sort: "start",
      cell: ({ startTime }, { nowMs }) => <RelativeTime timeMs={startTime} nowMs={nowMs} />,
    }),
    column({
      id: "duration",
      label: "Duration",
      width: 78,
      align: "end",
      priority: 10,
      sort: "duration",
      cell: (row) => <ObservationDuration row={row} />,
    }),
    column({
      id: "firstToken",
      label: "First token",
      width: 82,
      align: "end",
      priority: 4,
      sort: "firstToken",
      cell: (row) => <FirstToken row={row} />,
    }),
    column({
      id: "tokens",
      label: "Tokens",
      width: 104,
      align: "end",
      priority: 6,
      sort: "tokens",
      cell: (row) => <ObservationTokens row={row} />,
    }),
    column({
      id: "cost",
      label: "Cost",
      width: 80,
      align: "end",
      priority: 9,
      sort: "cost",
      cell: (row) => <ObservationCost row={row} />,
    }),
    column({
      id: "model",
      label: "Model",
      width: 140,
      grow: 0.5,
      priority: 5,
      cell: ({ model }) => (
        <span className={styles["model"]} title={model ?? ""}>
          {model}
        </span>
      ),
    }),
    column({
      id: "trace",
      label: "Trace",
      width: 130,
      grow: 0.6,
      priority: 3,
      cell: ({ traceId, traceName }) => (
        <OpenLink href={tracePath(project, traceId)}>{traceName || "unnamed trace"}</OpenLink>
      ),
    }),
    column({
      id: "scores",
      label: "Scores",
      width: 130,
      priority: 2,
      cell: ({ scores, scoreCount }) => (
        <div className={styles["chips"]}>
          <ScoreChips scores={scores} count={scoreCount} max={3} />
        </div>
      ),
    }),
    column({
      id: "output",
      label: "Output",
      width: 200,
      grow: 1.4,
      priority: 2,
      isDefault: false,
      cell: ({ outputPreview }) => <Muted title={outputPreview ?? ""}>{readablePreview(outputPreview) ?? "–"}</Muted>,
    }),
    column({ id: "provider", label: "Provider", width: 90, isDefault: false, cell: ({ provider }) => provider ?? "–" }),
    column({
      id: "user",
      label: "User",
      width: 120,
      isDefault: false,
      cell: ({ userId }) =>
        userId === null ? (
          <Muted>–</Muted>
        ) : (
          <OpenLink href={observationsPath(project, { q: clauseText("user", [userId]) })}>{userId}</OpenLink>
        ),
    }),
    column({
      id: "session",
      label: "Session",
      width: 120,
      isDefault: false,
      cell: ({ sessionId }) =>
        sessionId === null ? <Muted>–</Muted> : <OpenLink href={sessionPath(project, sessionId)}>{sessionId}</OpenLink>,
    }),
    column({
      id: "environment",
      label: "Environment",
      width: 100,
      isDefault: false,
      cell: ({ environment }) => environment,
    }),
    column({ id: "level", label: "Level", width: 80, isDefault: false, cell: ({ level }) => level.toLowerCase() }),
    column({ id: "id", label: "Id", width: 150, isDefault: false, cell: ({ id }) => <Muted>{id}</Muted> }),
  ];
}
