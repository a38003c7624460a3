import { lazy, Suspense, useState } from "react";
import { useLocation } from "wouter";
import { fetchRoots } from "../../api/use-dataset-run.ts";
import type { TraceSummary } from "../../api/types.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { comparePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";

// The list does not wait for a dialog.
const AddToDataset = lazy(async () => ({
  default: (await import("../datasets/add-to-dataset.tsx")).AddToDataset,
}));

interface SelectedTracesProps {
  project: string;
  traces: readonly TraceSummary[];
}

/** What is done with the traces that are checked, by button and by key. */
export function SelectedTraces({ project, traces }: SelectedTracesProps) {
  const [, navigate] = useLocation();
  // The comparison is of the one before with the one after, however the list is sorted.
  const [before, after, ...others] = traces.toSorted((a, b) => a.startTime - b.startTime);
  const canCompare = before !== undefined && after !== undefined && others.length === 0;
  const compare = (): void => {
    if (canCompare) navigate(comparePath(project, before.traceId, after.traceId));
  };
  const [roots, setRoots] = useState<{ traceId: string; observationId: string }[] | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const add = (): void => {
    const traceIds = traces.map(({ traceId }) => traceId);
    fetchRoots(project, traceIds).then(setRoots, (error: Error) => setProblem(error.message));
  };
  useCommands("Selected traces", [
    { id: "dataset", label: "Add to a dataset", keys: ["d"], run: add },
    { id: "compare", label: "Compare two traces", keys: ["c"], isEnabled: canCompare, run: compare },
  ]);
  return (
    <>
      <button type="button" className={buttons["primary"]} title="Add to a dataset (d)" onClick={add}>
        <Icon name="database" size={14} /> Add to dataset
      </button>
      <button
        type="button"
        className={buttons["text"]}
        title={canCompare ? "Compare (c)" : "Two traces are compared: select two"}
        disabled={!canCompare}
        onClick={compare}
      >
        <Icon name="compare" size={14} /> Compare
      </button>
      {problem !== null && <span role="alert">{problem}</span>}
      {roots !== null && (
        <Suspense>
          <AddToDataset observations={roots} onClose={() => setRoots(null)} />
        </Suspense>
      )}
    </>
  );
}
