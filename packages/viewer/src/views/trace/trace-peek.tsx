import { useTrace } from "../../api/use-trace.ts";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { LoadingPage } from "../../ui/loading.tsx";
import { TraceWorkspace } from "./trace-workspace.tsx";

interface TracePeekProps {
  project: string;
  traceId: string;
  onClose: () => void;
}

/** A trace beside the list it is in. */
export function TracePeek({ project, traceId, onClose }: TracePeekProps) {
  const query = useTrace(traceId);
  if (query.data !== undefined) {
    return <TraceWorkspace project={project} trace={query.data} onClose={onClose} onEscape={onClose} />;
  }
  if (query.error === null) return <LoadingPage label="Reading the trace" />;
  return <ErrorNotice error={query.error} what="The trace" level={2} onRetry={() => void query.refetch()} />;
}
