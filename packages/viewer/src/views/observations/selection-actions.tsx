import { useState } from "react";
import { useLocation } from "wouter";
import type { ObservationListRow } from "../../api/types.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { comparePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";
import { AddToDataset } from "../datasets/add-to-dataset.tsx";
import { ScoreDialog } from "../trace/score-dialog.tsx";

interface SelectionActionsProps {
  project: string;
  rows: readonly ObservationListRow[];
}

/** What is done with the observations that are checked, by button and by key. */
export function SelectionActions({ project, rows }: SelectionActionsProps) {
  const [dialog, setDialog] = useState<"dataset" | "score" | null>(null);
  const [, navigate] = useLocation();
  const [first] = rows;
  const traces = [...new Set(rows.map((row) => row.traceId))];
  const [a, b] = traces;
  const canScore = rows.length === 1;
  const canCompare = traces.length === 2;
  const compare = (): void => {
    if (a !== undefined && b !== undefined) navigate(comparePath(project, a, b));
  };
  useCommands("Selected observations", [
    { id: "dataset", label: "Add to a dataset", keys: ["d"], run: () => setDialog("dataset") },
    { id: "score", label: "Score", keys: ["s"], isEnabled: canScore, run: () => setDialog("score") },
    { id: "compare", label: "Compare both traces", keys: ["c"], isEnabled: canCompare, run: compare },
  ]);
  return (
    <>
      <button
        type="button"
        className={buttons["primary"]}
        title="Add to a dataset (d)"
        onClick={() => setDialog("dataset")}
      >
        <Icon name="database" size={14} /> Add to dataset
      </button>
      {canScore && (
        <button type="button" className={buttons["text"]} title="Score (s)" onClick={() => setDialog("score")}>
          <Icon name="star" size={14} /> Score
        </button>
      )}
      {canCompare && (
        <button type="button" className={buttons["text"]} title="Compare both traces (c)" onClick={compare}>
          <Icon name="compare" size={14} /> Compare
        </button>
      )}
      {dialog === "dataset" && (
        <AddToDataset
          observations={rows.map(({ traceId, id }) => ({ traceId, observationId: id }))}
          onClose={() => setDialog(null)}
        />
      )}
      {dialog === "score" && first !== undefined && (
        <ScoreDialog
          traceId={first.traceId}
          observationId={first.id}
          subject={first.name || first.type}
          onClose={() => setDialog(null)}
        />
      )}
    </>
  );
}
