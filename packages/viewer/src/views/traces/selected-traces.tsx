import { useLocation } from "wouter";
import type { TraceSummary } from "../../api/types.ts";
import { useCommands } from "../../commands/use-commands.ts";
import { comparePath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { Icon } from "../../ui/icons.tsx";

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
  useCommands("Selected traces", [
    { id: "compare", label: "Compare two traces", keys: ["c"], isEnabled: canCompare, run: compare },
  ]);
  return (
    <button
      type="button"
      className={buttons["primary"]}
      title={canCompare ? "Compare (c)" : "Two traces are compared: select two"}
      disabled={!canCompare}
      onClick={compare}
    >
      <Icon name="compare" size={14} /> Compare
    </button>
  );
}
