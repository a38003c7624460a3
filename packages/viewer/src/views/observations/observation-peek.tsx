import { useEffect } from "react";
import { useSearchParams } from "wouter";
import { withParameter } from "../../ui/url.ts";
import { useEvent } from "../../ui/use-event.ts";
import { TracePeek } from "../trace/trace-peek.tsx";

interface ObservationPeekProps {
  project: string;
  /** `traceId.observationId` */
  rowId: string;
  onClose: () => void;
}

/** The observation in its trace, beside the list it was found in. */
export function ObservationPeek({ project, rowId, onClose }: ObservationPeekProps) {
  const [traceId = "", observationId = ""] = rowId.split(".");
  const [params, setParams] = useSearchParams();
  const isSelected = params.get("o") !== null;
  const select = useEvent((id: string | null): void =>
    setParams((previous) => withParameter(previous, "o", id), { replace: true }),
  );
  // The trace's views read their selection from the address. What the last row left there goes with it.
  useEffect(() => {
    select(observationId);
    return () => select(null);
  }, [select, observationId]);
  return isSelected ? <TracePeek key={rowId} project={project} traceId={traceId} onClose={onClose} /> : null;
}
