import { useEffect } from "react";
import { Link, useLocation } from "wouter";
import { fetchTraces } from "../../api/client.ts";
import { isNotFound } from "../../api/http.ts";
import { useTrace } from "../../api/use-trace.ts";
import { useCommands } from "../../commands/use-commands.ts";
import type { PageProps } from "../../pages.tsx";
import { tracePath, tracesPath } from "../../routes.ts";
import buttons from "../../ui/button.module.css";
import { ErrorNotice } from "../../ui/error-notice.tsx";
import { LoadingTrace } from "../../ui/loading.tsx";
import { Notice } from "../../ui/notice.tsx";
import { warmUpWorker } from "../../workers/client.ts";
import { TraceWorkspace } from "./trace-workspace.tsx";

// This chunk is only loaded to show a trace, which comes through the worker: both start at once.
warmUpWorker();

export function TracePage({ project, params }: PageProps) {
  const traceId = params["traceId"] ?? "";
  // What one looks at in a trace is of that trace alone.
  return <TracePageOf key={traceId} project={project} traceId={traceId} />;
}

function TracePageOf({ project, traceId }: { project: string; traceId: string }) {
  const query = useTrace(traceId);
  const [, navigate] = useLocation();
  const name = query.data?.head.trace.name;
  const startTime = query.data?.head.trace.startTime;
  useEffect(() => {
    document.title = `${name ?? "Trace"} · Spanwise`;
  }, [name]);
  const back = (): void => navigate(tracesPath(project));
  const goTo = async (step: "older" | "newer"): Promise<void> => {
    if (startTime === undefined) return;
    const { data } = await fetchTraces({
      project,
      limit: 2,
      ...(step === "older" ? { to: startTime, sort: "-start" } : { from: startTime, sort: "start" }),
    });
    const next = data.find((trace) => trace.traceId !== traceId);
    if (next !== undefined) navigate(tracePath(project, next.traceId));
  };
  const step = (to: "older" | "newer"): void =>
    void goTo(to).catch(() => {
      // The server is away: one stays where one is.
    });
  useCommands("Traces", [
    { id: "older", label: "Next older trace", keys: ["J"], run: () => step("older") },
    { id: "newer", label: "Next newer trace", keys: ["K"], run: () => step("newer") },
    { id: "back", label: "Back to the list", keys: ["Escape"], isKeyOnly: true, run: back },
  ]);

  if (query.data !== undefined) {
    return <TraceWorkspace project={project} trace={query.data} onClose={null} onEscape={back} />;
  }
  if (query.error === null) return <LoadingTrace />;
  if (isNotFound(query.error)) {
    return (
      <Notice
        title="This trace is not here (yet)"
        actions={
          <Link href={tracesPath(project)} className={buttons["text"]}>
            Go to traces
          </Link>
        }
      >
        <p>
          Nothing with the id <code>{traceId}</code> has arrived. A trace is sent a moment after it happened: this page
          keeps looking for a few seconds, and opens it when it comes.
        </p>
      </Notice>
    );
  }
  return <ErrorNotice error={query.error} what="The trace" onRetry={() => void query.refetch()} />;
}
